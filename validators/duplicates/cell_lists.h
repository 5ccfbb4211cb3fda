// The rows by where they lie along the principal axes: which of them can't be ruled out as neighbours?
//
// Rows are grouped around centres (at most 512, some rounds of k-means on a sample, on the first 32 axes),
// and around each centre in shells of 0.1 by how far away they are. A list is a shell: a chain of blocks of
// 32 rows. By the triangle inequality only those shells can hold neighbours that are as far from their centre
// as the row that is asked for, give or take how far apart neighbours can be. And of two groups, as seen
// along the line between their centres, the rows of one lie on one side of a plane and those of the other,
// most of them far away, on its other side (the hyperplane bound of Uhlmann, 1991): for each pair of centres
// it is known how near a row of the second ever came to the plane between them. This rules out most groups.
//
// In a block, each axis is cut into four cells at the 16th, 50th and 84th percentile of the sample; a row is
// its cells (cell_scan.h). What is added up there is rounded down, so that a row is ruled out only if its
// distance is above the limit for certain: rows pass that aren't near, and no neighbour is lost.
//
// One thread adds; any may find while none does. 36 bytes a row, half a block a list, and a megabyte.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "validators/duplicates/cell_scan.h"
#include "validators/duplicates/principal_axes.h"

namespace validators {

class CellLists {
 public:
  using Coordinates = PrincipalAxes::Coordinates;

  CellLists() = default;
  /// Cells for rows like these; `rows` are about how many there are.
  CellLists(std::span<const Coordinates> sample, std::size_t rows);

  void add(const Coordinates& coordinates, std::uint32_t row);
  /// Appends all rows but such whose square distance along the axes is above `limit`, even if each
  /// difference is smaller by `error` than it seems; each once, in no particular order. 0 < limit.
  void find(const Coordinates& coordinates, double limit, double error,
            std::vector<std::uint32_t>& found) const;
  std::size_t memory() const;

 private:
  static constexpr std::uint32_t kPiece = 256;  // blocks

  struct Block {
    CellBlock cells{};
    std::array<std::uint32_t, kRowsOfCells> rows{};
  };
  struct List {
    std::vector<std::uint32_t> blocks;
    std::uint32_t in_last = 0;  // rows
  };

  Block& block(std::uint32_t number) const { return pieces_[number / kPiece][number % kPiece]; }
  std::size_t cell(const Coordinates& coordinates, std::size_t axis) const;
  struct ToScan {
    const Block* block;
    std::uint32_t rows;
  };
  static void scan(std::span<const ToScan> blocks, const CellTable& table, std::vector<std::uint32_t>& found);
  void move_centres(std::span<const Coordinates> sample);
  /// Of the coordinates from all centres.
  void square_distances(const Coordinates& coordinates, std::vector<float>& squares) const;

  /// Where a cell begins and the one before it ends; before and behind all, infinity.
  std::array<std::array<float, kCells + 1>, PrincipalAxes::kAxes> edges_{};
  std::size_t centres_ = 0;
  std::vector<float> centre_coordinates_;  // by axis, then by centre
  /// By centre c, then by centre k: how far behind the plane in the middle between them the rows of k are
  /// at least, and one over twice the centres' distance (0 if they are too close together to say).
  std::vector<float> behind_;
  std::vector<float> half_inverse_;
  std::vector<List> lists_;  // by centre, then by shell
  std::vector<std::unique_ptr<Block[]>> pieces_;
  std::uint32_t blocks_ = 0;
};

}  // namespace validators
