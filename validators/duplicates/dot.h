// The dot product of two vectors of floats, the same to the last bit on every processor: products of floats
// are exact in double precision, so that it makes no difference whether they are fused with the addition, and
// they are summed in eight lanes, then lane by lane.
//
// Any thread.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <span>

namespace validators {

/// Of vectors of one size.
inline double dot(std::span<const float> a, std::span<const float> b) {
  std::array<double, 8> lanes{};
  std::size_t i = 0;
  for (; i + lanes.size() <= a.size(); i += lanes.size())
    for (std::size_t lane = 0; lane < lanes.size(); ++lane)
      lanes[lane] += static_cast<double>(a[i + lane]) * static_cast<double>(b[i + lane]);
  for (std::size_t lane = 0; i < a.size(); ++i, ++lane)
    lanes[lane] += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
}

/// Of a vector whose dot product with itself is `square`: false if it is all zero, or not finite somewhere.
inline bool has_direction(double square) { return square > 0 && std::isfinite(square); }

}  // namespace validators
