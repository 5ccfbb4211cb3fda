#include "pipeline/conflicts.h"

#include <algorithm>
#include <cstdint>

namespace pipeline {
namespace {

constexpr std::uint64_t kParts = 16;

struct RowReference {
  base::Hash128 text;
  std::uint32_t lane;
  std::uint32_t row;
};

}  // namespace

std::size_t mark_conflicts(std::vector<Lane>& lanes, ConflictSet& conflicts) {
  std::size_t marked = 0;
  if (lanes.size() < 2) return marked;
  std::vector<RowReference> part;
  for (std::uint64_t number = 0; number < kParts; ++number) {
    part.clear();
    for (std::size_t lane = 0; lane < lanes.size(); ++lane)
      for (std::size_t row = 0; row < lanes[lane].rows(); ++row) {
        if (lanes[lane].row_state(row) == RowState::conflict) continue;
        const base::Hash128& text = lanes[lane].row_text(row);
        if (text.high % kParts != number) continue;
        part.push_back({text, static_cast<std::uint32_t>(lane), static_cast<std::uint32_t>(row)});
      }
    std::sort(part.begin(), part.end(), [](const RowReference& a, const RowReference& b) {
      return a.text != b.text ? a.text < b.text : a.lane < b.lane;
    });
    for (std::size_t begin = 0; begin < part.size();) {
      std::size_t end = begin + 1;
      while (end < part.size() && part[end].text == part[begin].text) ++end;
      if (end - begin > 1) {  // a lane holds a text only once, so these are different lanes
        conflicts.insert(part[begin].text);
        for (std::size_t i = begin; i < end; ++i) lanes[part[i].lane].mark_conflict(part[i].row);
        marked += end - begin;
      }
      begin = end;
    }
  }
  return marked;
}

}  // namespace pipeline
