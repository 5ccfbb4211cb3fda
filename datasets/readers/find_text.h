// Places in a text, in code points. Linear.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace datasets {

/// What stands from `start` to `end`; nothing if the text has no such place.
std::optional<std::string_view> substring(std::string_view text, std::uint32_t start, std::uint32_t end);

/// Where `part` stands in `text`: the code points at which it begins, not overlapping. `part` isn't empty.
std::vector<std::uint32_t> find_text(std::string_view text, std::string_view part);

/// Of these places, those that cut no word and no number; all of them if each does. Chinese has no words to
/// cut.
std::vector<std::uint32_t> find_words(std::string_view text, std::string_view part);

}  // namespace datasets
