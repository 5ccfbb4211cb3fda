// The reading half of numbers.h.
//
// The text is made plain (half width, lower case) in a buffer on the stack, sign and percent are taken
// off, and its first character decides between digits, English words and a Chinese numeral. A Chinese
// numeral is read from its largest unit down: 亿 splits it, 万 splits each half, and what is left are
// sections of 千 百 十 that must get smaller from left to right.
#include <algorithm>
#include <array>
#include <limits>

#include "base/text.h"
#include "prompts/numbers.h"

namespace prompts {
namespace {

/// Beyond the longest number in English words.
constexpr std::size_t kLongest = 256;

/// The text with full-width forms and capitals made plain.
struct Plain {
  std::array<char32_t, kLongest> characters;
  std::size_t size = 0;
};

bool make_plain(std::string_view text, Plain& out) {
  text = base::trim(text);
  if (text.empty() || text.size() > kLongest) return false;
  for (std::size_t at = 0; at < text.size();) {
    char32_t c = base::next_code_point(text, at);
    if (c == base::kInvalidCodePoint) return false;
    if (c >= 0xFF01 && c <= 0xFF5E) c -= 0xFF01 - 0x21;
    if (c == 0x3000 || c == 0xA0 || c == 0x202F) c = U' ';
    if (c >= U'A' && c <= U'Z') c += U'a' - U'A';
    out.characters[out.size++] = c;
  }
  return true;
}

using Text = std::u32string_view;
using Number = std::optional<std::int64_t>;

Text trim_spaces(Text text) {
  while (!text.empty() && text.front() == U' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == U' ') text.remove_suffix(1);
  return text;
}

bool strip_prefix(Text& text, Text prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

bool strip_suffix(Text& text, Text suffix) {
  if (!text.ends_with(suffix)) return false;
  text.remove_suffix(suffix.size());
  return true;
}

Number times(Number number, std::int64_t factor) {
  std::int64_t product = 0;
  if (!number || __builtin_mul_overflow(*number, factor, &product)) return std::nullopt;
  return product;
}

Number plus(Number a, Number b) {
  std::int64_t sum = 0;
  if (!a || !b || __builtin_add_overflow(*a, *b, &sum)) return std::nullopt;
  return sum;
}

bool is_digit(char32_t c) { return c >= U'0' && c <= U'9'; }

/// 30, 007, 1,234,567.
Number read_digits(Text text) {
  Number number = 0;
  const std::size_t comma = text.find(U',');
  if (comma == 0 || (comma != Text::npos && comma > 3)) return std::nullopt;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (comma != Text::npos && i >= comma && (i - comma) % 4 == 0) {
      if (text[i] != U',' || text.size() - i < 4) return std::nullopt;
      continue;
    }
    if (!is_digit(text[i])) return std::nullopt;
    number = plus(times(number, 10), static_cast<std::int64_t>(text[i] - U'0'));
  }
  return text.empty() ? std::nullopt : number;
}

constexpr std::int64_t kYi = 100'000'000;

/// The characters of a Chinese numeral: 0 to 9, then these.
enum Numeral : int { kLiang = 10, kYao, kTen, kHundred, kThousand, kWan, kYiUnit, kNone };

// clang-format off
int numeral_of(char32_t c) {
  switch (c) {
    case U'零': case U'〇': case U'○': return 0;
    case U'一': case U'壹': return 1;
    case U'二': case U'贰': case U'貳': return 2;
    case U'三': case U'叁': case U'參': return 3;
    case U'四': case U'肆': return 4;
    case U'五': case U'伍': return 5;
    case U'六': case U'陆': case U'陸': return 6;
    case U'七': case U'柒': return 7;
    case U'八': case U'捌': return 8;
    case U'九': case U'玖': return 9;
    case U'两': case U'兩': return kLiang;
    case U'幺': return kYao;
    case U'十': case U'拾': return kTen;
    case U'百': case U'佰': return kHundred;
    case U'千': case U'仟': return kThousand;
    case U'万': case U'萬': return kWan;
    case U'亿': case U'億': return kYiUnit;
    default: return kNone;
  }
}
// clang-format on

std::int64_t unit_value(int numeral) {
  switch (numeral) {
    case kTen:
      return 10;
    case kHundred:
      return 100;
    case kThousand:
      return 1000;
    case kWan:
      return 10'000;
    default:
      return kYi;
  }
}

/// Digits said one by one: 二〇二四, 幺零二.
Number read_digit_string(Text text) {
  Number number = 0;
  for (const char32_t c : text) {
    const int numeral = numeral_of(c);
    if (numeral >= kLiang && numeral != kYao) return std::nullopt;
    number = plus(times(number, 10), numeral == kYao ? 1 : numeral);
  }
  return number;
}

/// 1 to 9999. `above` is the unit that the section follows (万, 亿), 0 if it is the first; `last` says
/// that nothing follows, so that 一百二 and 一万二 may mean 120 and 12,000.
Number read_section(Text text, std::int64_t above, bool last) {
  bool zero = false;
  if (above != 0 && !text.empty() && numeral_of(text.front()) == 0) {
    zero = true;
    text.remove_prefix(1);
  }
  std::int64_t sum = 0;
  std::int64_t unit = above;  // the last one; what follows must be smaller
  for (std::size_t i = 0; i < text.size(); ++i) {
    int numeral = numeral_of(text[i]);
    if (numeral == 0) {
      if (zero || sum == 0) return std::nullopt;
      zero = true;
      continue;
    }
    std::int64_t digit = 1;  // of a bare 十
    if (numeral != kTen) {
      if (numeral > kLiang) return std::nullopt;
      const bool liang = numeral == kLiang;
      digit = liang ? 2 : numeral;
      if (i + 1 == text.size()) {
        // 两 alone, or with 万 or 亿 behind it: 六亿零两万.
        if (liang && (sum != 0 || (last && (above != 0 || zero)))) return std::nullopt;
        const bool plain = zero || unit == 0 || unit == 10;
        if (!plain && !last) return std::nullopt;
        return sum + digit * (plain ? 1 : unit / 10);
      }
      numeral = numeral_of(text[++i]);
      if (numeral < kTen || numeral > kThousand || (liang && numeral == kTen)) return std::nullopt;
    }
    if (unit != 0 && unit_value(numeral) >= unit) return std::nullopt;
    unit = unit_value(numeral);
    sum += digit * unit;
    zero = false;
  }
  if (zero || sum == 0) return std::nullopt;
  return sum;
}

/// Up to 9999万9999.
Number read_below_yi(Text text, std::int64_t above, bool last) {
  const std::size_t wan = text.find_first_of(U"万萬");
  if (wan == Text::npos) return read_section(text, above, last);
  const Text rest = text.substr(wan + 1);
  const Number high = times(read_section(text.substr(0, wan), above, false), 10'000);
  return rest.empty() ? high : plus(high, read_section(rest, 10'000, last));
}

Number read_chinese(Text text) {
  if (text.size() == 1 && numeral_of(text[0]) == 0) return 0;
  if (text.size() > 1)
    if (const Number number = read_digit_string(text)) return number;
  const std::size_t yi = text.find_first_of(U"亿億");
  if (yi == Text::npos) return read_below_yi(text, 0, true);
  const Text head = text.substr(0, yi);
  const Text rest = text.substr(yi + 1);
  const Number high = times(read_below_yi(head, 0, false), kYi);
  if (rest.empty()) return high;
  // 三万亿五 could mean two things.
  if (rest.size() == 1 && head.find_first_of(U"万萬") != Text::npos) return std::nullopt;
  return plus(high, read_below_yi(rest, kYi, true));
}

/// 3万, 20亿.
Number read_digits_with_unit(Text text) {
  const int numeral = numeral_of(text.back());
  if (numeral < kHundred || numeral > kYiUnit) return std::nullopt;
  return times(read_digits(text.substr(0, text.size() - 1)), unit_value(numeral));
}

struct Word {
  Text text;
  std::int64_t value;
};
constexpr Word kWords[] = {
    {U"one", 1},      {U"two", 2},        {U"three", 3},     {U"four", 4},      {U"five", 5},
    {U"six", 6},      {U"seven", 7},      {U"eight", 8},     {U"nine", 9},      {U"ten", 10},
    {U"eleven", 11},  {U"twelve", 12},    {U"thirteen", 13}, {U"fourteen", 14}, {U"fifteen", 15},
    {U"sixteen", 16}, {U"seventeen", 17}, {U"eighteen", 18}, {U"nineteen", 19}, {U"twenty", 20},
    {U"thirty", 30},  {U"forty", 40},     {U"fourty", 40},   {U"fifty", 50},    {U"sixty", 60},
    {U"seventy", 70}, {U"eighty", 80},    {U"ninety", 90},   {U"hundred", 100},
};
constexpr Word kScales[] = {
    {U"thousand", 1'000},
    {U"million", 1'000'000},
    {U"billion", 1'000'000'000},
    {U"trillion", 1'000'000'000'000},
    {U"quadrillion", 1'000'000'000'000'000},
    {U"quintillion", 1'000'000'000'000'000'000},
};

template <std::size_t N>
std::int64_t find_word(const Word (&words)[N], Text text) {
  for (const Word& word : words)
    if (word.text == text) return word.value;
  return 0;
}

/// one hundred (and) five, twenty-one, fifteen hundred, a thousand.
Number read_english(Text text) {
  if (text == U"zero") return 0;
  if (text.back() < U'a' || text.back() > U'z') return std::nullopt;
  Number total = 0;
  std::int64_t group = 0;  // 1 to 9999 before the next scale
  std::int64_t last = 0;   // value of the last word; 0 at the start of a group
  std::int64_t scale_limit = std::numeric_limits<std::int64_t>::max();
  bool article = false;      // "a" waits for hundred or a scale
  bool conjunction = false;  // "and" waits for a word
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(U" -,"), text.size());
    const Text word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (word.empty()) continue;
    if (word == U"and") {
      if (conjunction || article || (last != 100 && !(last == 0 && total != 0))) return std::nullopt;
      conjunction = true;
      continue;
    }
    if (word == U"a") {
      if (article || conjunction || group != 0) return std::nullopt;
      article = true;
      group = 1;
      continue;
    }
    if (const std::int64_t scale = find_word(kScales, word)) {
      if (group == 0 || conjunction || scale >= scale_limit) return std::nullopt;
      total = plus(total, times(group, scale));
      if (!total) return std::nullopt;
      scale_limit = scale;
      group = last = 0;
      article = false;
      continue;
    }
    const std::int64_t value = find_word(kWords, word);
    if (value == 0) return std::nullopt;
    if (value == 100) {
      const bool countable = group > 0 && group < 100 && group % 10 != 0;
      if (!countable || conjunction) return std::nullopt;
      group *= 100;
      article = false;
    } else {
      if (article) return std::nullopt;
      const bool free = last == 0 || last == 100;
      const bool after_tens = last >= 20 && last < 100 && value < 10;
      if (!free && !after_tens) return std::nullopt;
      group += value;
    }
    conjunction = false;
    last = value;
  }
  if (article || conjunction || (group == 0 && total == 0)) return std::nullopt;
  return plus(total, group);
}

Number read_positive(Text text) {
  if (text.empty()) return std::nullopt;
  if (is_digit(text.front())) return is_digit(text.back()) ? read_digits(text) : read_digits_with_unit(text);
  if (text.front() >= U'a' && text.front() <= U'z') return read_english(text);
  return read_chinese(text);
}

bool strip_sign(Text& text) {
  for (const Text sign : {Text(U"-"), Text(U"−"), Text(U"负"), Text(U"負"), Text(U"零下"), Text(U"minus "),
                          Text(U"negative ")}) {
    if (!strip_prefix(text, sign)) continue;
    text = trim_spaces(text);
    return true;
  }
  return false;
}

struct Reading {
  std::int64_t value = 0;
  bool percent = false;
};

std::optional<Reading> read(std::string_view utf8) {
  Plain plain;
  if (!make_plain(utf8, plain)) return std::nullopt;
  Text text = trim_spaces({plain.characters.data(), plain.size});
  bool negative = strip_sign(text);
  if (text == U"百分之百" || text == U"百分百") return Reading{negative ? -100 : 100, true};
  bool percent = false;
  if (strip_prefix(text, U"百分之")) {
    percent = true;
    text = trim_spaces(text);
    if (!negative) negative = strip_sign(text);
  } else {
    percent = strip_suffix(text, U"%") || strip_suffix(text, U"﹪") || strip_suffix(text, U"percent") ||
              strip_suffix(text, U"per cent");
    if (percent) text = trim_spaces(text);
  }
  const Number number = read_positive(text);
  if (!number) return std::nullopt;
  return Reading{negative ? -*number : *number, percent};
}

}  // namespace

std::optional<std::int64_t> read_number(std::string_view text) {
  const auto reading = read(text);
  if (!reading) return std::nullopt;
  return reading->value;
}

bool is_percentage(std::string_view text) {
  const auto reading = read(text);
  return reading && reading->percent;
}

}  // namespace prompts
