#include "remote_model/access.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "remote_model/headers.h"
#include "remote_model/key.h"
#include "remote_model/url.h"

namespace remote_model {
namespace {

base::Status check_proxy(const RemoteSpec& spec) {
  if (spec.proxy.empty()) return {};
  // curl takes `host:port` too. What was written may hold a password: it isn't repeated.
  const bool has_scheme = spec.proxy.find("://") != std::string::npos;
  const auto url = parse_url(has_scheme ? spec.proxy : "http://" + spec.proxy);
  constexpr std::string_view kSchemes[] = {"http", "https", "socks4", "socks4a", "socks5", "socks5h"};
  if (!url || std::find(std::begin(kSchemes), std::end(kSchemes), url->scheme) == std::end(kSchemes))
    return base::bad_input(fmt::format(
        "model {}: proxy is not a URL like http://proxy.example:3128 or socks5h://localhost:1080", spec.id));
  return {};
}

// What is called behind `base_url`. People paste the whole address: then it is taken off.
std::string_view take_call(const RemoteSpec& spec, std::string& base_url) {
  const auto take_off = [&base_url](std::string_view call) {
    if (!base_url.ends_with(call)) return false;
    base_url.resize(base_url.size() - call.size());
    return true;
  };
  std::string_view call = spec.completions ? "/completions" : "/chat/completions";
  if (spec.purpose == model::Purpose::embed) call = "/embeddings";
  if (spec.purpose == model::Purpose::rank) {
    for (const std::string_view known : {"/rerank", "/reranks"})
      if (take_off(known)) return known;
    // DashScope has it at another place than all the rest.
    constexpr std::string_view kMode = "/compatible-mode/v1";
    if (spec.identity.provider != "dashscope") return "/rerank";
    if (take_off(kMode)) base_url += "/compatible-api/v1";
    return "/reranks";
  }
  take_off(call);
  return call;
}

}  // namespace

base::Result<Access> open_access(const RemoteSpec& spec) {
  const auto url = parse_url(spec.base_url);
  if (!url || (url->scheme != "http" && url->scheme != "https"))
    return base::bad_input(
        fmt::format("model {}: base_url is not an address like https://api.openai.com/v1", spec.id));
  if (url->has_extras)
    return base::bad_input(fmt::format(
        "model {}: base_url {} must have no user, password, `?` or `#` part; a key belongs in the "
        "variable that api_key_env names",
        spec.id, url->text));
  auto key = read_key(spec.id, spec.api_key_env);
  if (!key) return base::pass(key);
  if (url->scheme == "http" && !url->loopback && !key->empty())
    return base::bad_input(
        fmt::format("model {}: {} would carry the key of {} unencrypted over the network; "
                    "use https://, or no key",
                    spec.id, url->text, spec.api_key_env));
  if (spec.http == 2 && url->scheme == "http")
    return base::bad_input(
        fmt::format("model {}: HTTP/2 needs https://, and base_url is {}", spec.id, url->text));
  if (base::Status status = check_proxy(spec); !status) return base::pass(status);
  auto headers = read_headers(spec);
  if (!headers) return base::pass(headers);

  Access access;
  access.base_url = url->text;
  while (access.base_url.ends_with('/')) access.base_url.pop_back();
  const std::string_view call = take_call(spec, access.base_url);

  auto endpoint = std::make_shared<Endpoint>();
  endpoint->url = fmt::format("{}{}", access.base_url, call);
  endpoint->headers.emplace_back("Content-Type: application/json");
  if (!key->empty()) endpoint->headers.push_back("Authorization: Bearer " + *key);
  endpoint->headers.insert(endpoint->headers.end(), headers->lines.begin(), headers->lines.end());
  endpoint->proxy = spec.proxy;
  endpoint->ca_file = spec.ca_file;
  // The curl tool reads this variable, the library doesn't.
  if (const char* file = std::getenv("SSL_CERT_FILE"); endpoint->ca_file.empty() && file != nullptr)
    endpoint->ca_file = file;
  endpoint->http = spec.http;
  endpoint->hard_close = spec.availability != nullptr;
  access.secrets = std::move(headers->values);
  access.secrets.insert(access.secrets.begin(), std::move(*key));
  access.endpoint = std::move(endpoint);
  return access;
}

}  // namespace remote_model
