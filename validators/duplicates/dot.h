// The dot product of two vectors of floats, the same to the last bit on every processor: products of floats
// are exact in double precision, so that it makes no difference whether they are fused with the addition, and
// they are summed in eight lanes, then lane by lane. 256 dimensions take some 40 nanoseconds with AVX2, which
// is chosen when the program starts.
//
// Any thread.
#pragma once

#include <cmath>
#include <span>

namespace validators {

/// Of vectors of one size.
double dot(std::span<const float> a, std::span<const float> b);

/// The version that every processor runs.
double dot_portable(std::span<const float> a, std::span<const float> b);

/// Of a vector whose dot product with itself is `square`: false if it is all zero, or not finite somewhere.
inline bool has_direction(double square) { return square > 0 && std::isfinite(square); }

}  // namespace validators
