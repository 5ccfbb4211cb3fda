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
#include <cmath>
#include <ctime>

#include "base/json_writer.h"
#include "tests/provider/replies.h"

namespace provider {
namespace {

constexpr std::size_t kSlowBytes = 64;
constexpr double kSlowMs = 20;
constexpr std::string_view kModels =
    R"({"object":"list","data":[{"id":"provider","object":"model","created":0,"owned_by":"slotmill"}]})";
constexpr std::string_view kHtml =
    "<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>";

std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

std::string error_body(std::string_view message, std::string_view type, std::string_view code) {
  std::string body;
  base::JsonWriter w(body);
  w.begin_object().key("error").begin_object().member("message", message).member("type", type);
  w.key("param").null().member("code", code).end_object().end_object();
  return body;
}

std::string half(std::string text) {
  text.resize(text.size() / 2);
  while (!text.empty() && (text.back() & 0x80) != 0) text.pop_back();  // not within a character
  return text;
}

}  // namespace

base::Result<int> Server::listen() {
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
    connections_[index] = std::make_unique<Connection>();
    connections_[index]->fd = std::move(fd);
    connections_[index]->generation = ++generations_;
  }
}

void Server::drop(Connection& connection) {
  if (connection.chat) statistics_.finished();
  if (connection.ending == Ending::reset) {
    const linger hard{1, 0};
    setsockopt(connection.fd.get(), SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  }
  connections_[static_cast<std::size_t>(connection.fd.get())].reset();
}

void Server::read_from(Connection& connection) {
  static std::array<char, 64 << 10> buffer;
  const ssize_t got = read(connection.fd.get(), buffer.data(), buffer.size());
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0) {
    drop(connection);
    return;
  }
  connection.in.append(buffer.data(), static_cast<std::size_t>(got));
  if (!connection.busy) serve_next(connection);
}

void Server::serve_next(Connection& connection) {
  const int fd = connection.fd.get();
  const std::uint64_t generation = connection.generation;
  HttpMessage message;
  // A response without delay is over at once, and the connection may be gone with it.
  while (find(fd, generation) != nullptr && !connection.busy && !connection.in.empty()) {
    const Parse parse = parse_request(connection.in, message);
    if (parse == Parse::bad) {
      connection.in.clear();
      connection.ending = Ending::close;
      respond(connection, {.status = 400}, error_body("not HTTP/1.1", "bad_request", ""));
      flush(connection);
      return;
    }
    if (parse == Parse::incomplete) {
      constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
      if (message.expects_continue && !connection.continued)
        (void)!send(fd, kContinue.data(), kContinue.size(), MSG_NOSIGNAL);
      connection.continued = message.expects_continue;
      return;
    }
    connection.continued = false;
    connection.busy = true;
    connection.ending = message.keep_alive ? Ending::keep : Ending::close;
    const std::size_t taken = message.size;
    // `message` points into `in`: the bytes go when it has been handled.
    std::string in = std::move(connection.in);
    connection.in.clear();
    if (in.size() > taken) connection.in.assign(in, taken);
    handle(connection, message);
  }
}

void Server::handle(Connection& connection, const HttpMessage& message) {
  const std::string_view path = message.path.substr(0, message.path.find('?'));
  if (path.ends_with("/chat/completions") && message.method == "POST") {
    handle_chat(connection, message);
    return;
  }
  if (path.ends_with("/models") && message.method == "GET")
    respond(connection, {}, kModels);
  else if (path == "/stats" && message.method == "GET")
    respond(connection, {}, statistics_.json());
  else if (path == "/reset" && message.method == "POST") {
    statistics_.reset();
    respond(connection, {}, "{}");
  } else
    respond(connection, {.status = 404}, error_body("no such path", "not_found_error", "not_found"));
  flush(connection);
}

int Server::drawn_status(std::uint64_t number) {
  if (number < options_.first_count) return options_.first_status;
  double draw = base::unit_interval(base::mix(0x5107 + options_.seed, number));
  for (const StatusRate& rate : options_.status_rates) {
    if (draw < rate.rate) return rate.status;
    draw -= rate.rate;
  }
  if (options_.max_rate > 0) {
    const std::int64_t now = now_ns();
    const double most = std::max(1.0, options_.burst > 0 ? options_.burst : options_.max_rate);
    tokens_ = std::min(most, tokens_ + static_cast<double>(now - tokens_at_ns_) * 1e-9 * options_.max_rate);
    tokens_at_ns_ = now;
    if (tokens_ < 1) return 429;
    tokens_ -= 1;
  }
  return 200;
}

void Server::handle_chat(Connection& connection, const HttpMessage& message) {
  connection.body = base::hash128(message.body);
  connection.chat = true;
  connection.whole = false;
  statistics_.asked(connection.body);
  const ChatRequest request = read_chat_request(message.body);
  ResponseHead head;
  std::string extra;
  std::string body;
  double delay = options_.delay_ms;
  if (options_.jitter_ms > 0)
    delay += (2 * base::unit_interval(base::mix(connection.body.low, 7)) - 1) * options_.jitter_ms;

  const int status = drawn_status(chats_++);
  const Mode mode = mode_named(request.mode.empty() ? std::string_view(request.model) : request.mode)
                        .value_or(options_.mode);
  const auto fail = [&](int code, std::string_view text, std::string_view type, std::string_view name) {
    head.status = code;
    body = error_body(text, type, name);
  };
  if (status != 200) {
    fail(status, "drawn by --status-rate, --first-status or --max-rate",
         status == 429 ? "rate_limit_error" : "server_error",
         status == 429 ? "rate_limit_exceeded" : "error");
    if (status == 429 || status == 503) {
      delay = options_.refusal_ms;
      double whole = 0;
      if (options_.retry_after > 0 && std::modf(options_.retry_after, &whole) == 0)
        extra = fmt::format("Retry-After: {:.0f}\r\n", options_.retry_after);
      else if (options_.retry_after > 0)
        extra = fmt::format("retry-after-ms: {:.0f}\r\n", options_.retry_after * 1000);
    }
  } else if (!request.valid) {
    fail(400, "the body is no chat completions request", "invalid_request_error", "invalid_body");
  } else {
    const auto completion = [&](std::string_view content, std::string_view raw = {},
                                std::string_view finish = "stop") {
      return write_completion(request, content, raw, finish, message.body.size());
    };
    const auto content = [&] { return write_content(request, connection.body, options_.fault_rate); };
    switch (mode) {
      case Mode::html:
        head.content_type = "text/html";
        body = kHtml;
        break;
      case Mode::empty_body:
        break;
      case Mode::invalid_json:
        body = half(completion(content()));
        break;
      case Mode::broken_content:
        body = completion(half(content()));
        break;
      case Mode::error_in_200:
        body = error_body("the backend is gone", "server_error", "internal");
        break;
      case Mode::throttle_in_200:
        body = error_body("too fast", "", "rpm_rate_limit_exceeded");
        break;
      case Mode::bad_request:
        fail(400, "unknown parameter", "invalid_request_error", "unknown_parameter");
        break;
      case Mode::unauthorized:
        fail(401, "invalid key", "invalid_request_error", "invalid_api_key");
        break;
      case Mode::echo_key:
        fail(401, fmt::format("the key \"{}\" is wrong", message.authorization), "invalid_request_error",
             message.authorization);
        break;
      case Mode::echo_key_text:
        head.status = 401;
        head.content_type = "text/plain";
        body = std::string(180, 'x') + " " + std::string(message.authorization) + " is wrong";
        break;
      case Mode::not_found:
        fail(404, fmt::format("The model `{}` does not exist.", request.model), "NotFoundError",
             "model_not_found");
        break;
      case Mode::no_quota:
        fail(429, "You exceeded your current quota.", "insufficient_quota", "insufficient_quota");
        break;
      case Mode::content_filter:
        fail(400, "The prompt was filtered.", "invalid_request_error", "content_filter");
        break;
      case Mode::refusal:
        body = completion({}, R"(null,"refusal":"I can't help with that.")");
        break;
      case Mode::null_content:
        body = completion({}, "null");
        break;
      case Mode::parts: {
        std::string parts = R"([{"type":"text","text":)";
        base::append_json_string(content(), parts);
        body = completion({}, parts + "}]");
        break;
      }
      case Mode::cut_off:
        body = completion(half(content()), {}, "length");
        break;
      case Mode::huge:
        body.assign(std::size_t{17} << 20, ' ');
        break;
      case Mode::gzip:
        body = gzip_stored(completion(content()));
        extra = "Content-Encoding: gzip\r\n";
        break;
      case Mode::redirect:
        if (!message.path.starts_with("/moved")) {
          head.status = 307;
          extra = fmt::format("Location: /moved{}?token=secret\r\n", message.path);
          break;
        }
        [[fallthrough]];
      default:
        body = completion(content());
        break;
    }
  }
  if (status == 200 && mode == Mode::close) connection.ending = Ending::close;
  statistics_.responded(mode == Mode::hang && status == 200 ? 0 : head.status);
  connection.whole = head.status == 200;
  head.extra = extra;
  if (status == 200 && (mode == Mode::half_body || mode == Mode::wrong_length)) {
    connection.whole = false;
    head.content_length = mode == Mode::half_body ? body.size() : body.size() + 100;
    connection.ending = mode == Mode::half_body ? Ending::reset : Ending::close;
    append_response(head, mode == Mode::half_body ? half(body) : body, connection.out);
    connection.limit = connection.out.size();
  } else {
    respond(connection, head, body);
  }
  if (status == 200 && mode == Mode::hang) {
    connection.out.clear();
    return;
  }
  if (status == 200 && mode == Mode::slow) {
    connection.limit = 0;
    timers_.push({now_ns() + static_cast<std::int64_t>(delay * 1e6), connection.fd.get(),
                  connection.generation, true});
    return;
  }
  send_later(connection, delay);
}

void Server::respond(Connection& connection, const ResponseHead& head, std::string_view body) {
  ResponseHead whole = head;
  whole.content_length = body.size();
  whole.keep_alive = connection.ending == Ending::keep;
  append_response(whole, body, connection.out);
  connection.limit = connection.out.size();
}

void Server::send_later(Connection& connection, double ms) {
  if (ms <= 0) {
    flush(connection);
    return;
  }
  timers_.push(
      {now_ns() + static_cast<std::int64_t>(ms * 1e6), connection.fd.get(), connection.generation, false});
}

void Server::run_timers() {
  if (timers_.empty()) return;
  const std::int64_t now = now_ns();
  while (!timers_.empty() && timers_.top().due_ns <= now) {
    const Timer timer = timers_.top();
    timers_.pop();
    Connection* connection = find(timer.fd, timer.generation);
    if (connection == nullptr) continue;
    if (timer.slow) {
      connection->limit = std::min(connection->limit + kSlowBytes, connection->out.size());
      if (connection->limit < connection->out.size())
        timers_.push({now + static_cast<std::int64_t>(kSlowMs * 1e6), timer.fd, timer.generation, true});
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
  event.data.fd = connection.fd.get();
  epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, connection.fd.get(), &event);
}

void Server::flush(Connection& connection) {
  while (connection.written < connection.limit) {
    const ssize_t sent = send(connection.fd.get(), connection.out.data() + connection.written,
                              connection.limit - connection.written, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && errno == EAGAIN) {
      watch(connection, true);
      return;
    }
    if (sent < 0) {
      drop(connection);
      return;
    }
    connection.written += static_cast<std::size_t>(sent);
  }
  watch(connection, false);
  if (connection.written == connection.out.size()) end_request(connection);
}

void Server::end_request(Connection& connection) {
  if (connection.chat) {
    if (connection.whole) statistics_.answered(connection.body);
    statistics_.finished();
  }
  connection.chat = false;
  if (connection.ending != Ending::keep) {
    drop(connection);
    return;
  }
  connection.out.clear();
  connection.written = 0;
  connection.limit = 0;
  connection.busy = false;
}

}  // namespace provider
