// Which of the accepted rows mean nearly the same as this one? All rows whose embedding has a cosine of at
// least t with this one's, exactly: none is missed, none is wrong. For vectors of 64 to 4,096 dimensions.
//
// One thread adds and releases; any number may find while none does. Answers are a function of the calls
// alone, not of the processor: the cosine is computed in double precision and in one order everywhere.
//
// Memory: the vectors, 4 bytes a dimension, and 8 bytes a row.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "validators/duplicates/vector_store.h"

namespace validators {

class SemanticIndex {
 public:
  /// `threshold` is taken between 0.5 and 1.
  explicit SemanticIndex(double threshold);

  /// Calls visit(row) for each row near `vector`, in the order of their numbers, until it returns false.
  /// `vector` need not have length 1. `visit` must not call this index's find() nor change the index. Returns
  /// how many rows' cosines were computed. A vector without a direction (all zero, or not finite somewhere),
  /// or of another dimension than the first row's, is near nothing.
  template <typename Visit>
  std::size_t find(std::span<const float> vector, Visit&& visit) const {
    std::size_t compared = 0;
    for (const std::uint32_t row : neighbours(vector, compared))
      if (!visit(row)) break;
    return compared;
  }

  /// Remembers a row and returns its number; the first is 0. Rows may be near each other, or equal.
  std::uint32_t add(std::span<const float> vector);
  /// The row is found no more; its number stays taken, and its memory.
  void release(std::uint32_t row) { rows_.release(row); }

  std::uint32_t size() const { return rows_.size(); }
  /// Bytes in use.
  std::size_t memory() const { return rows_.memory(); }

 private:
  /// Ascending, each once; valid until this thread's next call.
  std::span<const std::uint32_t> neighbours(std::span<const float> vector, std::size_t& compared) const;

  double square_;  // of the threshold
  VectorStore rows_;
};

}  // namespace validators
