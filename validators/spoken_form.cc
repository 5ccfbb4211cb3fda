#include "validators/spoken_form.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.h"
#include "base/unicode.h"
#include "prompts/numbers.h"

namespace validators {
namespace {

using Text = std::u32string_view;

// Words in which 一 is no number: with the character behind it, with the one before it.
constexpr Text kAfterOne = U"下些起样直会定般共切旦律边同致味向再";
constexpr Text kBeforeOne = U"统万唯";
// Characters before 一 that make it a number: 周一下午, 星期一定. Not before 起: 每周一起开会.
constexpr Text kBeforeNumber = U"周期拜第";
// Words before `one` that make it a pronoun.
constexpr std::array<Text, 12> kBeforeWordOne = {U"this", U"that", U"the",   U"next", U"last",  U"which",
                                                 U"each", U"any",  U"every", U"no",   U"other", U"another"};
constexpr std::array<Text, 32> kNumberWords = {
    U"zero",    U"one",       U"two",      U"three",    U"four",    U"five",     U"six",      U"seven",
    U"eight",   U"nine",      U"ten",      U"eleven",   U"twelve",  U"thirteen", U"fourteen", U"fifteen",
    U"sixteen", U"seventeen", U"eighteen", U"nineteen", U"twenty",  U"thirty",   U"forty",    U"fifty",
    U"sixty",   U"seventy",   U"eighty",   U"ninety",   U"hundred", U"thousand", U"million",  U"billion"};
constexpr std::size_t kLongestNumber = 96;  // characters; longer runs stay as they are

int han_digit(char32_t c) {
  constexpr Text kDigits = U"零一二三四五六七八九";
  if (c == U'〇' || c == U'○') return 0;
  if (c == U'幺') return 1;
  if (c == U'两') return 2;
  const auto at = kDigits.find(c);
  return at == Text::npos ? -1 : static_cast<int>(at);
}

bool is_han_unit(char32_t c) { return c == U'十' || c == U'百' || c == U'千' || c == U'万' || c == U'亿'; }

bool is_letter(char32_t c) { return c >= U'a' && c <= U'z'; }

class Builder {
 public:
  explicit Builder(Text text) {
    fold(text);
    collapse_space();
    const bool words = std::any_of(form_.begin(), form_.end(), [](const auto& e) { return is_letter(e.c); });
    if (words) {
      read_words();
      swap();
    }
    read_numerals();
    swap();
    read_signs();
    swap();
  }

  SpokenForm take() { return std::move(form_); }

 private:
  void swap() {
    form_.swap(next_);
    next_.clear();
  }

  static Text without(const std::u32string& simplified, Text text) {
    return simplified.size() == text.size() ? Text(simplified) : text;
  }

  void fold(Text text) {
    std::u32string simplified;
    if (std::any_of(text.begin(), text.end(), [](char32_t c) { return c >= 0x3400; })) {
      const std::string utf8 = base::to_utf8(text);
      if (base::has_traditional(utf8)) {
        simplified = base::to_utf32(base::to_simplified(utf8));
        text = without(simplified, text);
      }
    }
    form_.reserve(text.size() + 8);
    std::string segment;
    for (std::size_t start = 0, end = 0; start < text.size(); start = end) {
      end = start + 1;
      while (end < text.size() && text[end] >= 0x300 && text[end] <= 0x36F) ++end;  // combining marks
      if (end == start + 1 && (text[start] < 0x80 || (text[start] >= 0x4E00 && text[start] <= 0x9FFF))) {
        const char32_t c = text[start];
        append(form_, c >= U'A' && c <= U'Z' ? c + (U'a' - U'A') : c, start, end);
        continue;
      }
      segment.clear();
      for (std::size_t i = start; i < end; ++i) base::append_utf8(text[i], segment);
      append_group(form_, base::to_utf32(base::fold(segment)), start, end);
    }
  }

  static void append(SpokenForm& form, char32_t c, std::size_t start, std::size_t end) {
    form.push_back({c, static_cast<std::uint32_t>(start), static_cast<std::uint32_t>(end), true, true});
  }

  static void append_group(SpokenForm& form, Text characters, std::size_t start, std::size_t end) {
    for (std::size_t i = 0; i < characters.size(); ++i) {
      append(form, characters[i], start, end);
      form.back().first = i == 0;
      form.back().last = i + 1 == characters.size();
    }
  }

  void collapse_space() {
    for (std::size_t i = 0; i < form_.size(); ++i) {
      if (!base::is_white_space(form_[i].c)) {
        next_.push_back(form_[i]);
        continue;
      }
      std::size_t end = i;
      while (end < form_.size() && base::is_white_space(form_[end].c)) ++end;
      const bool edge = next_.empty() || end == form_.size();
      if (!edge && !base::is_han(next_.back().c) && !base::is_han(form_[end].c)) {
        next_.push_back(form_[i]);
        next_.back().c = U' ';
      }
      i = end - 1;
    }
    swap();
  }

  char32_t at(std::size_t i) const { return i < form_.size() ? form_[i].c : 0; }

  bool matches(std::size_t i, Text what) const {
    if (i + what.size() > form_.size()) return false;
    for (std::size_t k = 0; k < what.size(); ++k)
      if (form_[i + k].c != what[k]) return false;
    return true;
  }

  std::u32string characters(std::size_t from, std::size_t to) const {
    std::u32string out;
    for (std::size_t i = from; i < to; ++i) out += form_[i].c;
    return out;
  }

  /// The characters [from, to) as a number, in digits, appended as one group.
  bool append_number(std::size_t from, std::size_t to, bool percent = false) {
    if (to - from > kLongestNumber) return false;
    const auto number = prompts::read_number(base::to_utf8(characters(from, to)));
    if (!number) return false;
    append_digits(std::to_string(*number), percent, from, to);
    return true;
  }

  void append_digits(std::string_view digits, bool percent, std::size_t from, std::size_t to) {
    std::u32string wide(digits.begin(), digits.end());
    if (percent) wide += U'%';
    append_group(next_, wide, form_[from].start, form_[to - 1].end);
  }

  std::size_t word_end(std::size_t i) const {
    while (is_letter(at(i))) ++i;
    return i;
  }

  bool is_number_word(std::size_t from, std::size_t to, bool leads) const {
    const std::u32string word = characters(from, to);
    if (leads && word == U"one" && !next_.empty()) {
      std::size_t start = next_.size() - 1;  // next_ ends with the space before this word
      std::u32string before;
      while (start > 0 && is_letter(next_[start - 1].c)) before.insert(before.begin(), next_[--start].c);
      if (std::find(kBeforeWordOne.begin(), kBeforeWordOne.end(), before) != kBeforeWordOne.end())
        return false;
    }
    return std::find(kNumberWords.begin(), kNumberWords.end(), word) != kNumberWords.end();
  }

  /// thirty, twenty-one, one hundred and five -> digits; percent -> %.
  void read_words() {
    for (std::size_t i = 0; i < form_.size();) {
      if (!is_letter(form_[i].c) ||
          (i > 0 && base::is_alphanumeric(form_[i - 1].c) && !base::is_han(form_[i - 1].c))) {
        const bool space = form_[i].c == U' ';
        const std::size_t unit = i + (space ? 1 : 0);
        const std::size_t end = percent_end(unit);
        if (end != 0 && !next_.empty() && is_digit(next_.back().c)) {
          append_percent(i, end);
          i = end;
          continue;
        }
        next_.push_back(form_[i++]);
        continue;
      }
      std::size_t end = word_end(i);
      if (!is_number_word(i, end, true)) {
        for (; i < end; ++i) next_.push_back(form_[i]);
        continue;
      }
      for (;;) {  // further words of the same number
        if (at(end) != U' ' && at(end) != U'-') break;
        std::size_t start = end + 1;
        std::size_t stop = word_end(start);
        if (characters(start, stop) == U"and" && at(stop) == U' ') {
          start = stop + 1;
          stop = word_end(start);
        }
        if (stop == start || stop - i > kLongestNumber || !is_number_word(start, stop, false)) break;
        end = stop;
      }
      if (!append_number(i, end))
        for (std::size_t k = i; k < end; ++k) next_.push_back(form_[k]);
      i = end;
    }
  }

  std::size_t percent_end(std::size_t i) const {
    for (const Text unit : {Text(U"percent"), Text(U"per cent")})
      if (matches(i, unit) && !is_letter(at(i + unit.size()))) return i + unit.size();
    return 0;
  }

  void append_percent(std::size_t from, std::size_t to) {
    append(next_, U'%', form_[from].start, form_[to - 1].end);
  }

  /// Where the numeral that begins at `i` ends: Han digits and units, mixed with digits.
  std::size_t numeral_end(std::size_t i) const {
    while (i < form_.size() &&
           (is_digit(form_[i].c) || han_digit(form_[i].c) >= 0 || is_han_unit(form_[i].c)))
      ++i;
    return i;
  }

  bool is_lexical(std::size_t from, std::size_t to) const {
    if (from > 0 && at(to) != U'起' && kBeforeNumber.find(form_[from - 1].c) != Text::npos) return false;
    return to == from + 1 && form_[from].c == U'一' &&
           ((to < form_.size() && kAfterOne.find(form_[to].c) != Text::npos) ||
            (from > 0 && kBeforeOne.find(form_[from - 1].c) != Text::npos));
  }

  void read_numerals() {
    for (std::size_t i = 0; i < form_.size();) {
      if (matches(i, U"百分百")) {
        append_digits("100", true, i, i + 3);
        i += 3;
        continue;
      }
      if (matches(i, U"百分之")) {
        const std::size_t end = numeral_end(i + 3);
        if (end - i == 4 && form_[i + 3].c == U'百') {
          append_digits("100", true, i, end);
          i = end;
          continue;
        }
        if (end > i + 3 && read_run(i, i + 3, end, true)) {
          i = end;
          continue;
        }
      }
      const std::size_t end = numeral_end(i);
      if (end == i) {
        next_.push_back(form_[i++]);
        continue;
      }
      // 零下 is a sign, not a digit.
      const bool sign = end == i + 1 && form_[i].c == U'零' && at(end) == U'下';
      if (sign || is_lexical(i, end) || !read_run(i, i, end, false))
        for (std::size_t k = i; k < end; ++k) next_.push_back(form_[k]);
      i = end;
    }
  }

  /// One numeral [from, to) whose source begins at `start`.
  bool read_run(std::size_t start, std::size_t from, std::size_t to, bool percent) {
    bool units = false;
    bool digits = true;
    for (std::size_t i = from; i < to; ++i) {
      units = units || is_han_unit(form_[i].c);
      digits = digits && is_digit(form_[i].c);
    }
    std::string value;
    if (units) {
      if (to - from > kLongestNumber) return false;
      const auto number = prompts::read_number(base::to_utf8(characters(from, to)));
      if (!number) return false;
      value = std::to_string(*number);
    } else {
      if (digits && !percent) return false;
      for (std::size_t i = from; i < to; ++i)  // 〇〇七 keeps its zeros
        value += is_digit(form_[i].c) ? static_cast<char>(form_[i].c)
                                      : static_cast<char>('0' + han_digit(form_[i].c));
    }
    append_digits(value, percent, start, to);
    return true;
  }

  /// 负, 零下, minus and negative before a number -> -, and the minus sign that is no hyphen.
  void read_signs() {
    constexpr std::array<Text, 5> kSigns = {U"负", U"零下", U"minus ", U"negative ", U"−"};
    for (std::size_t i = 0; i < form_.size();) {
      std::size_t length = 0;
      for (const Text sign : kSigns)
        if (matches(i, sign) && is_digit(at(i + sign.size()))) length = sign.size();
      if (length == 0) {
        next_.push_back(form_[i++]);
        continue;
      }
      append(next_, U'-', form_[i].start, form_[i + length].start);
      i += length;
    }
  }

  SpokenForm form_;
  SpokenForm next_;
};

}  // namespace

SpokenForm spoken_form(std::u32string_view text) { return Builder(text).take(); }

}  // namespace validators
