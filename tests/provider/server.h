// The provider's one thread: sockets by epoll, delays by a heap of timers, and what a response does to its
// connection. Requests that are pipelined on a connection of HTTP/1.1 are answered one after the other, in
// order; those of HTTP/2 as they come.
#pragma once

#include <cstdint>
#include <memory>
#include <queue>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "tests/provider/http.h"
#include "tests/provider/http2.h"
#include "tests/provider/options.h"
#include "tests/provider/service.h"
#include "tests/provider/stream.h"

namespace provider {

class Server {
 public:
  explicit Server(Options options) : options_(std::move(options)), service_(options_) {}
  /// Listens on 127.0.0.1; the port, the kernel's choice if the options say 0.
  base::Result<int> listen();
  /// Serves until the process is killed.
  base::Status run();

 private:
  struct Connection {
    explicit Connection(Stream s) : stream(std::move(s)) {}
    Stream stream;
    std::uint64_t generation = 0;  // timers of an earlier connection with the same number are void
    std::string in;
    std::string out;
    std::size_t written = 0;
    std::size_t limit = 0;  // bytes of `out` that may be sent by now
    bool busy = false;      // `response` is being given; the next request waits in `in`
    Response response;
    bool continued = false;
    bool wants_write = false;
    bool leaving = false;          // nothing more is said; what comes is thrown away
    std::unique_ptr<Http2> http2;  // then `in`, `busy` and `response` have no part
  };

  struct Timer {
    std::int64_t due_ns = 0;
    int fd = -1;
    std::uint64_t generation = 0;
    std::int32_t stream = 0;  // of HTTP/2
    std::size_t step = 0;     // bytes that are sent at once, 0: all
    std::int64_t every_ns = 0;
    bool operator>(const Timer& other) const { return due_ns > other.due_ns; }
  };

  void accept_all();
  void read_from(Connection& connection);
  void begin_http2(Connection& connection);
  void serve_http2(Connection& connection);
  void serve_next(Connection& connection);
  void give(Connection& connection, bool keep_alive);
  void flush(Connection& connection);
  void end_request(Connection& connection);
  void account(const Response& response, bool whole);
  void drop(Connection& connection);
  void watch(Connection& connection, bool writable);
  void start_timer(const Connection& connection, Timer timer, double ms);
  void run_timers();
  Connection* find(int fd, std::uint64_t generation);

  const Options options_;
  Service service_;
  TlsContext tls_;
  base::Descriptor listener_;
  base::Descriptor epoll_;
  std::vector<std::unique_ptr<Connection>> connections_;  // by file descriptor
  std::uint64_t generations_ = 0;
  std::priority_queue<Timer, std::vector<Timer>, std::greater<>> timers_;
};

}  // namespace provider
