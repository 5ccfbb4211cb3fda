#include "remote_model/trace.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "base/json_writer.h"
#include "remote_model/secrets.h"
#include "remote_model/transfer.h"
#include "remote_model/url.h"

namespace remote_model {
namespace {

using Secrets = std::vector<std::string>;

// Shorter ones are placeholders (`EMPTY`), and would be masked out of ordinary words.
constexpr std::size_t kShortestSecret = 8;

std::string masked(std::string text, const Secrets& secrets) {
  for (const std::string& secret : secrets)
    if (secret.size() >= kShortestSecret) text = mask_spellings(std::move(text), secret);
  return text;
}

const char* failure_name(HttpResponse::Failure failure) {
  using Failure = HttpResponse::Failure;
  switch (failure) {
    case Failure::none:
      return "";
    case Failure::timeout:
      return "timeout";
    case Failure::connect:
      return "connect";
    case Failure::resolve:
      return "resolve";
    case Failure::tls:
      return "tls";
    case Failure::certificate:
      return "certificate";
    case Failure::proxy:
      return "proxy";
    case Failure::reset:
      return "reset";
    case Failure::too_large:
      return "too_large";
    case Failure::aborted:
      return "aborted";
    case Failure::other:
      return "other";
  }
  return "";
}

double since_start(CURL* easy, CURLINFO what) {
  curl_off_t micros = 0;
  curl_easy_getinfo(easy, what, &micros);
  return static_cast<double>(micros) / 1000;
}

// Host and port of a proxy, without who uses it.
std::string address_of(const std::string& proxy) {
  const auto url = parse_url(proxy.find("://") == std::string::npos ? "http://" + proxy : proxy);
  return url ? url->text : "***";
}

void write_request_headers(base::JsonWriter& w, const Endpoint& endpoint) {
  w.key("headers").begin_array();
  for (const std::string& header : endpoint.headers) {
    const std::size_t colon = header.find(':');
    const std::string name = header.substr(0, colon);
    w.value(is_harmless_header(name) ? header : name + ": ***");
  }
  w.end_array();
}

void write_reply_headers(base::JsonWriter& w, CURL* easy, const Secrets& secrets) {
  w.key("headers").begin_array();
  for (curl_header* header = curl_easy_nextheader(easy, CURLH_HEADER, -1, nullptr); header != nullptr;
       header = curl_easy_nextheader(easy, CURLH_HEADER, -1, header)) {
    const std::string_view name = header->name;
    std::string value = header->value;
    if (::strcasecmp(header->name, "Set-Cookie") == 0) value = "***";
    // The query of an address may be a token.
    if (::strcasecmp(header->name, "Location") == 0)
      if (const std::size_t query = value.find_first_of("?#"); query != std::string::npos)
        value.replace(query + 1, std::string::npos, "***");
    w.value(masked(fmt::format("{}: {}", name, value), secrets));
  }
  w.end_array();
}

}  // namespace

base::Result<std::unique_ptr<Trace>> Trace::open(const base::Path& path) {
  std::unique_ptr<Trace> trace(new Trace);
  trace->path_ = path;
  trace->fd_ = base::Descriptor(
      ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0600));
  struct stat info {};
  if (!trace->fd_.valid() || ::fstat(trace->fd_.get(), &info) != 0) return base::errno_error("write", path);
  if (!S_ISREG(info.st_mode) || info.st_uid != ::geteuid())
    return base::bad_input(
        fmt::format("{} is not a regular file of yours; name another one for the trace", path.string()));
  if (::fchmod(trace->fd_.get(), 0600) != 0) return base::errno_error("close to others", path);
  return trace;
}

std::uint64_t Trace::request(const Transfer& transfer, base::Milliseconds timeout) {
  const Endpoint& endpoint = *transfer.endpoint;
  const Secrets secrets = secrets_of(endpoint);
  std::string line;
  base::JsonWriter w(line);
  w.begin_object().member("request", ++requests_).member("at", base::utc_timestamp());
  w.member("method", transfer.body.empty() ? "GET" : "POST").member("url", masked(endpoint.url, secrets));
  if (!endpoint.proxy.empty()) w.member("proxy", address_of(endpoint.proxy));
  w.member("timeout_ms", static_cast<std::int64_t>(timeout.count()));
  write_request_headers(w, endpoint);
  w.member("body", masked(transfer.body, secrets)).end_object();
  write(std::move(line));
  return requests_;
}

void Trace::reply(std::uint64_t number, const Transfer& transfer, const HttpResponse& response) {
  const Secrets secrets = secrets_of(*transfer.endpoint);
  CURL* easy = transfer.easy;
  std::string line;
  base::JsonWriter w(line);
  w.begin_object().member("reply", number).member("at", base::utc_timestamp());
  w.member("status", response.status);
  if (response.status == 0)
    w.member("failure", failure_name(response.failure)).member("error", masked(response.error, secrets));
  w.key("ms").begin_object().member("name", since_start(easy, CURLINFO_NAMELOOKUP_TIME_T));
  w.member("connect", since_start(easy, CURLINFO_CONNECT_TIME_T));
  w.member("tls", since_start(easy, CURLINFO_APPCONNECT_TIME_T));
  w.member("first_byte", since_start(easy, CURLINFO_STARTTRANSFER_TIME_T));
  w.member("total", since_start(easy, CURLINFO_TOTAL_TIME_T)).end_object();
  write_reply_headers(w, easy, secrets);
  w.member("body", masked(response.body, secrets)).end_object();
  write(std::move(line));
}

void Trace::write(std::string line) {
  line += '\n';
  const std::lock_guard lock(mutex_);
  if (!failure_.empty()) return;
  ssize_t written = -1;
  do written = ::write(fd_.get(), line.data(), line.size());
  while (written < 0 && errno == EINTR);
  if (written == static_cast<ssize_t>(line.size())) return;
  failure_ = fmt::format("the trace {} ends early: {}", path_.string(),
                         written < 0 ? std::strerror(errno) : "the disk is full");
}

std::string Trace::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

}  // namespace remote_model
