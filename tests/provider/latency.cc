#include "tests/provider/latency.h"

#include <charconv>
#include <cmath>
#include <numbers>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "base/text.h"

namespace provider {

double Latency::draw(std::uint64_t random) const {
  const double u = base::unit_interval(base::mix(random, 1));
  if (kind == Kind::uniform) return first + u * (second - first);
  if (kind == Kind::fixed) return first;
  // Box and Muller's normal number; 1 - u is never 0.
  const double angle = 2 * std::numbers::pi * base::unit_interval(base::mix(random, 2));
  const double normal = std::sqrt(-2 * std::log(1 - u)) * std::cos(angle);
  return first * std::exp(second * normal);
}

std::string read_latency(const std::string& text, Latency& latency) {
  constexpr const char* kForms = "expected fixed:MS, uniform:FROM:TO or log-normal:MEDIAN:SIGMA";
  const std::vector<std::string_view> parts = base::split(text, ':');
  double* numbers[] = {&latency.first, &latency.second};
  for (std::size_t i = 1; i < parts.size(); ++i) {
    if (i > 2) return kForms;
    const char* end = parts[i].data() + parts[i].size();
    const auto read = std::from_chars(parts[i].data(), end, *numbers[i - 1]);
    if (read.ec != std::errc() || read.ptr != end || *numbers[i - 1] < 0) return kForms;
  }
  if (parts[0] == "fixed" && parts.size() == 2)
    latency.kind = Latency::Kind::fixed;
  else if (parts[0] == "uniform" && parts.size() == 3)
    latency.kind = Latency::Kind::uniform;
  else if (parts[0] == "log-normal" && parts.size() == 3)
    latency.kind = Latency::Kind::log_normal;
  else
    return kForms;
  return {};
}

}  // namespace provider
