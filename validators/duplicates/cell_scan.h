// Bounds on the distances of 32 rows, from two bits of each coordinate. Each axis is cut into four cells; for
// two axes together a table says for each of their 16 cells how far a row in it is at least from the one that
// is asked for, in 255ths of what is too far. The sums of 32 rows are made with one look-up of a whole vector
// for two axes (the vector approximations of Weber, Schek and Blott, 1998, summed as by André, Kermarrec and
// Le Scouarnec, 2015). Coarse cells of many axes say more in a byte than fine ones of few.
//
// Two versions, chosen when the program starts; both let the same rows pass. Any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "validators/duplicates/principal_axes.h"

namespace validators {

constexpr std::size_t kCells = 4;         // of an axis
constexpr std::size_t kRowsOfCells = 32;  // of a block

/// By pair of axes, then by cell of the first + 4 x cell of the second.
using CellTable = std::array<std::array<std::uint8_t, kCells * kCells>, PrincipalAxes::kAxes / 2>;

/// Of each row its cells on four axes, the first in the lowest bits.
using CellBytes = std::array<std::uint8_t, kRowsOfCells>;
using CellBlock = std::array<CellBytes, PrincipalAxes::kAxes / 4>;

/// Of two blocks, for each row a bit, those of the first block lowest: whether its entries add up to less
/// than 255. Two at once, because a step waits for the one before it.
using CellScan = std::uint64_t (*)(const CellBlock& first, const CellBlock& second, const CellTable& table);

struct NamedCellScan {
  const char* name;
  CellScan scan;
};

/// All that this processor can run, the best one first; the portable one is always there.
std::span<const NamedCellScan> cell_scans();
/// The best one.
extern const CellScan cell_scan;

}  // namespace validators
