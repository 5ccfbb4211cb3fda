// What needs tables of Unicode: ICU for normalisation and scripts, OpenCC for traditional and
// simplified Chinese. All functions are thread-safe; the first use of a code point asks the library,
// later uses are a table look-up, because short utterances are normalised by the ten million.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace base {

enum class Script : std::uint8_t { common, han, latin, other };

Script script_of(char32_t c);
inline bool is_han(char32_t c) { return script_of(c) == Script::han; }
bool is_white_space(char32_t c);
/// Without white space of any kind at both ends: U+3000 and no-break spaces, too, which Chinese keyboards and
/// web pages leave behind.
std::string_view trim_white_space(std::string_view text);
/// Unicode categories P* and S*.
bool is_punctuation_or_symbol(char32_t c);
/// Letters and digits: what a word is made of.
bool is_alphanumeric(char32_t c);
/// Cc, Cf, Co, Cn and the line and paragraph separators: nothing of this belongs in an utterance.
bool is_control(char32_t c);

/// NFKC with case folding (Unicode Standard, section 3.13, NFKC_Casefold): full width becomes half
/// width, upper case lower case. `text` must be valid UTF-8.
std::string fold(std::string_view text);

/// Traditional to simplified Chinese (OpenCC t2s, by phrase). Text without a traditional character
/// comes back as it is, without asking OpenCC; so does text that isn't valid UTF-8.
std::string to_simplified(std::string_view text);
bool has_traditional(std::string_view text);
/// Whether a character is written in simplified Chinese only: OpenCC makes another one of it, and Big5, the
/// set of Taiwan and Hong Kong, doesn't have it. 后 and 里 are in both.
bool is_simplified_only(char32_t c);
/// Simplified to traditional (OpenCC s2t); for tests and fault injection. Slow.
std::string to_traditional(std::string_view text);

/// The form in which two utterances are "the same text": folded, simplified if `simplify`, white
/// space collapsed to one space and dropped beside Han, punctuation and space at both ends stripped
/// (but not what means something there: 30%, C++, C#, $5).
std::string normalise(std::string_view text, bool simplify);

}  // namespace base
