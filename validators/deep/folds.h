// Cross-validation: the rows are cut into five folds, three times, each time differently. A model that was
// trained on four folds votes on the fifth, so that each row gets three votes of models that never saw it.
// Three votes instead of one halve what is flagged among right rows (reference in docs/quality.md).
#pragma once

#include <cstdint>
#include <vector>

#include "base/hash.h"

namespace validators::deep {

constexpr std::uint32_t kPartitions = 3;
constexpr std::uint32_t kFolds = 5;

/// The fold of each of `rows` rows in a partition. Fixed: the same for every call.
inline std::vector<std::uint8_t> folds(std::uint32_t partition, std::size_t rows) {
  const base::Permutation permutation(partition, rows);
  std::vector<std::uint8_t> fold(rows);
  for (std::size_t row = 0; row < rows; ++row)
    fold[row] = static_cast<std::uint8_t>(permutation(row) % kFolds);
  return fold;
}

}  // namespace validators::deep
