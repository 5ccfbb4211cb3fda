#include "validators/duplicates/semantic_index.h"

#include <algorithm>

#include "validators/duplicates/dot.h"

namespace validators {

SemanticIndex::SemanticIndex(double threshold) {
  const double t = std::clamp(threshold, 0.5, 1.0);
  square_ = t * t;
}

std::span<const std::uint32_t> SemanticIndex::neighbours(std::span<const float> vector,
                                                         std::size_t& compared) const {
  thread_local std::vector<std::uint32_t> found;
  found.clear();
  if (rows_.size() == 0 || vector.size() != rows_.dimensions()) return found;
  const double square = dot(vector, vector);
  if (!has_direction(square)) return found;
  for (std::uint32_t row = 0; row < rows_.size(); ++row) {
    if (!has_direction(rows_.square(row))) continue;
    ++compared;
    const double product = dot(vector, rows_.vector(row));
    if (product > 0 && product * product >= square_ * (square * rows_.square(row))) found.push_back(row);
  }
  return found;
}

std::uint32_t SemanticIndex::add(std::span<const float> vector) { return rows_.add(vector); }

}  // namespace validators
