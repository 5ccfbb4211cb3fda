// The threshold, and what follows from it: J(x, y) = |x and y| / |x or y| >= t, all in whole numbers, so that
// no rounding decides about a row.
//
// With t = p / 1000 and the sizes a and b: J >= t just when the common tokens are at least
// ceil(p (a + b) / (1000 + p)), which depends on the sum alone; so one small table answers for all pairs of
// sizes. The others are bounds on it:
//   - they differ in at most a + b - 2 x that many tokens (what parity_scan.h is given);
//   - the smaller set has at least ceil(t x the larger one's size) tokens;
//   - of any order of tokens that holds for all sets, the first |x| - ceil(t |x|) + 1 of x have one in common
//     with the like of y (prefix filter: Chaudhuri, Ganti, Kaushik 2006; Bayardo, Ma, Srikant 2007);
//   - the first token that they share is among the first |x| - needed(2 |x|) + 1 of x, the smaller one: 3 of
//     22 instead of 5 at t = 0.8. So it is never behind those in both.
//
// Immutable, any thread.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include "validators/duplicates/shingles.h"

namespace validators {

class Jaccard {
 public:
  /// `threshold` is taken to the nearest thousandth between 0.5 and 1.
  explicit Jaccard(double threshold);

  /// How many tokens sets must share whose sizes add up to `sum`.
  std::size_t needed(std::size_t sum) const {
    return sum < needed_.size() ? needed_[sum] : compute_needed(sum);
  }
  /// In how many tokens a neighbour of a set of that size can differ, whatever its own size.
  unsigned most_different(std::size_t size) const {
    return size < most_different_.size() ? most_different_[size] : compute_most_different(size);
  }
  /// In how many tokens neighbours of these sizes can differ; less than none where sizes alone say no.
  long most_different(std::size_t a, std::size_t b) const {
    return std::min(a, b) < needed(a + b) ? -1 : static_cast<long>(a + b - 2 * needed(a + b));
  }
  /// How many of its rarest tokens find all neighbours of a set of that size.
  std::size_t prefix(std::size_t size) const { return size - (per_mille_ * size + 999) / 1000 + 1; }
  /// How many of them are enough where the other set is no smaller.
  std::size_t early(std::size_t size) const { return size - needed(2 * size) + 1; }
  /// Of two sets, sorted. Sets without a token are near nothing.
  bool is_near(std::span<const Token> a, std::span<const Token> b) const;

 private:
  std::size_t compute_needed(std::size_t sum) const {
    return (per_mille_ * sum + 999 + per_mille_) / (1000 + per_mille_);
  }
  unsigned compute_most_different(std::size_t size) const;

  std::size_t per_mille_;
  std::vector<std::size_t> needed_;       // by the sum of the sizes
  std::vector<unsigned> most_different_;  // by one size
};

}  // namespace validators
