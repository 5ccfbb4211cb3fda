#include "remote_model/explanation.h"

#include <fmt/format.h>

#include <utility>

#include "remote_model/secrets.h"

namespace remote_model {
namespace {

using Failure = HttpResponse::Failure;

constexpr std::size_t kShortestSecret = 8;

const char* status_name(int status) {
  switch (status) {
    case 301:
      return " Moved Permanently";
    case 302:
      return " Found";
    case 307:
      return " Temporary Redirect";
    case 308:
      return " Permanent Redirect";
    case 400:
      return " Bad Request";
    case 401:
      return " Unauthorized";
    case 402:
      return " Payment Required";
    case 403:
      return " Forbidden";
    case 404:
      return " Not Found";
    case 405:
      return " Method Not Allowed";
    case 413:
      return " Content Too Large";
    case 422:
      return " Unprocessable Content";
    case 429:
      return " Too Many Requests";
    case 500:
      return " Internal Server Error";
    case 502:
      return " Bad Gateway";
    case 503:
      return " Service Unavailable";
    case 504:
      return " Gateway Timeout";
    default:
      return "";
  }
}

}  // namespace

std::string mask_key(std::string text, std::string_view key) {
  if (key.size() < kShortestSecret) return text;
  return mask_spellings(std::move(text), key);
}

std::string mask_secrets(std::string text, const std::vector<std::string>& secrets) {
  for (const std::string& secret : secrets) text = mask_key(std::move(text), secret);
  return text;
}

std::string explain(const HttpResponse& response, const ChatAnswer& answer,
                    const std::vector<std::string>& secrets) {
  if (response.status == 0) return clean_server_text(mask_secrets(response.error, secrets));
  std::string text = fmt::format("{}{}", response.status, status_name(response.status));
  if (response.status >= 300 && response.status < 400 && !response.location.empty())
    return text + ": moved to " + clean_server_text(mask_secrets(response.location, secrets));
  std::string said = mask_secrets(answer.message, secrets);
  if (!answer.code.empty() && answer.kind == ChatAnswer::Kind::error &&
      answer.code != fmt::format("{}", response.status))
    said += fmt::format(" [{}]", mask_secrets(answer.code, secrets));
  said = clean_server_text(said);
  return said.empty() ? text : text + ": " + said;
}

std::string way_out(const HttpResponse& response, Verdict verdict, std::string_view key_variable,
                    const Dialect& dialect) {
  constexpr const char* kAgain = "and run the same command again";
  if (verdict == Verdict::throttled) return "run the same command again later";
  if (response.status >= 300 && response.status < 400)
    return fmt::format("set base_url to the new address {}", kAgain);
  switch (response.status) {
    case 401:
    case 403:
      if (key_variable.empty())
        return fmt::format("name the variable that holds its key in api_key_env {}", kAgain);
      return fmt::format("set {} to a valid key{}{} {}", key_variable, dialect.key_advice.empty() ? "" : ", ",
                         dialect.key_advice, kAgain);
    case 404:
    case 405:
      return fmt::format("check model and base_url {}", kAgain);
    case 402:
    case 429:
      return fmt::format("check the account's balance and quota {}", kAgain);
    case 0:
      break;
    default:
      if (verdict == Verdict::retry) return "run the same command again when the server is well";
      if (verdict == Verdict::down) return fmt::format("check the account {}", kAgain);
      return fmt::format("check model, base_url and sampling {}", kAgain);
  }
  switch (response.failure) {
    case Failure::resolve:
      return fmt::format("check the host in base_url, and the network, {}", kAgain);
    case Failure::connect:
      return fmt::format("check that the server runs and base_url is right, {}", kAgain);
    case Failure::tls:
    case Failure::certificate:
      return fmt::format("check the server's certificate (ca: names the CA of a private server) {}", kAgain);
    case Failure::proxy:
      return fmt::format("check the proxy {}", kAgain);
    case Failure::timeout:
      return fmt::format("check the server, or raise timeout, {}", kAgain);
    default:
      return fmt::format("check the server {}", kAgain);
  }
}

}  // namespace remote_model
