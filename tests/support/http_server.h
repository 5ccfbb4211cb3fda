// An HTTP server on this machine's loopback, in the test's own process: a function answers each request.
// For what the provider program (tests/provider) doesn't say or do.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace testing_support {

struct HttpExchange {
  std::string method;
  std::string path;
  std::string head;  // all lines of the head, as they came
  std::string body;
};

struct HttpAnswer {
  int status = 200;
  std::string body;
  std::string headers = "Content-Type: application/json\r\n";
  /// The connection is reset in the middle of the body.
  bool broken = false;
};

class HttpServer {
 public:
  /// `answer` is called by one thread at a time.
  explicit HttpServer(std::function<HttpAnswer(const HttpExchange&)> answer);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  std::string base_url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/v1"; }

 private:
  void accept_all();
  void serve(int fd);

  const std::function<HttpAnswer(const HttpExchange&)> answer_;
  std::mutex answer_mutex_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;
  std::vector<int> open_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

}  // namespace testing_support
