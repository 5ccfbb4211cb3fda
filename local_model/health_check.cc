#include "local_model/health_check.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <poll.h>
#include <simdjson.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <utility>

#include "base/file.h"

namespace local_model {
namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 20;
constexpr base::Milliseconds kConnectTime{2000};

std::size_t on_body(char* data, std::size_t size, std::size_t count, void* user) {
  auto& body = *static_cast<std::string*>(user);
  if (body.size() + size * count > kMostBytes) return 0;
  body.append(data, size * count);
  return size * count;
}

}  // namespace

struct HealthCheck::Impl {
  CURLM* multi = nullptr;
  CURL* easy = nullptr;
  std::vector<int> news;

  bool has_news() const {
    std::vector<pollfd> fds;
    for (const int fd : news) fds.push_back({fd, POLLIN, 0});
    return ::poll(fds.data(), fds.size(), 0) > 0;
  }
  CURLcode run(base::Milliseconds timeout);
};

/// CURLE_ABORTED_BY_CALLBACK when there was news.
CURLcode HealthCheck::Impl::run(base::Milliseconds timeout) {
  std::vector<curl_waitfd> beside;
  for (const int fd : news) beside.push_back({fd, CURL_WAIT_POLLIN, 0});
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(timeout.count()));
  curl_multi_add_handle(multi, easy);
  CURLcode result = CURLE_ABORTED_BY_CALLBACK;
  for (;;) {
    int running = 0;
    int messages = 0;
    curl_multi_perform(multi, &running);
    if (const CURLMsg* message = curl_multi_info_read(multi, &messages); message != nullptr) {
      result = message->data.result;
      break;
    }
    if (running == 0 || has_news()) break;
    curl_multi_poll(multi, beside.data(), static_cast<unsigned>(beside.size()), 1000, nullptr);
  }
  curl_multi_remove_handle(multi, easy);
  return result;
}

HealthCheck::HealthCheck(std::vector<int> news) : impl_(std::make_unique<Impl>()) {
  impl_->news = std::move(news);
  impl_->multi = curl_multi_init();
  impl_->easy = curl_easy_init();
}

HealthCheck::~HealthCheck() {
  curl_easy_cleanup(impl_->easy);
  curl_multi_cleanup(impl_->multi);
}

int HealthCheck::get(const std::string& url, base::Milliseconds timeout, std::string& body) {
  body.clear();
  CURL* easy = impl_->easy;
  curl_easy_reset(easy);
  curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_PROXY, "");
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(kConnectTime.count()));
  curl_easy_setopt(easy, CURLOPT_USERAGENT, "slotmill/0.1");
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &body);
  if (impl_->run(timeout) != CURLE_OK) return 0;
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  return static_cast<int>(status);
}

bool HealthCheck::taken(const std::string& url) {
  CURL* easy = impl_->easy;
  curl_easy_reset(easy);
  curl_easy_setopt(easy, CURLOPT_URL, ("http://" + host_and_port(url)).c_str());  // whatever it speaks
  curl_easy_setopt(easy, CURLOPT_PROXY, "");
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L);
  return impl_->run(kConnectTime) == CURLE_OK;
}

bool HealthCheck::pause(base::Milliseconds duration) {
  std::vector<pollfd> fds;
  for (const int fd : impl_->news) fds.push_back({fd, POLLIN, 0});
  return ::poll(fds.data(), fds.size(), static_cast<int>(duration.count())) == 0;
}

bool port_is_free(const std::string& url) {
  const std::string address = host_and_port(url);
  const int port = std::atoi(address.c_str() + address.rfind(':') + 1);
  const base::Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in any{};
  any.sin_family = AF_INET;
  any.sin_port = htons(static_cast<std::uint16_t>(port));
  return ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&any), sizeof any) == 0 ||
         errno != EADDRINUSE;
}

std::vector<std::string> model_names(std::string_view json) {
  std::vector<std::string> names;
  simdjson::dom::parser parser;
  simdjson::dom::array models;
  if (parser.parse(json.data(), json.size())["data"].get(models) != simdjson::SUCCESS) return names;
  for (const simdjson::dom::element one : models) {
    std::string_view name;
    if (one["id"].get(name) == simdjson::SUCCESS) names.emplace_back(name);
  }
  return names;
}

std::string host_and_port(std::string_view url) {
  const std::size_t scheme = url.find("://");
  const bool tls = url.starts_with("https");
  if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  std::string host(url.substr(0, url.find('/')));
  if (host.find(':', host.rfind(']') == std::string::npos ? 0 : host.rfind(']')) == std::string::npos)
    host += tls ? ":443" : ":80";
  return host;
}

}  // namespace local_model
