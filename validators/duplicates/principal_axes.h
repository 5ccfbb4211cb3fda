// The directions in which the rows' embeddings differ most, and where a vector lies along them. Embeddings of
// text are anisotropic: they share a large common part, and most of what is left of their differences lies in
// few directions. Along 128 well chosen ones, rows that mean different things are further apart already than
// neighbours can be in all 256 or 4,096 dimensions, and most of them are along the first 32.
//
// The axes are learnt from at most 1,024 rows, their mean subtracted, by orthogonal iteration (Golub and Van
// Loan, Matrix Computations, 8.2) from fixed random directions. Nothing depends on how well that went: what
// counts is that lengths grow by no more than stretch() on the way to the axes, which is computed from the
// axes as they are, rounding included.
//
// One thread learns; any may project while none does. Learning costs some 4,000 multiplications a dimension
// and axis, a tenth of a second for 256 dimensions; a projection one.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "validators/duplicates/vector_store.h"

namespace validators {

class PrincipalAxes {
 public:
  static constexpr std::size_t kAxes = 128;
  using Coordinates = std::array<float, kAxes>;

  /// From all rows that there are, and from nothing before.
  void learn(const VectorStore& rows);
  /// Of the vector scaled to length 1; the most important first. `square` is its product with itself, and it
  /// has a direction.
  Coordinates project(std::span<const float> vector, double square) const;

  /// Squares of distances along the axes are at most this times the squares in all dimensions.
  double stretch() const { return stretch_; }
  /// By how much a coordinate can be wrong, by rounding.
  double error() const { return error_; }
  std::size_t memory() const { return matrix_.size() * sizeof(float); }

 private:
  std::vector<float> matrix_;  // by dimension, then by axis
  double stretch_ = 1;
  double error_ = 0;
};

/// At most `most` rows, evenly spread over those with a direction.
std::vector<std::uint32_t> sample(const VectorStore& rows, std::size_t most);

}  // namespace validators
