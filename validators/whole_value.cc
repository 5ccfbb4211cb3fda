#include "validators/whole_value.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/text.h"
#include "base/unicode.h"
#include "prompts/numbers.h"
#include "validators/spoken_form.h"

namespace validators {
namespace {

using Text = std::u32string_view;

/// Of larger catalogues nobody measures the longest surface.
constexpr std::uint64_t kMostMeasured = 4096;
/// How far beyond a place a longer surface is looked for at most, in code points.
constexpr std::uint32_t kReach = 24;

// Words that say which three o'clock is meant, before the time or behind it.
constexpr std::array<Text, 22> kDayParts = {
    U"上午", U"下午", U"中午", U"正午", U"午前", U"午后", U"午间", U"早上", U"早晨", U"早间", U"清晨",
    U"清早", U"凌晨", U"傍晚", U"晚上", U"晚间", U"夜里", U"夜间", U"夜晚", U"半夜", U"深夜", U"午夜"};
constexpr std::array<Text, 14> kEnglishAfter = {U"am",
                                                U"pm",
                                                U"a.m",
                                                U"p.m",
                                                U"in the morning",
                                                U"in the afternoon",
                                                U"in the evening",
                                                U"at night",
                                                U"tonight",
                                                U"morning",
                                                U"afternoon",
                                                U"evening",
                                                U"this morning",
                                                U"this afternoon"};
constexpr std::array<Text, 13> kEnglishBefore = {
    U"past",    U"quarter to", U"half",      U"morning",    U"afternoon", U"evening", U"night",
    U"tonight", U"noon",       U"day after", U"day before", U"next",      U"last"};

bool is_latin(char32_t c) { return base::is_alphanumeric(c) && base::script_of(c) == base::Script::latin; }
bool is_clock_unit(char32_t c) { return c == U'点' || c == U'时' || c == U'分' || c == U'刻' || c == U'秒'; }
bool is_date_unit(char32_t c) { return c == U'年' || c == U'月' || c == U'日' || c == U'号'; }

/// The surfaces of one number differ: 第三会议室 and 第3会议室.
bool is_surface(const prompts::SlotType& type, Text slice) {
  if (type.canonical(base::to_utf8(slice))) return true;
  std::u32string digits;
  for (const FormCharacter& e : spoken_form(slice)) digits += e.c;
  if (std::none_of(digits.begin(), digits.end(), is_digit)) return false;
  if (type.canonical(base::to_utf8(digits))) return true;
  std::string han;
  for (std::size_t i = 0, end = 0; i < digits.size(); i = end) {
    for (end = i; end < digits.size() && is_digit(digits[end]);) ++end;
    const std::string run = base::to_utf8(Text(digits).substr(i, std::max(end, i + 1) - i));
    const auto number = end > i ? prompts::read_number(run) : std::nullopt;
    han += number ? prompts::write_number(*number, prompts::Written::cjk, "zh-Hans").front() : run;
    end = std::max(end, i + 1);
  }
  return type.canonical(han).has_value();
}

/// How many code points a surface may have more than `length`.
std::uint32_t reach_beyond(const prompts::SlotType& type, std::uint32_t length) {
  const std::uint64_t size = type.size();
  if (size > kMostMeasured) return kReach;
  std::size_t longest = 0;
  for (std::uint64_t i = 0; i < size; ++i)
    longest = std::max(longest, base::count_code_points(type.value(i).text));
  // 12 may stand for 十二, and spaces for none.
  return longest + 2 <= length ? 0 : std::min(kReach, static_cast<std::uint32_t>(longest + 2 - length));
}

bool is_part_of_surface(const prompts::SlotType& type, Text text, const Span& place) {
  const std::uint32_t reach = reach_beyond(type, place.end - place.start);
  const std::uint32_t first = place.start - std::min(place.start, reach);
  const std::uint32_t last = std::min(static_cast<std::uint32_t>(text.size()), place.end + reach);
  const auto cuts = [&](std::uint32_t at) {
    return at > 0 && at < text.size() && is_latin(text[at - 1]) && is_latin(text[at]);
  };
  for (std::uint32_t start = first; start <= place.start; ++start) {
    if (start < place.start && (!base::is_alphanumeric(text[start]) || cuts(start))) continue;
    for (std::uint32_t end = place.end; end <= last; ++end) {
      if (start == place.start && end == place.end) continue;
      if (end - start > place.end - place.start + reach) break;
      if (end > place.end && (!base::is_alphanumeric(text[end - 1]) || cuts(end))) continue;
      if (is_surface(type, text.substr(start, end - start))) return true;
    }
  }
  return false;
}

bool ends_with_word(Text text, Text word) {
  return text.ends_with(word) &&
         (text.size() == word.size() || !is_latin(text[text.size() - word.size() - 1]));
}
bool starts_with_word(Text text, Text word) {
  return text.starts_with(word) && (text.size() == word.size() || !is_latin(text[word.size()]));
}

/// 今晚, 周五晚 and 今早, not 最晚 and 尽早.
bool ends_with_short_day_part(Text text) {
  if (!text.ends_with(U"早") && !text.ends_with(U"晚")) return false;
  return text.size() < 2 || Text(U"最尽提不太迟").find(text[text.size() - 2]) == Text::npos;
}

/// `value` with `before` in front of it is another date or time.
bool changed_by(Text before, Text value) {
  if (before.empty()) return false;
  const char32_t last = before.back();
  if (is_digit(last) || last == U'半') return true;
  if (before.size() > 1 && is_digit(before[before.size() - 2]) &&
      (is_clock_unit(last) ||
       (is_date_unit(last) && (value.ends_with(U"日") || value.ends_with(U"号") || value.ends_with(U"月")))))
    return true;
  const auto is_before = [&](Text word) { return before.ends_with(word); };
  if (std::any_of(kDayParts.begin(), kDayParts.end(), is_before) || ends_with_short_day_part(before))
    return true;
  const bool week = value.starts_with(U"周") || value.starts_with(U"星期") || value.starts_with(U"礼拜");
  if ((week || value.starts_with(U"月")) && Text(U"上下每").find(last) != Text::npos) return true;
  if (last == U'大' && (value.starts_with(U"前") || value.starts_with(U"后"))) return true;
  const Text words = last == U' ' ? before.substr(0, before.size() - 1) : Text();
  if (!words.empty() && is_digit(words.back()) && is_digit(value.front())) return true;
  return std::any_of(kEnglishBefore.begin(), kEnglishBefore.end(),
                     [&](Text word) { return ends_with_word(words, word); });
}

/// `value` with `after` behind it is another date or time.
bool continued_by(Text value, Text after) {
  if (after.empty()) return false;
  const char32_t first = after.front();
  if (is_digit(first) || first == U'半') return true;
  if (is_digit(value.back()) && (is_clock_unit(first) || is_date_unit(first))) return true;
  const auto is_after = [&](Text word) { return after.starts_with(word); };
  if (std::any_of(kDayParts.begin(), kDayParts.end(), is_after)) return true;
  const Text words = first == U' ' ? after.substr(1) : Text();
  if (!words.empty() && is_digit(words.front()) && is_digit(value.back())) return true;
  return std::any_of(kEnglishAfter.begin(), kEnglishAfter.end(),
                     [&](Text word) { return starts_with_word(words, word); });
}

bool is_part_of_time(Text text, const Span& place, const std::vector<Span>& others) {
  // What belongs to another slot says nothing about this one.
  std::uint32_t first = 0;
  auto last = static_cast<std::uint32_t>(text.size());
  for (const Span& other : others) {
    if (other.end <= place.start) first = std::max(first, other.end);
    if (other.start >= place.end) last = std::min(last, other.start);
  }
  std::u32string before;
  std::u32string value;
  std::u32string after;
  for (const FormCharacter& e : spoken_form(text)) {
    if (e.start < first || e.end > last) continue;
    (e.end <= place.start ? before : e.start >= place.end ? after : value) += e.c;
  }
  return !value.empty() && (changed_by(before, value) || continued_by(value, after));
}

}  // namespace

bool is_whole_value(const prompts::SlotType& type, std::u32string_view text, const Span& place,
                    const std::vector<Span>& others) {
  if (type.is_number()) return true;  // its place was bounded by what is no number
  using Form = prompts::SlotType::Form;
  if ((type.form() == Form::time || type.form() == Form::date) && is_part_of_time(text, place, others))
    return false;
  return !is_part_of_surface(type, text, place);
}

}  // namespace validators
