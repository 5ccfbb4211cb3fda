// What a starting server says of itself over HTTP: whether it answers, and which models it serves. GETs
// without keys, proxies or redirects, each with a time limit and given up as soon as a descriptor that is
// watched beside it has news (the server's death, the end of the run). One thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace local_model {

class HealthCheck {
 public:
  /// `news`: each wait ends as soon as one of these is readable.
  explicit HealthCheck(std::vector<int> news);
  ~HealthCheck();
  HealthCheck(const HealthCheck&) = delete;
  HealthCheck& operator=(const HealthCheck&) = delete;

  /// The status of GET `url`, and its body; 0 for no answer within `timeout` or before there was news.
  int get(const std::string& url, base::Milliseconds timeout, std::string& body);
  /// Whether somebody accepts connections where `url` points to.
  bool taken(const std::string& url);
  /// Waits for `duration`; false at once when there is news.
  bool pause(base::Milliseconds duration);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Whether a server without SO_REUSEADDR could listen on this machine's port that `url` names.
bool port_is_free(const std::string& url);

/// Whether an answer to the health address means ready. A server that asks for its key is.
constexpr bool is_ready(int status) { return status == 200 || status == 401 || status == 403; }

/// The ids of an OpenAI model list, `{"data": [{"id": "qwen"}]}`; empty for anything else.
std::vector<std::string> model_names(std::string_view json);

/// `127.0.0.1:8000` of `http://127.0.0.1:8000/v1`.
std::string host_and_port(std::string_view url);

}  // namespace local_model
