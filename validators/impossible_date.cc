#include "validators/impossible_date.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/text.h"
#include "base/unicode.h"
#include "validators/spoken_form.h"

namespace validators {
namespace {

using Text = std::u32string_view;

constexpr std::array<int, 13> kDays = {0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
constexpr std::array<Text, 12> kMonths = {U"january",   U"february", U"march",    U"april",
                                          U"may",       U"june",     U"july",     U"august",
                                          U"september", U"october",  U"november", U"december"};
// What stands behind 周八 when it is a weekday, and not 每周八次.
constexpr Text kBehindWeekday = U"上下早晚中的开去有见要再能到来，。！？、,.!? ";

bool ends_with_numeral(std::string_view text) {
  if (text.empty()) return false;
  if (text.back() >= '0' && text.back() <= '9') return true;
  if (text.size() < 3) return false;
  const std::string_view last = text.substr(text.size() - 3);
  // Full-width digits are EF BC 90 to 99.
  return std::string_view("〇零一二两三四五六七八九十").find(last) != std::string_view::npos ||
         (last.starts_with("\xEF\xBC") && last[2] >= '\x90' && last[2] <= '\x99');
}

bool begins_with_eight(std::string_view text) {
  for (const std::string_view digit : {"八", "九", "8", "9", "８", "９"})
    if (text.starts_with(digit)) return true;
  return false;
}

/// A character that dates are made of: a quick way past all other texts.
bool may_have_date(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c == ':' && ends_with_numeral(text.substr(0, i))) return true;
    if (c < 0xE0) {
      // Of English months: a digit and a letter are too common, these two letters are in all of them.
      const unsigned char lower = c | 0x20;
      if (c >= 'A' && i + 2 < text.size() &&
          (lower == 'j' || lower == 'f' || lower == 'm' || lower == 'a' || lower == 's' || lower == 'o' ||
           lower == 'n' || lower == 'd')) {
        const std::string_view here = text.substr(i, 3);
        for (const std::string_view month :
             {"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"})
          if (std::equal(here.begin(), here.end(), month.begin(),
                         [](char a, char b) { return (a | 0x20) == b; }))
            return true;
        if ((here[0] | 0x20) == 'o' && (here[1] == '\'' || (here[1] | 0x20) == 'c')) return true;
      }
      continue;
    }
    const std::string_view here = text.substr(i, 3);
    if ((here == "月" || here == "点" || here == "时" || here == "點" || here == "時" || here == "：") &&
        ends_with_numeral(text.substr(0, i)))
      return true;
    if ((here == "周" || here == "期" || here == "拜" || here == "週") &&
        begins_with_eight(text.substr(i + 3)))
      return true;
    i += c >= 0xF0 ? 3 : 2;
  }
  return false;
}

class Reader {
 public:
  Reader(Text text, bool whole) : text_(text), whole_(whole) {}

  /// Where the impossible part stands; empty if there is none.
  Text find() {
    for (std::size_t i = 0; i < text_.size(); ++i) {
      if (is_digit(text_[i]) && (i == 0 || !is_digit(text_[i - 1]))) {
        if (const Text found = at_number(i); !found.empty()) return found;
      } else if (const Text found = at_weekday(i); !found.empty()) {
        return found;
      }
      if (const Text found = at_month_name(i); !found.empty()) return found;
    }
    return {};
  }

 private:
  char32_t at(std::size_t i) const { return i < text_.size() ? text_[i] : 0; }
  bool stands(std::size_t i, Text what) const {
    return i <= text_.size() && text_.substr(i).starts_with(what);
  }
  Text part(std::size_t from, std::size_t to) const { return text_.substr(from, to - from); }

  /// The number whose digits begin at `i`; -1 without, or too long. Moves `i` behind it.
  int number(std::size_t& i) const {
    const std::size_t start = i;
    int value = 0;
    for (; is_digit(at(i)); ++i) value = i - start < 6 ? value * 10 + static_cast<int>(at(i) - U'0') : value;
    return i == start || i - start > 6 ? -1 : value;
  }

  Text at_number(std::size_t start) const {
    std::size_t end = start;
    const int n = number(end);
    if (n < 0 || (start > 0 && (text_[start - 1] == U'.' || text_[start - 1] == U'-'))) return {};
    const char32_t unit = at(end);
    if (unit == U'月') return month(start, end, n);
    if (unit == U'点' || unit == U'时') return hour(start, end, n);
    if (unit == U':') return clock(start, end, n);
    if (stands(end, U" o'clock") || stands(end, U"o'clock")) return n > 24 ? part(start, end + 8) : Text();
    return {};
  }

  Text month(std::size_t start, std::size_t end, int n) const {
    std::size_t behind = end + 1;
    const std::size_t digits = behind;
    const int day = number(behind);
    const bool dated = day >= 0 && (at(behind) == U'日' || at(behind) == U'号');
    if (n < 1 || n > 12) {
      const bool month =
          whole_ || dated || at(end + 1) == U'份' || at(end + 1) == U'底' || at(end + 1) == U'初';
      return month ? part(start, dated ? behind + 1 : end + 1) : Text();
    }
    if (day < 0 || !(dated || (whole_ && behind == text_.size()))) return {};
    const bool impossible = day < 1 || day > kDays[static_cast<std::size_t>(n)];
    return impossible && behind - digits <= 2 ? part(start, std::min(behind + 1, text_.size())) : Text();
  }

  Text hour(std::size_t start, std::size_t end, int n) const {
    std::size_t behind = end + 1;
    const std::size_t digits = behind;
    const int minute = number(behind);
    const char32_t next = at(end + 1);
    const bool minutes = minute >= 0 && at(behind) == U'分' && at(behind + 1) != U'之';
    const bool clock = whole_ || minutes || next == U'钟' || next == U'半' || next == U'整';
    // 300点 counts points.
    if (n > 24 && clock && end - start <= 2) return part(start, end + 1);
    const bool read = minutes || (whole_ && behind == text_.size() && behind - digits == 2);
    return n <= 24 && end - start <= 2 && read && minute > 59 ? part(start, behind) : Text();
  }

  Text clock(std::size_t start, std::size_t end, int n) const {
    if (start > 0 && text_[start - 1] == U':') return {};
    std::size_t behind = end + 1;
    const std::size_t digits = behind;
    const int minute = number(behind);
    const bool half =
        stands(behind, U"am") || stands(behind, U"pm") || stands(behind, U" am") || stands(behind, U" pm");
    if (minute < 0 || behind - digits != 2 || end - start > 2 || at(behind) == U':' || !(whole_ || half))
      return {};
    return n > 24 || minute > 59 ? part(start, behind) : Text();
  }

  Text at_weekday(std::size_t i) const {
    std::size_t behind = i;
    for (const Text week : {Text(U"周"), Text(U"星期"), Text(U"礼拜")})
      if (stands(i, week)) behind = i + week.size();
    if (behind == i) return {};
    std::size_t end = behind;
    const int n = number(end);
    if (n < 8 || n > 9 || end != behind + 1) return {};
    if (i > 0 && Text(U"每一两几").find(text_[i - 1]) != Text::npos) return {};
    return end == text_.size() || kBehindWeekday.find(at(end)) != Text::npos ? part(i, end) : Text();
  }

  bool is_letter(std::size_t i) const { return at(i) >= U'a' && at(i) <= U'z'; }

  Text at_month_name(std::size_t i) const {
    if (!is_letter(i) || (i > 0 && is_letter(i - 1))) return {};
    for (std::size_t m = 0; m < kMonths.size(); ++m) {
      std::size_t end = i + kMonths[m].size();
      if (!stands(i, kMonths[m])) {
        if (kMonths[m].size() < 5 || !stands(i, kMonths[m].substr(0, 3)) || is_letter(i + 3)) continue;
        end = i + 3;
      } else if (is_letter(end)) {
        continue;
      }
      const int days = kDays[m + 1];
      // march and may are other words, too, and so is the number behind them.
      const bool word = kMonths[m] == U"march" || kMonths[m] == U"may";
      std::size_t behind = end + 1;
      if (const int day = at(end) == U' ' ? number(behind) : -1; day > days && day < 100) {
        const bool ordinal =
            stands(behind, U"st") || stands(behind, U"nd") || stands(behind, U"rd") || stands(behind, U"th");
        if (ordinal || (!is_letter(behind) && at(behind) != U':' && !(word && !whole_) &&
                        (behind == text_.size() || whole_)))
          return part(i, behind);
      }
      if (const Text before = day_before(i, days); !before.empty()) return part(i - before.size(), end);
      return {};
    }
    return {};
  }

  /// `31 `, `31st of ` before a month that has fewer days.
  Text day_before(std::size_t i, int days) const {
    std::size_t at_end = i;
    const auto drop = [&](Text what) {
      if (at_end < what.size() || part(at_end - what.size(), at_end) != what) return false;
      at_end -= what.size();
      return true;
    };
    if (!drop(U" ")) return {};
    if (drop(U"of")) drop(U" ");
    for (const Text suffix : {Text(U"st"), Text(U"nd"), Text(U"rd"), Text(U"th")})
      if (drop(suffix)) break;
    std::size_t start = at_end;
    while (start > 0 && is_digit(text_[start - 1])) --start;
    if (start == at_end || at_end - start > 2 ||
        (start > 0 && (text_[start - 1] == U':' || is_letter(start - 1))))
      return {};
    std::size_t read = start;
    const int day = number(read);
    return day > days ? part(start, i) : Text();
  }

  Text text_;
  bool whole_;
};

}  // namespace

std::string find_impossible_date(std::string_view text, bool whole) {
  if (!may_have_date(text)) return {};
  std::u32string form;
  for (const FormCharacter& e : spoken_form(base::to_utf32(text))) form += e.c;
  return base::to_utf8(Reader(form, whole).find());
}

}  // namespace validators
