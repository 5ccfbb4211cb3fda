#include "tests/provider/limits.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace provider {

void Bucket::fill(std::int64_t now_ns) {
  level_ = std::min(capacity_, level_ + static_cast<double>(now_ns - filled_ns_) * 1e-9 * per_second_);
  filled_ns_ = now_ns;
}

std::string Bucket::headers(const char* what) const {
  if (!limited()) return {};
  return fmt::format(
      "x-ratelimit-limit-{0}: {1:.0f}\r\nx-ratelimit-remaining-{0}: {2:.0f}\r\nx-ratelimit-reset-{0}: "
      "{3}\r\n",
      what, capacity_, std::floor(std::max(0.0, level_)), duration_text((capacity_ - level_) / per_second_));
}

bool Limits::admit(double prompt_tokens, std::int64_t now_ns) {
  requests.fill(now_ns);
  tokens.fill(now_ns);
  if (!requests.has(1) || !tokens.has(prompt_tokens)) return false;
  requests.take(1);
  tokens.take(prompt_tokens);
  return true;
}

std::string duration_text(double seconds) {
  const auto ms = static_cast<std::int64_t>(std::ceil(std::max(0.0, seconds) * 1000));
  if (ms < 1000) return fmt::format("{}ms", ms);
  const std::int64_t whole = (ms + 999) / 1000;
  return whole < 60 ? fmt::format("{}s", whole) : fmt::format("{}m{}s", whole / 60, whole % 60);
}

}  // namespace provider
