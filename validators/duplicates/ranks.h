// Places of few numbers in their order, without a branch that depends on them, which no processor could
// guess: each number's place is how many are smaller. Quadratic, and yet some 30 nanoseconds for 22 numbers
// with AVX2, which is chosen when the program starts; sorting them takes many times that.
//
// Any thread.
#pragma once

#include <cstddef>
#include <cstdint>

namespace validators {

constexpr std::size_t kMostRanked = 64;

/// Writes for each of `size` numbers, at most kMostRanked, how many of them are smaller. `ranks` has room for
/// kMostRanked; what stands behind the first `size` may change.
void rank(const std::uint32_t* numbers, std::size_t size, std::uint32_t* ranks);
/// The version that every processor runs.
void rank_portable(const std::uint32_t* numbers, std::size_t size, std::uint32_t* ranks);

}  // namespace validators
