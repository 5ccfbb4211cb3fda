#include "validators/duplicates/jaccard.h"

#include <cmath>

namespace validators {
namespace {
constexpr std::size_t kTable = 128;  // tokens of a set; longer ones are computed
}

Jaccard::Jaccard(double threshold)
    : per_mille_(static_cast<std::size_t>(std::lround(std::clamp(threshold, 0.5, 1.0) * 1000))) {
  for (std::size_t sum = 0; sum < 2 * kTable; ++sum) needed_.push_back(compute_needed(sum));
  for (std::size_t size = 0; size < kTable; ++size) most_different_.push_back(compute_most_different(size));
}

unsigned Jaccard::compute_most_different(std::size_t size) const {
  long most = 0;
  for (std::size_t other = (per_mille_ * size + 999) / 1000; other * per_mille_ <= size * 1000; ++other)
    most = std::max(most, most_different(size, other));
  return static_cast<unsigned>(most);
}

bool Jaccard::is_near(std::span<const Token> a, std::span<const Token> b) const {
  const long limit = most_different(a.size(), b.size());
  if (a.empty() || limit < 0) return false;
  // A merge that counts what differs; it ends when that is too much. The steps don't branch on the tokens,
  // because nothing predicts them.
  std::size_t i = 0;
  std::size_t j = 0;
  long different = 0;
  while (i < a.size() && j < b.size()) {
    const Token x = a[i];
    const Token y = b[j];
    different += x != y;
    if (different > limit) return false;
    i += x <= y;
    j += y <= x;
  }
  return different + static_cast<long>(a.size() - i + b.size() - j) <= limit;
}

}  // namespace validators
