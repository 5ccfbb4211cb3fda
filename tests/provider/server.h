// The provider's one thread: sockets by epoll, delays by a heap of timers, and what each mode does to
// the connection. Requests that are pipelined on a connection are answered one after the other, in
// order, as HTTP/1.1 demands.
#pragma once

#include <cstdint>
#include <memory>
#include <queue>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "tests/provider/http.h"
#include "tests/provider/options.h"
#include "tests/provider/statistics.h"

namespace provider {

class Server {
 public:
  explicit Server(Options options) : options_(std::move(options)) {}
  /// Listens on 127.0.0.1; the port, the kernel's choice if the options say 0.
  base::Result<int> listen();
  /// Serves until the process is killed.
  base::Status run();

 private:
  enum class Ending { keep, close, reset };

  struct Connection {
    base::Descriptor fd;
    std::uint64_t generation = 0;  // timers of an earlier connection with the same number are void
    std::string in;
    std::string out;
    std::size_t written = 0;
    std::size_t limit = 0;  // bytes of `out` that may be sent by now
    Ending ending = Ending::keep;
    bool busy = false;   // a request is being answered; the next one waits in `in`
    bool chat = false;   // and it is a counted one
    bool whole = false;  // and it will be a whole reply of status 200
    bool continued = false;
    bool wants_write = false;
    base::Hash128 body;
  };

  struct Timer {
    std::int64_t due_ns = 0;
    int fd = -1;
    std::uint64_t generation = 0;
    bool slow = false;
    bool operator>(const Timer& other) const { return due_ns > other.due_ns; }
  };

  void accept_all();
  void read_from(Connection& connection);
  void serve_next(Connection& connection);
  void handle(Connection& connection, const HttpMessage& message);
  void handle_chat(Connection& connection, const HttpMessage& message);
  int drawn_status(std::uint64_t number);
  void respond(Connection& connection, const ResponseHead& head, std::string_view body);
  void send_later(Connection& connection, double ms);
  void flush(Connection& connection);
  void end_request(Connection& connection);
  void drop(Connection& connection);
  void watch(Connection& connection, bool writable);
  void run_timers();
  Connection* find(int fd, std::uint64_t generation);

  const Options options_;
  Statistics statistics_;
  base::Descriptor listener_;
  base::Descriptor epoll_;
  std::vector<std::unique_ptr<Connection>> connections_;  // by file descriptor
  std::uint64_t generations_ = 0;
  std::uint64_t chats_ = 0;
  double tokens_ = 0;  // of max_rate's bucket
  std::int64_t tokens_at_ns_ = 0;
  std::priority_queue<Timer, std::vector<Timer>, std::greater<>> timers_;
};

}  // namespace provider
