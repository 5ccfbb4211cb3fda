#include "validators/duplicates/semantic_index.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "validators/duplicates/dot.h"

namespace validators {
namespace {

constexpr std::array<std::uint32_t, 4> kLearnAt{1 << 10, 1 << 13, 1 << 16, 1 << 19};
constexpr std::size_t kSample = 4096;

}  // namespace

SemanticIndex::SemanticIndex(double threshold) {
  const double t = std::clamp(threshold, 0.5, 1.0);
  square_ = t * t;
  distance_ = 2 - 2 * t + 1e-9;
}

std::span<const std::uint32_t> SemanticIndex::neighbours(std::span<const float> vector,
                                                         std::size_t& compared) const {
  thread_local std::vector<std::uint32_t> candidates;
  candidates.clear();
  if (rows_.size() == 0 || vector.size() != rows_.dimensions()) return candidates;
  const double square = dot(vector, vector);
  if (!has_direction(square)) return candidates;
  if (learnt_) {
    lists_.find(axes_.project(vector, square), distance_ * axes_.stretch(), 2 * axes_.error(), candidates);
    std::sort(candidates.begin(), candidates.end());
  } else {
    candidates.resize(rows_.size());
    std::iota(candidates.begin(), candidates.end(), 0U);
  }
  compared = candidates.size();
  std::erase_if(candidates, [&](std::uint32_t row) {
    if (!has_direction(rows_.square(row))) return true;
    const double product = dot(vector, rows_.vector(row));
    return product <= 0 || product * product < square_ * (square * rows_.square(row));
  });
  return candidates;
}

std::uint32_t SemanticIndex::add(std::span<const float> vector) {
  const std::uint32_t row = rows_.add(vector);
  if (std::find(kLearnAt.begin(), kLearnAt.end(), rows_.size()) != kLearnAt.end()) {
    learn();
  } else if (learnt_) {
    list(row);
  }
  return row;
}

void SemanticIndex::learn() {
  axes_.learn(rows_);
  std::vector<PrincipalAxes::Coordinates> coordinates;
  for (const std::uint32_t row : sample(rows_, kSample))
    coordinates.push_back(axes_.project(rows_.vector(row), rows_.square(row)));
  lists_ = CellLists(coordinates, rows_.size());
  learnt_ = true;
  for (std::uint32_t row = 0; row < rows_.size(); ++row) list(row);
}

void SemanticIndex::list(std::uint32_t row) {
  if (has_direction(rows_.square(row))) lists_.add(axes_.project(rows_.vector(row), rows_.square(row)), row);
}

}  // namespace validators
