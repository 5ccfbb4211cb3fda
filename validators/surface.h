// Two ways to write the same value: 三十 and 30, 百分之三十 and 30%, ＡＢ and ab, 會議室 and 会议室.
// A model that was asked for one may write the other; that is no fault, and what stands in the text is
// then the surface while `value` keeps the canonical form.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "prompts/catalogue.h"
#include "validators/whole_value.h"

namespace validators {

/// Whether `written` says the planned value: verbatim, equal after normalisation, the same number in
/// another written form (a percentage only equals a percentage unless the type itself is a number), or
/// another surface of the same catalogue value.
bool same_value(const prompts::SlotType& type, std::string_view planned, std::string_view written);

/// The part of `written` that is the value: without white space and sentence punctuation at its ends
/// that `planned` doesn't have there.
std::string_view tighten(std::string_view planned, std::string_view written);

/// All places in `text` that say the planned value in some written form and don't cut a number, a
/// Latin word or a longer value, longest first where they overlap, none overlapping. For values that a
/// model left untagged: exactly one place is certain enough to tag. `others` are places of other slots.
std::vector<Span> find_value(const prompts::SlotType& type, std::string_view planned,
                             std::u32string_view text, const std::vector<Span>& others = {});

}  // namespace validators
