// The embeddings of the accepted rows, by number, as they came: what a candidate is compared with in the end.
//
// One thread changes it; any may read while none does. 4 bytes a dimension and 8 a row. A row never moves.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace validators {

class VectorStore {
 public:
  /// The first vector says how many dimensions all have. One of another number is kept as all zero.
  std::uint32_t add(std::span<const float> vector);
  /// The row's square becomes 0, as if it had no direction.
  void release(std::uint32_t row) { squares_[row] = 0; }

  std::uint32_t size() const { return static_cast<std::uint32_t>(squares_.size()); }
  std::size_t dimensions() const { return dimensions_; }
  std::span<const float> vector(std::uint32_t row) const {
    return {pieces_[row / kRows].get() + row % kRows * dimensions_, dimensions_};
  }
  /// The dot product of the row with itself.
  double square(std::uint32_t row) const { return squares_[row]; }
  std::size_t memory() const { return size() * (dimensions_ * sizeof(float) + sizeof(double)); }

 private:
  static constexpr std::uint32_t kRows = 256;  // a piece

  std::size_t dimensions_ = 0;
  std::vector<std::unique_ptr<float[]>> pieces_;
  std::vector<double> squares_;
};

}  // namespace validators
