#include "validators/boundaries.h"

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_set>

#include "base/text.h"
#include "base/unicode.h"
#include "prompts/numbers.h"
#include "validators/spoken_form.h"

namespace validators {
namespace {

using Form = prompts::SlotType::Form;

/// Catalogues and surfaces beyond these have no longer values looked up: that takes memory.
constexpr std::uint64_t kMostValues = 20000;
constexpr std::size_t kLongestSurface = 24;  // code points
/// How much of the neighbourhood numerals are read in, in code points.
constexpr std::size_t kReach = 8;

constexpr std::string_view kNumerals = "〇零一二三四五六七八九十百千万亿两";

// What stands behind a time that goes on, and before one that began earlier.
constexpr std::array<std::string_view, 16> kDayParts = {"上午", "下午", "中午", "早上", "早晨", "清晨",
                                                        "清早", "凌晨", "傍晚", "晚上", "夜里", "夜间",
                                                        "半夜", "深夜", "午夜", "正午"};

// Words behind a value in which 一 is no number.
constexpr std::array<std::string_view, 8> kWordsWithOne = {"一下", "一点", "一些", "一起",
                                                           "一样", "一直", "一会", "一定"};

// Units that no percentage has.
constexpr std::array<std::string_view, 15> kNoPercentage = {"分钟", "小时", "秒钟", "摄氏度",   "华氏度",
                                                            "块钱", "公里", "千米", "厘米",     "毫米",
                                                            "公斤", "点钟", "号楼", "号会议室", "个人"};
constexpr std::array<std::string_view, 10> kNoPercentageInEnglish = {
    "minutes", "hours",      "seconds", "dollars", "euros",
    "miles",   "kilometers", "people",  "o'clock", "degrees celsius"};

bool is_digit_byte(char c) { return c >= '0' && c <= '9'; }

/// The last code point; 0 for an empty text.
char32_t last_of(std::string_view text) {
  if (text.empty()) return 0;
  std::size_t at = text.size() - 1;
  while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) --at;
  return base::next_code_point(text, at);
}

char32_t first_of(std::string_view text) {
  std::size_t at = 0;
  return text.empty() ? 0 : base::next_code_point(text, at);
}

bool is_latin_letter(char32_t c) {
  if (c < 0x80) return (c >= U'a' && c <= U'z') || (c >= U'A' && c <= U'Z');
  return base::script_of(c) == base::Script::latin && base::is_alphanumeric(c);
}
bool is_any_digit(char32_t c) { return is_digit(c) || (c >= U'０' && c <= U'９'); }

bool is_numeral(char32_t c) {
  if (c < 0x3000) return false;
  std::string one;
  base::append_utf8(c, one);
  return kNumerals.find(one) != std::string_view::npos;
}

bool ends_with_any(std::string_view text, const auto& words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return text.ends_with(word); });
}
bool starts_with_any(std::string_view text, const auto& words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return text.starts_with(word); });
}

/// The second last character, if it is a digit: `3.` before 5.
bool ends_with_digit_and(std::string_view text, char sign) {
  return text.size() > 1 && text.back() == sign && is_digit_byte(text[text.size() - 2]);
}
bool starts_with_and_digit(std::string_view text, char sign) {
  return text.size() > 1 && text.front() == sign && is_digit_byte(text[1]);
}

std::string_view last_code_points(std::string_view text, std::size_t count) {
  std::size_t at = text.size();
  while (count-- > 0 && at > 0) {
    --at;
    while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) --at;
  }
  return text.substr(at);
}
std::string_view first_code_points(std::string_view text, std::size_t count) {
  std::size_t at = 0;
  while (count-- > 0 && at < text.size()) base::next_code_point(text, at);
  return text.substr(0, at);
}

/// Whether a Chinese numeral goes on across an end of the value, 一下 and 第一 being none.
bool cuts_numeral(const TaggedValue& value) {
  const std::string_view before = last_code_points(value.before, kReach);
  const std::string_view after = first_code_points(value.after, kReach);
  std::string window(before);
  (window += value.text) += after;
  const auto start = static_cast<std::uint32_t>(base::count_code_points(before));
  const auto end = start + static_cast<std::uint32_t>(base::count_code_points(value.text));
  const SpokenForm form = spoken_form(base::to_utf32(window));
  return std::any_of(form.begin(), form.end(), [&](const FormCharacter& e) {
    return (e.start < start && e.end > start) || (e.start < end && e.end > end);
  });
}

bool cuts_token(const TaggedValue& value, bool number) {
  const char32_t left = last_of(value.before);
  const char32_t first = first_of(value.text);
  const char32_t last = last_of(value.text);
  const char32_t right = first_of(value.after);
  if (is_any_digit(first) && (is_any_digit(left) || ends_with_digit_and(value.before, '.'))) return true;
  if (is_any_digit(last) && (is_any_digit(right) || starts_with_and_digit(value.after, '.'))) return true;
  if (is_latin_letter(left) && is_latin_letter(first)) return true;
  if (is_latin_letter(last) && is_latin_letter(right)) return true;
  if (!number) return false;
  const bool behind = is_numeral(last) && is_numeral(right) && !starts_with_any(value.after, kWordsWithOne);
  const bool numeral = (is_numeral(left) && is_numeral(first)) || behind;
  return numeral && cuts_numeral(value);
}

/// 下午[start:三点], [start:下午三点]半, [start:3:]30, [date:3月]5号.
bool cuts_time(const TaggedValue& value, Form form) {
  const char32_t last = last_of(value.text);
  const char32_t right = first_of(value.after);
  if (right == U'半' && (last == U'点' || last == U'时') && !value.after.starts_with("半夜") &&
      !value.after.starts_with("半个"))
    return true;
  const bool number_behind = is_any_digit(right) || is_numeral(right);
  if ((last == U'点' || last == U':' || last == U'：') && number_behind) {
    const std::string_view rest = first_code_points(value.after, 4);
    return rest.find("分") != std::string_view::npos || is_any_digit(right);
  }
  if ((last == U'月' || last == U'年') && number_behind) {
    const std::string_view rest = first_code_points(value.after, 4);
    for (const std::string_view unit : {"日", "号", "月"})
      if (rest.find(unit) != std::string_view::npos) return true;
  }
  if ((is_any_digit(last) || is_numeral(last)) && form == Form::time &&
      (value.after.starts_with("点") || starts_with_and_digit(value.after, ':')))
    return true;
  if (is_any_digit(first_of(value.text)) && form == Form::time && ends_with_digit_and(value.before, ':'))
    return true;
  return form == Form::time && ends_with_any(value.before, kDayParts) &&
         !starts_with_any(value.text, kDayParts) &&
         (value.text.find("点") != std::string_view::npos || value.text.find(':') != std::string_view::npos);
}

/// The bytes of a percent sign or word that `text` begins with, with a space before it; else 0.
std::size_t percent_length(std::string_view text) {
  const std::size_t space = text.starts_with(' ') ? 1 : 0;
  const std::string_view rest = text.substr(space);
  for (const std::string_view sign : {"%", "％"})
    if (rest.starts_with(sign)) return space + sign.size();
  for (const std::string_view word : {"percent", "per cent"}) {
    const std::string_view here = rest.substr(0, word.size());
    if (!std::equal(here.begin(), here.end(), word.begin(), word.end(),
                    [](char a, char b) { return a == b || (a >= 'A' && a <= 'Z' && a - 'A' + 'a' == b); }))
      continue;
    std::size_t at = word.size();
    const char32_t next = at < rest.size() ? base::next_code_point(rest, at) : 0;
    if (!base::is_alphanumeric(next) || base::is_han(next)) return space + word.size();
  }
  return 0;
}

bool is_all_numeral(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = base::next_code_point(text, at);
    if (!is_any_digit(c) && !is_numeral(c)) return false;
  }
  return !text.empty();
}

}  // namespace

Boundaries::Boundaries(const prompts::Job& job) : job_(&job), longer_(job.slot_types.size()) {
  for (std::size_t t = 0; t < job.slot_types.size(); ++t) {
    const prompts::SlotType& type = job.slot_types[t];
    // Of an open type the catalogue says what is usual, not what is whole: `room` is right beside `the room`.
    if (type.is_number() || type.open() || type.size() > kMostValues) continue;
    std::unordered_set<std::string> surfaces;
    for (std::uint64_t i = 0; i < type.size(); ++i) surfaces.insert(type.value(i).text);
    for (std::uint64_t i = 0; i < type.size(); ++i) {
      const std::string whole = type.value(i).text;
      std::vector<std::size_t> starts;  // of its code points, and its end
      for (std::size_t at = 0; at < whole.size(); base::next_code_point(whole, at)) starts.push_back(at);
      starts.push_back(whole.size());
      if (starts.size() > kLongestSurface + 1) continue;
      for (std::size_t from = 0; from + 1 < starts.size(); ++from)
        for (std::size_t to = from + 1; to < starts.size(); ++to) {
          if (from == 0 && to + 1 == starts.size()) continue;
          std::string part = whole.substr(starts[from], starts[to] - starts[from]);
          if (!surfaces.contains(part)) continue;
          longer_[t][std::move(part)].emplace_back(whole.substr(0, starts[from]), whole.substr(starts[to]));
        }
    }
  }
}

bool Boundaries::cuts(std::size_t type_number, const TaggedValue& value) const {
  const prompts::SlotType& type = job_->slot_types[type_number];
  const bool timed = type.form() == Form::date || type.form() == Form::time;
  if (cuts_token(value, type.is_number() || timed || is_all_numeral(value.text))) return true;
  if (timed && cuts_time(value, type.form())) return true;
  const auto& longer = longer_[type_number];
  if (longer.empty()) return false;
  const auto found = longer.find(std::string(value.text));
  if (found == longer.end()) return false;
  return std::any_of(found->second.begin(), found->second.end(), [&](const Context& context) {
    return value.before.ends_with(context.first) && value.after.starts_with(context.second);
  });
}

bool run_together(std::string_view value, std::string_view next) {
  const char32_t last = last_of(value);
  const char32_t first = first_of(next);
  return (is_any_digit(last) && is_any_digit(first)) || (is_latin_letter(last) && is_latin_letter(first));
}

std::pair<std::size_t, std::size_t> find_percent(std::string_view before, std::string_view value,
                                                 std::string_view after) {
  constexpr std::string_view kBefore = "百分之";
  const bool sign = before.ends_with(kBefore);
  const std::size_t length = sign ? 0 : percent_length(after);
  if (!sign && length == 0) return {0, 0};
  const std::optional<std::int64_t> number = prompts::read_number(value);
  if (!number || prompts::is_percentage(value)) return {0, 0};
  std::string whole(sign ? kBefore : std::string_view());
  (whole += value) += after.substr(0, length);
  if (prompts::read_number(whole) != number) return {0, 0};
  return {sign ? kBefore.size() : 0, length};
}

std::string_view find_wrong_unit(const prompts::SlotType& type, const TaggedValue& value) {
  const prompts::NumberRange* range = type.range();
  if (range == nullptr) return {};
  const bool percent = std::find(range->written.begin(), range->written.end(), prompts::Written::percent) !=
                       range->written.end();
  if (!percent) {
    // A scale from 0 to 100 is said in percent all the same.
    const bool scale = range->low >= 0 && range->low <= 1 && range->high == 100;
    return !scale && prompts::is_percentage(value.text) ? value.text : std::string_view();
  }
  std::string_view after = value.after;
  const bool space = after.starts_with(' ');
  if (space) after.remove_prefix(1);
  for (const std::string_view unit : kNoPercentage)
    if (after.starts_with(unit)) return after.substr(0, unit.size());
  for (const std::string_view unit : kNoPercentageInEnglish)
    if (space && after.starts_with(unit)) return after.substr(0, unit.size());
  return {};
}

}  // namespace validators
