// UTF-8 without any library: decode, encode, count, validate, and small string helpers. What needs
// tables of Unicode is in base/unicode.h.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace base {

constexpr char32_t kInvalidCodePoint = 0xFFFFFFFF;

/// Decodes the code point at byte `at` and moves `at` behind it. Ill-formed bytes (overlong forms,
/// surrogates, cut sequences) give kInvalidCodePoint and move by one byte.
char32_t next_code_point(std::string_view text, std::size_t& at);
void append_utf8(char32_t c, std::string& out);
bool is_valid_utf8(std::string_view text);
/// The number of code points; `text` must be valid.
std::size_t count_code_points(std::string_view text);
/// All code points; ill-formed bytes become U+FFFD.
std::u32string to_utf32(std::string_view text);
std::string to_utf8(std::u32string_view text);

/// Without ASCII space, tab, CR and LF at both ends.
std::string_view trim(std::string_view text);
/// Runs of those four become one space, none at the ends.
std::string one_line(std::string_view text);
std::vector<std::string_view> split(std::string_view text, char separator);

/// Of `candidates`, the one closest to `word` by Levenshtein distance in code points if it is close
/// enough to be what was meant: a third of the longer one's length at most, or one edit in a short
/// word that leaves something of it. Of equally close ones the first. For "did you mean".
std::optional<std::string> closest(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace base
