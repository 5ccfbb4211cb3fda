#include "validators/duplicates/vector_store.h"

#include <algorithm>

#include "validators/duplicates/dot.h"

namespace validators {

std::uint32_t VectorStore::add(std::span<const float> vector) {
  const std::uint32_t row = size();
  if (row == 0) dimensions_ = vector.size();
  if (row % kRows == 0) pieces_.push_back(std::make_unique_for_overwrite<float[]>(kRows * dimensions_));
  float* to = pieces_.back().get() + row % kRows * dimensions_;
  if (vector.size() == dimensions_) {
    std::copy(vector.begin(), vector.end(), to);
    squares_.push_back(dot(vector, vector));
  } else {
    std::fill_n(to, dimensions_, 0.0F);
    squares_.push_back(0);
  }
  return row;
}

}  // namespace validators
