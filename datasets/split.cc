#include "datasets/split.h"

#include "base/hash.h"

namespace datasets {

Split choose_split(std::uint64_t seed, std::string_view template_text, const SplitShares& shares) {
  const double place = base::unit_interval(base::mix(seed, base::hash64(template_text)));
  // A sum of shares may come out a little below 1; a side without a share must stay empty all the same.
  const bool has_dev = shares.dev > 0;
  const bool has_test = shares.test > 0;
  if (place < shares.train || (!has_dev && !has_test)) return Split::train;
  if (has_dev && (place < shares.train + shares.dev || !has_test)) return Split::dev;
  return Split::test;
}

}  // namespace datasets
