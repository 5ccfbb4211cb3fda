#include "prompts/slot_sets.h"

#include <algorithm>

namespace prompts {

SlotSets::SlotSets(const Intent& intent) : intent_(intent) {
  for (const IntentSlot& slot : intent.slots) optional_ += slot.required ? 0 : 1;
  // With one optional slot "those plus it" is "all".
  size_ = optional_ < 2 ? optional_ + 1 : optional_ + 2;
}

std::vector<std::size_t> SlotSets::operator[](std::size_t index) const {
  std::vector<std::size_t> slots;
  slots.reserve(intent_.slots.size());
  std::size_t nth = 0;  // optional slots seen, from 1
  for (std::size_t i = 0; i < intent_.slots.size(); ++i) {
    if (!intent_.slots[i].required) {
      ++nth;
      if (index != nth && index != optional_ + 1) continue;
    }
    slots.push_back(i);
  }
  return slots;
}

bool is_compatible_pair(const Intent& first, const Intent& second) {
  const auto names = [](const Intent& a, const Intent& b) {
    return std::find(a.contrast.begin(), a.contrast.end(), b.name) != a.contrast.end();
  };
  return first.name != second.name && !names(first, second) && !names(second, first);
}

bool has_compatible_pair(const Job& job) {
  for (std::size_t a = 0; a < job.intents.size(); ++a)
    for (std::size_t b = a + 1; b < job.intents.size(); ++b)
      if (is_compatible_pair(job.intents[a], job.intents[b])) return true;
  return false;
}

}  // namespace prompts
