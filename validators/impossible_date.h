// Dates and times that no calendar and no clock has: 13月, 2月30日, 25点, 25:70, 周八, 31 April. Numbers may
// be written in any way that spoken_form reads. Any thread; some 20 ns for a text without such words, a
// microsecond for one with them.
#pragma once

#include <string>
#include <string_view>

namespace validators {

/// The first one, as it is read (2月30日 also for 二月三十号); empty if there is none. `whole` for a text
/// that is a date or a time: there 25点 and 25:70 have no other meaning. In the midst of a sentence they have
/// (25点能量, a score), and only what can't mean anything else is found: 下午25点半, 4月31日, 周八见.
std::string find_impossible_date(std::string_view text, bool whole);

}  // namespace validators
