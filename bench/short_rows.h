// Short commands as a model writes them, for measuring indexes of duplicates: English (48 templates, 8
// intents, openings and endings, slot values *in the text*; 64 bytes, 11.7 words) and Chinese (16 templates;
// 16 pairs of characters). Every fifth row is a copy of an earlier one with one to three edits, a tenth of
// those with none. A function of its arguments.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace bench {

/// With `wide`, names have a first and a last part, as in a catalogue of thousands; without, there are some
/// 150 values in all.
std::vector<std::string> english_rows(bool wide, std::size_t count, std::uint64_t seed);
std::vector<std::string> chinese_rows(std::size_t count, std::uint64_t seed);

}  // namespace bench
