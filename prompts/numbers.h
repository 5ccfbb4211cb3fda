// Numbers as people write and say them: 30, 三十, 百分之三十, thirty percent. Writing goes through ICU's
// spell-out rules; reading is ours, since it must take what models and people produce (两百, 一百二,
// 二〇二四) and give up on everything else rather than guess.
//
// Any thread. Reading allocates nothing: 0.1 microseconds. Writing takes 0.4 microseconds, and once
// per thread milliseconds to load the rules.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace prompts {

enum class Written { arabic, cjk, words, percent };

/// All surfaces of `number` in a form, the usual one first: percent in Chinese gives 百分之三十 and 30%,
/// in English `30 percent`, `thirty percent` and `30%`. cjk exists for zh, words for en. How many there
/// are depends on form and language alone. -5 is 负五: 零下 is for temperatures only. From 10^16 on cjk is
/// digits: nobody says such numbers.
std::vector<std::string> write_number(std::int64_t number, Written form, std::string_view language);

/// The number that `text` is, whole: Arabic digits (also full width, with thousands separators, and as
/// 3万), Chinese numerals, English words, each with a minus sign or word, and as a percentage. Integers
/// only; nullopt for anything else.
std::optional<std::int64_t> read_number(std::string_view text);

/// Whether `text` is a number that read_number reads, written as a percentage: 30%, 百分之三十.
bool is_percentage(std::string_view text);

}  // namespace prompts
