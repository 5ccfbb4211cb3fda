// The bytes of one connection, in the clear or under TLS: which of the two the first byte says, so that a
// test can ask for the statistics of a provider with a certificate by plain HTTP. Non-blocking; one thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/file.h"
#include "base/result.h"
#include "tests/provider/response.h"

struct ssl_ctx_st;
struct ssl_st;

namespace provider {

/// A certificate and its key, with HTTP/2 and HTTP/1.1 by ALPN.
class TlsContext {
 public:
  static base::Result<TlsContext> load(const std::string& certificate, const std::string& key);
  ssl_ctx_st* get() const { return context_.get(); }

 private:
  struct Free {
    void operator()(ssl_ctx_st* context) const;
  };
  std::unique_ptr<ssl_ctx_st, Free> context_;
};

class Stream {
 public:
  enum class Io { done, later, over };

  /// `tls`: null without a certificate; outlives the stream.
  Stream(base::Descriptor fd, const TlsContext* tls) : fd_(std::move(fd)), tls_(tls) {}
  /// Appends what has come. `done`: something, and there may be more; `over`: the end, or an error.
  Io read(std::string& in);
  /// Writes all of `bytes`, or as much as goes, and says how much.
  Io write(std::string_view bytes, std::size_t& written);
  /// The client wants HTTP/2; known once something was read.
  bool http2() const;
  /// Takes leave as `ending` wishes, before the stream is destroyed.
  void close(Ending ending);
  int fd() const { return fd_.get(); }

 private:
  struct Free {
    void operator()(ssl_st* ssl) const;
  };
  Io later_or_over(int result) const;

  base::Descriptor fd_;
  const TlsContext* tls_;
  bool first_ = true;
  std::unique_ptr<ssl_st, Free> ssl_;
};

}  // namespace provider
