#include "tests/provider/response.h"

#include <fmt/format.h>

#include <cmath>

namespace provider {

std::string retry_after_header(double seconds) {
  double whole = 0;
  if (seconds <= 0) return {};
  if (std::modf(seconds, &whole) == 0) return fmt::format("Retry-After: {:.0f}\r\n", seconds);
  return fmt::format("retry-after-ms: {:.0f}\r\n", seconds * 1000);
}

}  // namespace provider
