// The time: one clock that only moves forward, for waiting and measuring, and how a person reads it. No
// decision about a row ever asks it.
#pragma once

#include <chrono>
#include <string>

namespace base {

using Milliseconds = std::chrono::milliseconds;

/// Milliseconds since an arbitrary moment; monotonic. Any thread.
Milliseconds steady_now();

/// UTC now as `2026-11-20T19:11:00Z`.
std::string utc_timestamp();

/// `95` -> `1m 35s`, for people.
std::string format_duration(double seconds);

}  // namespace base
