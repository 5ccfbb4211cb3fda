#include "validators/deep/words.h"

#include "base/unicode.h"

namespace validators::deep {
namespace {

/// Scripts without spaces between words.
bool is_spaceless(char32_t c) {
  return (c >= 0x0E00 && c <= 0x0EFF) ||  // Thai, Lao
         (c >= 0x1000 && c <= 0x109F) ||  // Myanmar
         (c >= 0x1780 && c <= 0x17FF) ||  // Khmer
         (c >= 0x3040 && c <= 0x30FF) ||  // kana
         (c >= 0xAC00 && c <= 0xD7A3) ||  // Hangul
         base::is_han(c);
}

bool is_apostrophe(char32_t c) { return c == U'\'' || c == U'\u2019'; }
bool is_part_of_word(char32_t c) { return base::is_alphanumeric(c) && !is_spaceless(c); }

}  // namespace

std::vector<Word> split_words(std::u32string_view text) {
  std::vector<Word> words;
  const auto size = static_cast<std::uint32_t>(text.size());
  for (std::uint32_t at = 0; at < size;) {
    const std::uint32_t start = at++;
    const char32_t c = text[start];
    if (base::is_white_space(c) || base::is_control(c)) continue;
    if (is_part_of_word(c) || is_apostrophe(c))
      while (at < size && is_part_of_word(text[at])) ++at;
    words.push_back({start, at});
  }
  return words;
}

}  // namespace validators::deep
