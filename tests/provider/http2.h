// HTTP/2 of one connection, by nghttp2: frames in, requests out; responses in, frames out. The modes mean
// here: `half-body` ends the stream with RST_STREAM in the middle, `unanswered` at once; the ways to close a
// connection are GOAWAY's (--go-away-after): it names the last request that was looked at, and leaves it and
// those before it without an answer. One thread; calls back only from feed(), take_output() and its
// destructor.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "tests/provider/http.h"
#include "tests/provider/response.h"

struct nghttp2_session;

namespace provider {

class Http2 {
 public:
  /// What a request gets; feed() asks.
  using Handle = std::function<Response(const HttpMessage& message)>;
  /// A request is over; `whole`: its response was handed over to the end.
  using Ended = std::function<void(const Response& response, bool whole)>;
  /// A response waits for `delay_ms`; release() sends it.
  using Delay = std::function<void(std::int32_t stream, double delay_ms)>;

  Http2(std::uint64_t go_away_after, Handle handle, Delay delay, Ended ended);
  Http2(const Http2&) = delete;
  Http2& operator=(const Http2&) = delete;
  ~Http2();

  /// False when the client speaks something else.
  bool feed(std::string_view bytes);
  void release(std::int32_t stream);
  /// Appends the frames that are to be sent.
  void take_output(std::string& out);
  /// The connection can be closed when all of its output is sent.
  bool over() const;

 private:
  struct Exchange;
  struct Callbacks;
  void request_is_whole(std::int32_t stream);
  void submit(std::int32_t stream, Exchange& exchange);

  const std::uint64_t go_away_after_;
  const Handle handle_;
  const Delay delay_;
  const Ended ended_;
  std::uint64_t requests_ = 0;
  nghttp2_session* session_ = nullptr;
  std::map<std::int32_t, std::unique_ptr<Exchange>> exchanges_;
};

}  // namespace provider
