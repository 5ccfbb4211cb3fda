// The time, behind an interface so that tests set it. Two clocks: `now` only moves forward and is for
// waiting and measuring; `wall` is for people (run.json) and decides nothing.
#pragma once

#include <chrono>
#include <string>

namespace base {

using Milliseconds = std::chrono::milliseconds;

class Clock {
 public:
  virtual ~Clock() = default;
  /// Milliseconds since an arbitrary moment; monotonic. Any thread.
  virtual Milliseconds now() const = 0;
  /// The machine's own clock.
  static const Clock& system();
};

/// UTC now as `2026-11-20T19:11:00Z`.
std::string utc_timestamp();

/// `95` -> `1m 35s`, for people.
std::string format_duration(double seconds);

}  // namespace base
