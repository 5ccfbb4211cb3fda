// Which of the accepted rows mean nearly the same as this one? All rows whose embedding has a cosine of at
// least t with this one's, exactly: none is missed, none is wrong. For vectors of 64 to 4,096 dimensions.
//
// Vectors of length 1 with a cosine of at least t are at most sqrt(2 - 2t) apart: 0.4 at t = 0.92, where what
// has nothing in common is 1.41 apart. In fewer dimensions distances only get smaller, so that rows which are
// further apart than that along a few axes are no neighbours, for certain. In the order of the search:
//   1. the axes (principal_axes.h): 128 directions, learnt from the rows, in which they differ most;
//   2. the lists (cell_lists.h): rows that lie near each other along the first axes are one list, and lists
//      that are too far away aren't looked at, most of them if rows fall into groups, few if they don't;
//   3. the cells (cell_scan.h): two bits for each axis say how far a row is at least, 64 rows at once;
//   4. the vectors (vector_store.h): what is left is compared in full.
// Sign bits and a Hamming radius, the usual filter, are right by probability only: rows whose difference lies
// along few axes can differ in more signs than any radius. Here all bounds hold for any vectors, rounding
// included; how well axes and cells fit the rows decides only how long it takes.
//
// Axes and cells are learnt at the 1,024th, the 8,192nd, the 65,536th and the 524,288th row, from those so
// far, and all rows are listed anew; before, all rows are compared.
//
// One thread adds and releases; any number may find while none does. Answers are a function of the calls
// alone, not of the processor: the cosine is computed in double precision and in one order everywhere.
//
// Memory: the vectors, 4 bytes a dimension, and some 50 bytes a row.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "validators/duplicates/cell_lists.h"
#include "validators/duplicates/principal_axes.h"
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
  /// The row is found no more; its number stays taken, and its vector's memory.
  void release(std::uint32_t row) { rows_.release(row); }

  std::uint32_t size() const { return rows_.size(); }
  /// Bytes in use.
  std::size_t memory() const { return rows_.memory() + axes_.memory() + lists_.memory(); }

 private:
  /// Ascending, each once; valid until this thread's next call.
  std::span<const std::uint32_t> neighbours(std::span<const float> vector, std::size_t& compared) const;

  void learn();
  void list(std::uint32_t row);

  double square_;    // of the threshold
  double distance_;  // of neighbours, squared, and some more than rounding makes of it
  VectorStore rows_;
  bool learnt_ = false;
  PrincipalAxes axes_;
  CellLists lists_;
};

}  // namespace validators
