// Characters that can only mean one other: full-width letters and digits, wide spaces, and in a
// simplified job traditional characters. Each becomes one character, so that offsets stay.
//
// Any thread; 50 ns for a text without any.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "validators/repairs.h"
#include "validators/whole_value.h"

namespace validators {

/// Puts the repaired text into `out` and returns true, if there is anything to repair. Code points in `kept`
/// stay as they are: values that are written as the job has them. `kept` is by start. In a `chinese` text
/// full-width punctuation is right and stays, but for that of numbers (30％, 8：30, 2．5).
bool repair_text(std::string_view text, bool chinese, bool simplify, const std::vector<Span>& kept,
                 std::string& out, Repairs& repairs);

}  // namespace validators
