// HTTP over libcurl's multi interface and epoll: one io thread owns every connection, timer and
// callback. Measured against curl_multi_poll: the same throughput, half the CPU when replies are spread
// (poll visits every handle on each wake).
//
// Connections are reused; HTTP/1.1 unless an endpoint asks for HTTP/2 over TLS (h2c is broken on reuse
// in curl 7.88.1: issue 10634). A redirect is an ordinary response with its 3xx status, since curl
// forwards custom headers and bodies to another host. Protocols are limited to http and https; whether
// http may carry a key is RemoteModel's decision. Bodies are inflated (gzip) and refused beyond
// kMaxReplyBytes, or what a request allows. This machine's loopback is never reached through a proxy of the
// environment.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/file.h"
#include "base/result.h"

namespace remote_model {

constexpr std::size_t kMaxReplyBytes = std::size_t{16} << 20;

/// What many requests have in common. Shared by pointer, so that a connection handle that served the
/// endpoint before is only given a new body.
struct Endpoint {
  std::string url;
  std::vector<std::string> headers;  // `Name: value`; may hold secrets, never logged
  std::string proxy;                 // empty: what the environment says
  base::Path ca_file;                // empty: the system's
  int http = 1;                      // 2: HTTP/2 over TLS by ALPN
  /// A connection ends with its request, by a reset: the port of a server that dies is free at once, and not
  /// kept for a minute by connections that nobody uses.
  bool hard_close = false;
};

struct HttpRequest {
  std::shared_ptr<const Endpoint> endpoint;
  std::string body;  // POST; empty: GET
  base::Milliseconds timeout{120000};
  std::size_t most_bytes = kMaxReplyBytes;  // of the answer
};

struct HttpResponse {
  /// HTTP status; 0: no whole response, and `failure` and `error` say why.
  int status = 0;
  std::string body;
  std::string location;               // of a 3xx, without its query
  base::Milliseconds retry_after{0};  // from retry-after-ms or Retry-After; 0: none
  base::Milliseconds spent_for{0};    // x-ratelimit: nothing is left for so long; 0: not said
  base::Milliseconds elapsed{0};
  enum class Failure {
    none,
    timeout,
    connect,
    resolve,
    tls,
    certificate,
    proxy,
    reset,
    too_large,
    aborted,
    other
  };
  Failure failure = Failure::none;
  std::string error;      // curl's own words; never holds headers or bodies
  bool was_sent = false;  // of the request's body at least a part
};

class Trace;

class Transport {
 public:
  using Callback = std::function<void(HttpResponse)>;

  /// Starts the io thread. `max_connections`: the sum of all models' in_flight. curl_global_init must
  /// have been called (init_transport_library). `trace` outlives the transport; null: none is written.
  static base::Result<std::unique_ptr<Transport>> start(std::size_t max_connections, Trace* trace = nullptr);
  /// Aborts what is in flight (callbacks run, with Failure::aborted), runs the tasks that still wait
  /// for their time, and joins the thread. Not from the io thread.
  ~Transport();
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  /// Any thread. `done` runs exactly once, on the io thread, never inside send().
  void send(HttpRequest request, Callback done);
  /// Any thread. Runs `task` on the io thread after `delay`, or early if the transport stops; a task
  /// that is given to a stopping transport is dropped.
  void after(base::Milliseconds delay, std::function<void()> task);
  /// Any thread. Runs `task` on the io thread soon.
  void post(std::function<void()> task) { after(base::Milliseconds{0}, std::move(task)); }

 private:
  struct Impl;
  explicit Transport(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// curl_global_init; once, in main, before any thread.
base::Status init_transport_library();

}  // namespace remote_model
