// Whether a place in a text says a whole value, or is cut out of a longer one: 屏幕 in 主屏幕, room in
// living room, 下午三点 in 下午三点半, 三点 in 下午三点. What is judged is what stands beside the place:
// longer surfaces of the catalogue that cover it, and for dates and times the digits, units and words
// (半, 下午, pm, half past) that make it another one. What no rule knows passes.
//
// Costs a catalogue look-up for each way to lengthen the place up to the longest surface, so it is asked
// only for places of values that a model left untagged. Any thread.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "prompts/catalogue.h"

namespace validators {

struct Span {
  std::uint32_t start = 0;  // code points, half open
  std::uint32_t end = 0;
};

/// `others` are the places of other slots: 明天 is a whole date in 明天下午三点 if 下午三点 is the time.
bool is_whole_value(const prompts::SlotType& type, std::u32string_view text, const Span& place,
                    const std::vector<Span>& others);

}  // namespace validators
