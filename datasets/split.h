// Which side of the split a row is on: a hash of (seed, template), so that rows of one template are
// never on both sides and a row keeps its side across releases.
#pragma once

#include <cstdint>
#include <string_view>

#include "datasets/row.h"

namespace datasets {

struct SplitShares {
  double train = 1;
  double dev = 0;
  double test = 0;  // the three add up to 1
};

Split choose_split(std::uint64_t seed, std::string_view template_text, const SplitShares& shares);

}  // namespace datasets
