#include "tests/provider/server.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <ctime>
#include <utility>

namespace provider {
namespace {

constexpr std::size_t kPieceBytes = 64;
constexpr std::int64_t kPieceNs = 20'000'000;
constexpr std::int64_t kByteNs = 300'000;

std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

base::Result<int> Server::listen() {
  if (!options_.certificate.empty()) {
    auto tls = TlsContext::load(options_.certificate, options_.key);
    if (!tls) return base::pass(tls);
    tls_ = std::move(*tls);
  }
  epoll_ = base::Descriptor(epoll_create1(EPOLL_CLOEXEC));
  listener_ = base::Descriptor(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int on = 1;
  setsockopt(listener_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(options_.port));
  socklen_t size = sizeof address;
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = listener_.get();
  if (bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::listen(listener_.get(), 4096) != 0 ||
      getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0 ||
      epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, listener_.get(), &event) != 0)
    return base::errno_error("listen on", fmt::format("127.0.0.1:{}", options_.port));
  return ntohs(address.sin_port);
}

base::Status Server::run() {
  std::array<epoll_event, 512> events{};
  for (;;) {
    timespec wait{};
    const bool timed = !timers_.empty();
    if (timed) {
      const std::int64_t left = std::max<std::int64_t>(0, timers_.top().due_ns - now_ns());
      wait.tv_sec = left / 1'000'000'000;
      wait.tv_nsec = left % 1'000'000'000;
    }
    const int count = epoll_pwait2(epoll_.get(), events.data(), static_cast<int>(events.size()),
                                   timed ? &wait : nullptr, nullptr);
    if (count < 0 && errno != EINTR) return base::errno_error("wait for", "sockets");
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      if (event.data.fd == listener_.get()) {
        accept_all();
        continue;
      }
      Connection* connection = connections_[static_cast<std::size_t>(event.data.fd)].get();
      if (connection == nullptr) continue;
      const std::uint64_t generation = connection->generation;
      if (event.events & EPOLLOUT) {
        flush(*connection);
        connection = find(event.data.fd, generation);
        if (connection != nullptr && !connection->busy) serve_next(*connection);
        connection = find(event.data.fd, generation);
      }
      if (connection != nullptr && (event.events & (EPOLLIN | EPOLLHUP | EPOLLERR))) read_from(*connection);
    }
    run_timers();
  }
}

Server::Connection* Server::find(int fd, std::uint64_t generation) {
  Connection* connection = connections_[static_cast<std::size_t>(fd)].get();
  return connection != nullptr && connection->generation == generation ? connection : nullptr;
}

void Server::accept_all() {
  for (;;) {
    base::Descriptor fd(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!fd.valid()) return;
    const int on = 1;
    setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd.get();
    if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd.get(), &event) != 0) continue;
    const auto index = static_cast<std::size_t>(fd.get());
    if (connections_.size() <= index) connections_.resize(index + 1);
    connections_[index] =
        std::make_unique<Connection>(Stream(std::move(fd), options_.certificate.empty() ? nullptr : &tls_));
    service_.statistics().connected();
    connections_[index]->generation = ++generations_;
  }
}

void Server::account(const Response& response, bool whole) {
  if (!response.counted) return;
  if (whole && response.delivers) service_.statistics().answered(response.asked);
  service_.statistics().finished();
}

void Server::drop(Connection& connection) {
  if (connection.busy) account(connection.response, false);
  if (!connection.leaving)
    connection.stream.close(connection.busy ? connection.response.ending : Ending::close);
  connections_[static_cast<std::size_t>(connection.stream.fd())].reset();
}

void Server::read_from(Connection& connection) {
  switch (connection.stream.read(connection.in)) {
    case Stream::Io::later:
      return;
    case Stream::Io::over:
      drop(connection);
      return;
    case Stream::Io::done:
      break;
  }
  if (connection.leaving) {
    connection.in.clear();
    return;
  }
  if (connection.http2 == nullptr && connection.stream.http2()) begin_http2(connection);
  if (connection.http2 != nullptr)
    serve_http2(connection);
  else if (!connection.busy)
    serve_next(connection);
}

void Server::begin_http2(Connection& connection) {
  connection.http2 = std::make_unique<Http2>(
      options_.go_away_after, [this](const HttpMessage& message) { return service_.handle(message); },
      [this, &connection](std::int32_t stream, double ms) {
        start_timer(connection, {.stream = stream}, ms);
      },
      [this](const Response& response, bool whole) { account(response, whole); });
}

/// Takes what has come, and sends what is ready.
void Server::serve_http2(Connection& connection) {
  const std::string in = std::exchange(connection.in, {});
  if (!connection.http2->feed(in)) {
    drop(connection);
    return;
  }
  connection.http2->take_output(connection.out);
  connection.limit = connection.out.size();
  flush(connection);
}

void Server::serve_next(Connection& connection) {
  const int fd = connection.stream.fd();
  const std::uint64_t generation = connection.generation;
  HttpMessage message;
  // A response without delay is over at once, and the connection may be gone with it.
  while (find(fd, generation) != nullptr && !connection.busy && !connection.in.empty()) {
    const Parse parse = parse_request(connection.in, message);
    if (parse == Parse::incomplete) {
      constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
      std::size_t written = 0;
      if (message.expects_continue && !connection.continued) connection.stream.write(kContinue, written);
      connection.continued = message.expects_continue;
      return;
    }
    connection.continued = false;
    connection.busy = true;
    if (parse == Parse::bad) {
      connection.in.clear();
      connection.response = fault_response(options_.form, {400, "not HTTP/1.1", "bad_request", ""});
      give(connection, false);
      return;
    }
    // `message` points into `in`: the bytes go when it has been handled.
    std::string in = std::exchange(connection.in, {});
    if (in.size() > message.size) connection.in.assign(in, message.size);
    connection.response = service_.handle(message);
    give(connection, message.keep_alive);
  }
}

/// Begins to carry out the connection's response.
void Server::give(Connection& connection, bool keep_alive) {
  Response& response = connection.response;
  if (response.ending == Ending::keep && !keep_alive) response.ending = Ending::close;
  ResponseHead head;
  head.status = response.status;
  head.content_type = response.content_type;
  head.extra = response.headers;
  head.keep_alive = response.ending != Ending::close;
  head.content_length = response.body.size() + (response.sending == Sending::too_short ? 100 : 0);
  std::string_view body = response.body;
  if (response.sending == Sending::half) body = body.substr(0, body.size() / 2);
  if (response.sending != Sending::nothing) append_response(head, body, connection.out);
  const bool dripping = response.sending == Sending::pieces || response.sending == Sending::bytes;
  if (dripping) {
    connection.limit = 0;
    const bool pieces = response.sending == Sending::pieces;
    start_timer(connection, {.step = pieces ? kPieceBytes : 1, .every_ns = pieces ? kPieceNs : kByteNs},
                response.delay_ms);
    return;
  }
  connection.limit = connection.out.size();
  if (response.sending == Sending::nothing && response.ending == Ending::keep) return;  // for good
  if (response.delay_ms > 0)
    start_timer(connection, {}, response.delay_ms);
  else
    flush(connection);
}

void Server::start_timer(const Connection& connection, Timer timer, double ms) {
  timer.due_ns = now_ns() + static_cast<std::int64_t>(ms * 1e6);
  timer.fd = connection.stream.fd();
  timer.generation = connection.generation;
  timers_.push(timer);
}

void Server::run_timers() {
  if (timers_.empty()) return;
  const std::int64_t now = now_ns();
  while (!timers_.empty() && timers_.top().due_ns <= now) {
    Timer timer = timers_.top();
    timers_.pop();
    Connection* connection = find(timer.fd, timer.generation);
    if (connection == nullptr || connection->leaving) continue;
    if (connection->http2 != nullptr) {
      connection->http2->release(timer.stream);
      serve_http2(*connection);
      continue;
    }
    if (timer.step > 0) {
      connection->limit = std::min(connection->limit + timer.step, connection->out.size());
      timer.due_ns += timer.every_ns;
      if (connection->limit < connection->out.size()) timers_.push(timer);
    }
    flush(*connection);
    connection = find(timer.fd, timer.generation);
    if (connection != nullptr && !connection->busy) serve_next(*connection);
  }
}

void Server::watch(Connection& connection, bool writable) {
  if (connection.wants_write == writable) return;
  connection.wants_write = writable;
  epoll_event event{};
  event.events = writable ? EPOLLIN | EPOLLOUT : EPOLLIN;
  event.data.fd = connection.stream.fd();
  epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, connection.stream.fd(), &event);
}

void Server::flush(Connection& connection) {
  std::size_t sent = 0;
  const std::string_view allowed = std::string_view(connection.out).substr(0, connection.limit);
  const Stream::Io end = connection.stream.write(allowed.substr(connection.written), sent);
  connection.written += sent;
  if (end == Stream::Io::over) {
    drop(connection);
    return;
  }
  watch(connection, end == Stream::Io::later);
  if (connection.written < connection.out.size()) return;
  if (connection.http2 == nullptr) {
    end_request(connection);
    return;
  }
  connection.out.clear();
  connection.written = connection.limit = 0;
  if (!connection.http2->over()) return;
  // Closed now, with frames of the client still unread, the connection would be reset, and what was just
  // answered lost on its way: the client closes it.
  connection.http2.reset();
  connection.leaving = true;
  connection.stream.close(Ending::close);
  shutdown(connection.stream.fd(), SHUT_WR);
}

void Server::end_request(Connection& connection) {
  if (!connection.busy) return;
  account(connection.response, true);
  connection.response.counted = false;
  if (connection.response.ending != Ending::keep) {
    drop(connection);
    return;
  }
  connection.out.clear();
  connection.written = connection.limit = 0;
  connection.busy = false;
}

}  // namespace provider
