#include "validators/duplicates/cell_lists.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace validators {
namespace {

constexpr std::size_t kAxes = PrincipalAxes::kAxes;
constexpr std::size_t kFirstAxes = 32;
constexpr std::size_t kMostCentres = 512;
constexpr std::size_t kRowsACentre = 128;  // when they are chosen; there will be more
constexpr int kRounds = 3;
constexpr std::array<std::size_t, kCells - 1> kPercentiles{16, 50, 84};
constexpr std::size_t kShells = 8;  // the last one is open
constexpr double kShell = 0.1;
constexpr std::uint32_t kAllRows = kRowsOfCells;
constexpr float kApart = 0.05F;  // what centres must be for a plane between them

std::size_t nearest(const std::vector<float>& squares) {
  return static_cast<std::size_t>(std::min_element(squares.begin(), squares.end()) - squares.begin());
}

/// The shell of what is so far away from the centre.
std::size_t shell(double distance) {
  return distance <= 0 ? 0 : std::min(kShells - 1, static_cast<std::size_t>(distance / kShell));
}

}  // namespace

CellLists::CellLists(std::span<const Coordinates> sample, std::size_t rows) {
  std::vector<float> sorted(sample.size());
  for (std::size_t axis = 0; axis < kAxes; ++axis) {
    for (std::size_t i = 0; i < sample.size(); ++i) sorted[i] = sample[i][axis];
    std::sort(sorted.begin(), sorted.end());
    for (std::size_t i = 1; i < kCells && !sorted.empty(); ++i)
      edges_[axis][i] = sorted[kPercentiles[i - 1] * (sorted.size() - 1) / 100];
    edges_[axis].front() = -std::numeric_limits<float>::infinity();
    edges_[axis].back() = std::numeric_limits<float>::infinity();
  }
  centres_ = std::clamp<std::size_t>(std::min(rows / kRowsACentre, sample.size()), 1, kMostCentres);
  centre_coordinates_.resize(kFirstAxes * centres_);
  for (std::size_t i = 0; i < centres_ && !sample.empty(); ++i)
    for (std::size_t axis = 0; axis < kFirstAxes; ++axis)
      centre_coordinates_[axis * centres_ + i] = sample[i * sample.size() / centres_][axis];
  for (int round = 0; round < kRounds; ++round) move_centres(sample);
  lists_.resize(centres_ * kShells);
  behind_.assign(centres_ * centres_, std::numeric_limits<float>::max());
  half_inverse_.resize(centres_ * centres_);
  Coordinates centre{};
  std::vector<float> squares;
  for (std::size_t i = 0; i < centres_; ++i) {
    for (std::size_t axis = 0; axis < kFirstAxes; ++axis)
      centre[axis] = centre_coordinates_[axis * centres_ + i];
    square_distances(centre, squares);
    for (std::size_t k = 0; k < centres_; ++k)
      if (squares[k] > kApart * kApart) half_inverse_[i * centres_ + k] = 0.5F / std::sqrt(squares[k]);
  }
}

/// Lloyd's iteration. A centre that is nobody's nearest stays.
void CellLists::move_centres(std::span<const Coordinates> sample) {
  std::vector<float> sums(centre_coordinates_.size());
  std::vector<float> counts(centres_);
  std::vector<float> away;
  for (const Coordinates& coordinates : sample) {
    square_distances(coordinates, away);
    const std::size_t centre = nearest(away);
    ++counts[centre];
    for (std::size_t axis = 0; axis < kFirstAxes; ++axis) sums[axis * centres_ + centre] += coordinates[axis];
  }
  for (std::size_t i = 0; i < sums.size(); ++i)
    if (counts[i % centres_] > 0) centre_coordinates_[i] = sums[i] / counts[i % centres_];
}

void CellLists::square_distances(const Coordinates& coordinates, std::vector<float>& squares) const {
  squares.assign(centres_, 0.0F);
  for (std::size_t axis = 0; axis < kFirstAxes; ++axis) {
    const float* along = centre_coordinates_.data() + axis * centres_;
    for (std::size_t i = 0; i < centres_; ++i) {
      const float difference = coordinates[axis] - along[i];
      squares[i] += difference * difference;
    }
  }
}

void CellLists::add(const Coordinates& coordinates, std::uint32_t row) {
  thread_local std::vector<float> away;
  square_distances(coordinates, away);
  const std::size_t centre = nearest(away);
  for (std::size_t i = 0; i < centres_; ++i) {
    float& least = behind_[i * centres_ + centre];
    least = std::min(least, (away[i] - away[centre]) * half_inverse_[i * centres_ + centre]);
  }
  List& list = lists_[centre * kShells + shell(std::sqrt(static_cast<double>(away[centre])))];
  if (list.in_last == kRowsOfCells || list.blocks.empty()) {
    if (blocks_ % kPiece == 0) pieces_.push_back(std::make_unique<Block[]>(kPiece));
    list.blocks.push_back(blocks_++);
    list.in_last = 0;
  }
  Block& newest = block(list.blocks.back());
  const std::size_t at = list.in_last++;
  newest.rows[at] = row;
  const auto cell = [&](std::size_t axis) {
    unsigned number = 0;
    for (std::size_t i = 1; i < kCells; ++i) number += coordinates[axis] >= edges_[axis][i];
    return number;
  };
  for (std::size_t axis = 0; axis < kAxes; axis += 4)
    newest.cells[axis / 4][at] = static_cast<std::uint8_t>(cell(axis) | cell(axis + 1) << 2 |
                                                           cell(axis + 2) << 4 | cell(axis + 3) << 6);
}

void CellLists::find(const Coordinates& coordinates, double limit, double error,
                     std::vector<std::uint32_t>& found) const {
  thread_local std::vector<float> away;
  square_distances(coordinates, away);
  // 254 at the limit, so that what isn't above it never adds up to 255; less a little for the rounding here.
  const auto scale = static_cast<float>(254 / limit * (1 - 1e-5));
  const auto wrong = static_cast<float>(error + 1e-6);
  std::array<std::array<float, kCells>, kAxes> squares;
  for (std::size_t axis = 0; axis < kAxes; ++axis) {
    const float at = coordinates[axis];
    for (std::size_t i = 0; i < kCells; ++i) {
      const float gap = std::max(0.0F, std::max(edges_[axis][i] - at, at - edges_[axis][i + 1]) - wrong);
      squares[axis][i] = gap * gap * scale;
    }
  }
  CellTable table;
  for (std::size_t axis = 0; axis < kAxes; axis += 2)
    for (std::size_t i = 0; i < kCells * kCells; ++i)
      table[axis / 2][i] = static_cast<std::uint8_t>(
          static_cast<int>(std::min(255.0F, squares[axis][i % kCells] + squares[axis + 1][i / kCells])));
  // Distances along the first axes are below 3, their squares below 9: rounding moves the distances by less
  // than 1e-4, and, divided by twice kApart, how far something is behind a plane by less than 1e-3.
  const double moved = std::sqrt(static_cast<double>(kFirstAxes)) * error;
  const double reach = std::sqrt(limit) + moved + 1e-4;
  const auto reach_over_plane = static_cast<float>(std::sqrt(limit) + moved + 1e-3);
  thread_local std::vector<ToScan> blocks;
  blocks.clear();
  const std::size_t own = nearest(away);
  const float* behind = behind_.data() + own * centres_;
  const float* half_inverse = half_inverse_.data() + own * centres_;
  for (std::size_t centre = 0; centre < centres_; ++centre) {
    if ((away[centre] - away[own]) * half_inverse[centre] + behind[centre] > reach_over_plane) continue;
    const double distance = std::sqrt(static_cast<double>(away[centre]));
    const std::size_t last = shell(distance + reach);
    for (std::size_t i = shell(distance - reach); i <= last; ++i)
      for (const List& list = lists_[centre * kShells + i]; const std::uint32_t number : list.blocks)
        blocks.push_back({&block(number), number == list.blocks.back() ? list.in_last : kAllRows});
  }
  scan(blocks, table, found);
}

void CellLists::scan(std::span<const ToScan> blocks, const CellTable& table,
                     std::vector<std::uint32_t>& found) {
  constexpr std::size_t kAhead = 6;       // blocks
  constexpr std::size_t kPrefetch = 512;  // bytes; after 64 axes it is mostly over
  const auto keep = [&found](const ToScan& scanned, std::uint32_t passed) {
    if (scanned.rows < kRowsOfCells) passed &= (std::uint32_t{1} << scanned.rows) - 1;
    for (; passed != 0; passed &= passed - 1)
      found.push_back(scanned.block->rows[static_cast<std::size_t>(std::countr_zero(passed))]);
  };
  for (std::size_t i = 0; i < blocks.size(); i += 2) {
    for (std::size_t next = i + kAhead; next < std::min(i + kAhead + 2, blocks.size()); ++next)
      for (std::size_t byte = 0; byte < kPrefetch; byte += 64)
        __builtin_prefetch(reinterpret_cast<const char*>(blocks[next].block) + byte);
    const bool two = i + 1 < blocks.size();
    const std::uint64_t passed =
        cell_scan(blocks[i].block->cells, blocks[two ? i + 1 : i].block->cells, table);
    if (passed == 0) continue;
    keep(blocks[i], static_cast<std::uint32_t>(passed));
    if (two) keep(blocks[i + 1], static_cast<std::uint32_t>(passed >> 32));
  }
}

std::size_t CellLists::memory() const {
  return lists_.size() * sizeof(List) + blocks_ * (sizeof(Block) + sizeof(std::uint32_t)) + sizeof(edges_) +
         (centre_coordinates_.size() + behind_.size() + half_inverse_.size()) * sizeof(float);
}

}  // namespace validators
