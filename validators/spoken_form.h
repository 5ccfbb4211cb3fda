// The comparable form of a value or an utterance, with the way back: folded (NFKC, lower case),
// simplified, white space collapsed and dropped beside Han, and every number in digits, wherever it
// stands: 三百二十五 -> 325, 二〇二四 -> 2024, 百分之三十 and thirty percent -> 30%, 零下五 -> -5,
// 第三会议室 -> 第3会议室. Each character of it knows which code points of the source it came from, so
// that a match can be cut out of the source exactly.
//
// Not reversed into digits: 一 in words such as 一下 and 一起, and `one` in `this one`. About 50 ns a
// character; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace validators {

struct FormCharacter {
  char32_t c = 0;
  std::uint32_t start = 0;  // code points of the source, half open
  std::uint32_t end = 0;
  bool first = true;  // of the characters that share a source: a match begins and ends at these
  bool last = true;
};

using SpokenForm = std::vector<FormCharacter>;

SpokenForm spoken_form(std::u32string_view text);

inline bool is_digit(char32_t c) { return c >= U'0' && c <= U'9'; }

}  // namespace validators
