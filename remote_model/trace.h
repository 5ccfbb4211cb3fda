// --trace: what went over the wire, for a bug report. One JSON line for each request when it is handed to
// curl and one when it is over, each written with one write(2), in that order (docs/formats.md, "Trace"). The
// file is created with mode 600; an existing one is appended to and closed to others.
//
// Keys, values of headers that may be secret, proxy passwords and cookies are never in it, also when a
// server sends them back (secrets.h). Prompts and replies are: that is what it is for.
//
// request() and reply() are for the io thread; costs a copy and a scan of each body. A disk that is full ends
// the trace, not the run.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/file.h"
#include "base/result.h"

namespace remote_model {

struct HttpResponse;
struct Transfer;

class Trace {
 public:
  /// Refuses what isn't a regular file of this user's.
  static base::Result<std::unique_ptr<Trace>> open(const base::Path& path);

  /// Returns the number under which its end is written.
  std::uint64_t request(const Transfer& transfer, base::Milliseconds timeout);
  void reply(std::uint64_t number, const Transfer& transfer, const HttpResponse& response);

  /// Any thread: why the trace is not whole; empty if it is.
  std::string failure() const;

 private:
  Trace() = default;
  void write(std::string line);

  base::Descriptor fd_;
  base::Path path_;
  std::uint64_t requests_ = 0;
  mutable std::mutex mutex_;
  std::string failure_;  // guarded by mutex_
};

}  // namespace remote_model
