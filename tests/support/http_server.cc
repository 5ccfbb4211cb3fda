#include "tests/support/http_server.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <utility>

namespace testing_support {
namespace {

// Reads on until `in` holds `size` bytes; false at the end of the connection.
bool fill(int fd, std::size_t size, std::string& in) {
  char buffer[16384];
  while (in.size() < size) {
    const ssize_t got = ::recv(fd, buffer, sizeof buffer, 0);
    if (got <= 0) return false;
    in.append(buffer, static_cast<std::size_t>(got));
  }
  return true;
}

std::optional<HttpExchange> read_request(int fd, std::string& in) {
  std::size_t end = 0;
  while ((end = in.find("\r\n\r\n")) == std::string::npos)
    if (!fill(fd, in.size() + 1, in)) return std::nullopt;
  HttpExchange request;
  request.head = in.substr(0, end + 2);
  in.erase(0, end + 4);
  const std::size_t space = request.head.find(' ');
  request.method = request.head.substr(0, space);
  request.path = request.head.substr(space + 1, request.head.find(' ', space + 1) - space - 1);
  constexpr std::string_view kLength = "Content-Length: ";
  std::size_t length = 0;
  if (const std::size_t at = request.head.find(kLength); at != std::string::npos)
    length = std::strtoul(request.head.c_str() + at + kLength.size(), nullptr, 10);
  if (!fill(fd, length, in)) return std::nullopt;
  request.body = in.substr(0, length);
  in.erase(0, length);
  return request;
}

void send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

}  // namespace

HttpServer::HttpServer(std::function<HttpAnswer(const HttpExchange&)> answer)
    : answer_(std::move(answer)), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener_, 128) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    std::abort();
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept_all(); });
}

HttpServer::~HttpServer() {
  stopping_ = true;
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  {
    const std::lock_guard lock(mutex_);
    for (const int fd : open_) ::shutdown(fd, SHUT_RDWR);
  }
  for (std::thread& thread : threads_) thread.join();
  ::close(listener_);
}

void HttpServer::accept_all() {
  while (!stopping_) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) continue;
    const std::lock_guard lock(mutex_);
    open_.push_back(fd);
    threads_.emplace_back([this, fd] { serve(fd); });
  }
}

void HttpServer::serve(int fd) {
  std::string in;
  while (const auto request = read_request(fd, in)) {
    HttpAnswer answer;
    {
      const std::lock_guard lock(answer_mutex_);
      answer = answer_(*request);
    }
    std::string out = "HTTP/1.1 " + std::to_string(answer.status) + " X\r\n" + answer.headers +
                      "Content-Length: " + std::to_string(answer.body.size()) + "\r\n\r\n";
    out += answer.broken ? answer.body.substr(0, answer.body.size() / 2) : answer.body;
    send_all(fd, out);
    if (!answer.broken) continue;
    const linger hard{1, 0};
    ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    break;
  }
  const std::lock_guard lock(mutex_);
  open_.erase(std::find(open_.begin(), open_.end(), fd));
  ::close(fd);
}

}  // namespace testing_support
