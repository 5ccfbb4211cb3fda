#include "remote_model/transfer.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <string_view>
#include <utility>

#include "remote_model/url.h"

namespace remote_model {
namespace {

using Failure = HttpResponse::Failure;

constexpr long kConnectTimeoutMs = 30000;
// Longer than curl's 60 s: an expired name costs one resolver thread per new connection.
constexpr long kDnsCacheSeconds = 600;
constexpr long kKeepIdleSeconds = 60;
// curl's 16 KiB for each transfer would be half of what a request in flight takes; replies are mostly
// smaller.
constexpr long kBufferBytes = 4096;
// Longer waits than a day are nonsense, and must not overflow.
constexpr long long kMostMs = 24LL * 3600 * 1000;
// Some servers say that nothing is left, and not until when.
constexpr base::Milliseconds kUnsaidReset{1000};

Failure failure_of(CURLcode code) {
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return Failure::timeout;
    case CURLE_COULDNT_CONNECT:
      return Failure::connect;
    case CURLE_COULDNT_RESOLVE_HOST:
      return Failure::resolve;
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_PROXY:
      return Failure::proxy;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_ENGINE_NOTFOUND:
    case CURLE_SSL_ENGINE_SETFAILED:
    case CURLE_SSL_CIPHER:
      return Failure::tls;
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CRL_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
      return Failure::certificate;
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
      return Failure::reset;
    case CURLE_FILESIZE_EXCEEDED:
      return Failure::too_large;
    case CURLE_ABORTED_BY_CALLBACK:
      return Failure::aborted;
    default:
      return Failure::other;
  }
}

std::size_t on_body(char* data, std::size_t size, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  const std::size_t bytes = size * count;
  if (transfer.response.body.size() + bytes > transfer.most_bytes) {
    transfer.too_large = true;
    return 0;
  }
  transfer.response.body.append(data, bytes);
  return bytes;
}

int close_hard(void*, curl_socket_t fd, curlsocktype) {
  const linger hard{1, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  return CURL_SOCKOPT_OK;
}

/// curl_easy_setopt's result only reports options unknown to this curl or lack of memory; the transfer
/// then fails on its own.
template <class T>
void set(CURL* easy, CURLoption option, T value) {
  curl_easy_setopt(easy, option, value);
}

void set_constant_options(Transfer& transfer) {
  CURL* easy = transfer.easy;
  set(easy, CURLOPT_PRIVATE, &transfer);
  set(easy, CURLOPT_ERRORBUFFER, transfer.error.data());
  set(easy, CURLOPT_WRITEFUNCTION, &on_body);
  set(easy, CURLOPT_WRITEDATA, &transfer);
  set(easy, CURLOPT_BUFFERSIZE, kBufferBytes);
  set(easy, CURLOPT_NOSIGNAL, 1L);
  set(easy, CURLOPT_QUICK_EXIT, 1L);  // don't wait for a slow resolver when stopping
  set(easy, CURLOPT_TCP_NODELAY, 1L);
  set(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  set(easy, CURLOPT_TCP_KEEPIDLE, kKeepIdleSeconds);
  set(easy, CURLOPT_ACCEPT_ENCODING, "");  // all that this curl can inflate
  set(easy, CURLOPT_FOLLOWLOCATION, 0L);
  set(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  set(easy, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  set(easy, CURLOPT_CONNECTTIMEOUT_MS, kConnectTimeoutMs);
  set(easy, CURLOPT_DNS_CACHE_TIMEOUT, kDnsCacheSeconds);
  set(easy, CURLOPT_USERAGENT, "slotmill/0.1");
}

void set_endpoint(Transfer& transfer, std::shared_ptr<const Endpoint> endpoint) {
  CURL* easy = transfer.easy;
  curl_slist_free_all(transfer.headers);
  // Without "Expect:" curl waits up to a second for 100 Continue before it sends a large body.
  transfer.headers = curl_slist_append(nullptr, "Expect:");
  for (const std::string& header : endpoint->headers)
    transfer.headers = curl_slist_append(transfer.headers, header.c_str());
  set(easy, CURLOPT_HTTPHEADER, transfer.headers);
  set(easy, CURLOPT_URL, endpoint->url.c_str());
  const auto url = parse_url(endpoint->url);
  if (!endpoint->proxy.empty()) {
    set(easy, CURLOPT_PROXY, endpoint->proxy.c_str());
    set(easy, CURLOPT_NOPROXY, "");  // what the job says wins over no_proxy
  } else {
    set(easy, CURLOPT_PROXY, static_cast<const char*>(nullptr));
    set(easy, CURLOPT_NOPROXY, url && url->loopback ? "*" : static_cast<const char*>(nullptr));
  }
  if (!endpoint->ca_file.empty()) {
    set(easy, CURLOPT_CAINFO, endpoint->ca_file.c_str());
    set(easy, CURLOPT_PROXY_CAINFO, endpoint->ca_file.c_str());
  } else if (transfer.endpoint && !transfer.endpoint->ca_file.empty()) {
    const char* system = curl_version_info(CURLVERSION_NOW)->cainfo;
    set(easy, CURLOPT_CAINFO, system);
    set(easy, CURLOPT_PROXY_CAINFO, system);
  }
  set(easy, CURLOPT_FORBID_REUSE, endpoint->hard_close ? 1L : 0L);
  set(easy, CURLOPT_SOCKOPTFUNCTION, endpoint->hard_close ? &close_hard : curl_sockopt_callback{});
  const bool http2 = endpoint->http == 2;
  set(easy, CURLOPT_HTTP_VERSION, static_cast<long>(http2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1));
  set(easy, CURLOPT_PIPEWAIT, http2 ? 1L : 0L);
  transfer.endpoint = std::move(endpoint);
}

void set_body(Transfer& transfer) {
  CURL* easy = transfer.easy;
  if (transfer.body.empty()) {
    set(easy, CURLOPT_HTTPGET, 1L);
    return;
  }
  set(easy, CURLOPT_POST, 1L);
  set(easy, CURLOPT_POSTFIELDS, transfer.body.data());
  set(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(transfer.body.size()));
}

const char* header(CURL* easy, const char* name) {
  curl_header* found = nullptr;
  return curl_easy_header(easy, name, 0, CURLH_HEADER, -1, &found) == CURLHE_OK ? found->value : nullptr;
}

base::Milliseconds retry_after(CURL* easy) {
  if (const char* text = header(easy, "retry-after-ms")) {
    char* end = nullptr;
    const double ms = std::strtod(text, &end);
    if (end != text && ms > 0)
      return base::Milliseconds(static_cast<long long>(std::min<double>(ms, static_cast<double>(kMostMs))));
  }
  curl_off_t seconds = 0;
  curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &seconds);
  if (seconds <= 0) return base::Milliseconds(0);
  return base::Milliseconds(std::min<long long>(seconds, kMostMs / 1000) * 1000);
}

/// x-ratelimit-remaining-KIND and -reset-KIND, where the first is 0.
base::Milliseconds spent_for(CURL* easy, const char* remaining, const char* reset) {
  const char* left = header(easy, remaining);
  if (left == nullptr || std::string_view(left) != "0") return base::Milliseconds(0);
  const char* until = header(easy, reset);
  return until == nullptr ? kUnsaidReset : read_reset(until);
}

}  // namespace

base::Milliseconds read_reset(const char* text) {
  constexpr std::pair<std::string_view, double> kUnits[] = {
      {"ms", 1}, {"s", 1e3}, {"m", 6e4}, {"h", 3.6e6}, {"", 1e3}};
  double total = 0;
  while (*text != '\0') {
    char* end = nullptr;
    const double number = std::strtod(text, &end);
    const std::string_view unit(end, std::strspn(end, "hms"));
    const auto* known =
        std::find_if(std::begin(kUnits), std::end(kUnits), [&](const auto& u) { return u.first == unit; });
    if (end == text || !(number >= 0) || known == std::end(kUnits)) return base::Milliseconds(0);
    total += number * known->second;
    text = end + unit.size();
  }
  return base::Milliseconds(static_cast<long long>(std::min(total, static_cast<double>(kMostMs))));
}

std::unique_ptr<Transfer> Transfer::make() {
  auto transfer = std::make_unique<Transfer>();
  transfer->easy = curl_easy_init();
  if (transfer->easy == nullptr) return nullptr;
  set_constant_options(*transfer);
  return transfer;
}

Transfer::~Transfer() {
  curl_easy_cleanup(easy);
  curl_slist_free_all(headers);
}

void Transfer::prepare(HttpRequest request, Transport::Callback callback) {
  body = std::move(request.body);
  done = std::move(callback);
  too_large = false;
  error[0] = '\0';
  if (endpoint != request.endpoint) set_endpoint(*this, std::move(request.endpoint));
  set_body(*this);
  most_bytes = request.most_bytes;
  set(easy, CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(most_bytes));
  set(easy, CURLOPT_TIMEOUT_MS,
      static_cast<long>(std::max<base::Milliseconds::rep>(1, request.timeout.count())));
}

HttpResponse Transfer::take_response(CURLcode code) {
  HttpResponse answer = std::exchange(response, {});
  curl_off_t micros = 0;
  curl_easy_getinfo(easy, CURLINFO_TOTAL_TIME_T, &micros);
  answer.elapsed = base::Milliseconds(micros / 1000);
  curl_off_t uploaded = 0;
  curl_easy_getinfo(easy, CURLINFO_SIZE_UPLOAD_T, &uploaded);
  answer.was_sent = uploaded > 0;
  if (code != CURLE_OK) {
    answer.failure = too_large ? Failure::too_large : failure_of(code);
    answer.error = error[0] != '\0' ? error.data() : curl_easy_strerror(code);
    if (answer.failure == Failure::too_large)
      answer.error = fmt::format("the reply is larger than {} MiB", most_bytes >> 20);
    answer.body.clear();
    return answer;
  }
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  answer.status = static_cast<int>(status);
  answer.spent_for = std::max(spent_for(easy, "x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"),
                              spent_for(easy, "x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"));
  if (status == 200) return answer;
  answer.retry_after = retry_after(easy);
  const char* text = nullptr;
  if (curl_easy_getinfo(easy, CURLINFO_REDIRECT_URL, &text) == CURLE_OK && text != nullptr) {
    const std::string_view target(text);
    answer.location = target.substr(0, target.find_first_of("?#"));
  }
  return answer;
}

}  // namespace remote_model
