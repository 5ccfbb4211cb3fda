// How long an answer takes: a distribution as the command line names it, drawn from a number, so that a
// seed repeats a run's delays.
//
//   fixed:200  uniform:100:300  log-normal:200:0.5   (milliseconds; median and sigma of the logarithm)
#pragma once

#include <cstdint>
#include <string>

namespace provider {

struct Latency {
  enum class Kind { fixed, uniform, log_normal };
  Kind kind = Kind::fixed;
  double first = 0;
  double second = 0;

  /// Milliseconds; `random` is any well-mixed number.
  double draw(std::uint64_t random) const;
};

/// What is wrong with `text`, or nothing.
std::string read_latency(const std::string& text, Latency& latency);

}  // namespace provider
