// The slot sets that an intent is said with: the required slots; those plus each optional one; all.
// Equal sets are named once: an intent with one optional slot has two sets, one without any has one.
// And which intents are said together in one utterance.
//
// Computed on demand, without a table: plans are replayed by the million.
#pragma once

#include <cstddef>
#include <vector>

#include "prompts/job.h"

namespace prompts {

class SlotSets {
 public:
  /// `intent` must outlive this.
  explicit SlotSets(const Intent& intent);
  /// At least 1.
  std::size_t size() const { return size_; }
  /// Indices into Intent::slots, ascending.
  std::vector<std::size_t> operator[](std::size_t index) const;

 private:
  const Intent& intent_;
  std::size_t optional_ = 0;
  std::size_t size_ = 1;
};

/// Two different intents, neither in the other's contrast list: what is easily confused makes no clear
/// pair.
bool is_compatible_pair(const Intent& first, const Intent& second);
bool has_compatible_pair(const Job& job);

}  // namespace prompts
