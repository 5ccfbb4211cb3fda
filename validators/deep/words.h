// The words of an utterance, as the deep checks see them: a run of letters and digits is one (so Latin words,
// numbers and A301 stay whole), each character of a script without spaces is one (Han, kana, Hangul, Thai),
// each punctuation mark is one; 's and 'clock are words of their own, since annotators cut there. White space
// and control characters only separate. Any thread.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace validators::deep {

struct Word {
  std::uint32_t start = 0;  // code points, half open
  std::uint32_t end = 0;
  bool operator==(const Word&) const = default;
};

std::vector<Word> split_words(std::u32string_view text);

}  // namespace validators::deep
