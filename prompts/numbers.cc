#include "prompts/numbers.h"

#include <unicode/rbnf.h>
#include <unicode/unistr.h>

#include <memory>

namespace prompts {
namespace {

/// Creating a spell-out format takes milliseconds and formatting isn't thread-safe.
class SpellOut {
 public:
  SpellOut(const char* locale, const char16_t* rule_set) : rule_set_(rule_set) {
    UErrorCode error = U_ZERO_ERROR;
    format_ = std::make_unique<icu::RuleBasedNumberFormat>(icu::URBNF_SPELLOUT, icu::Locale(locale), error);
    if (U_FAILURE(error)) format_.reset();
  }

  /// Digits if this ICU came without its rules.
  std::string operator()(std::int64_t number) const {
    if (!format_) return std::to_string(number);
    icu::UnicodeString text;
    icu::FieldPosition ignored;
    UErrorCode error = U_ZERO_ERROR;
    format_->format(number, rule_set_, text, ignored, error);
    if (U_FAILURE(error)) return std::to_string(number);
    std::string out;
    text.toUTF8String(out);
    return out;
  }

 private:
  std::unique_ptr<icu::RuleBasedNumberFormat> format_;
  icu::UnicodeString rule_set_;
};

constexpr std::int64_t kYi = 100'000'000;    // 亿
constexpr std::int64_t kCjkEnd = kYi * kYi;  // 亿亿: from here on people write digits

std::string write_cjk(std::int64_t number) {
  if (number <= -kCjkEnd || number >= kCjkEnd) return std::to_string(number);
  if (number < 0) return "负" + write_cjk(-number);
  // alternate2 writes 零 and 两百, where the default set has 二百, which few people say; but its 2 is 两,
  // which only stands before a measure word.
  if (number == 2) return "二";
  thread_local const SpellOut spell("zh", u"%spellout-cardinal-alternate2");
  // From 亿 on ICU forgets a 零 (六亿九万零七), and from 万亿 on it says 兆, which means two things.
  if (number < kYi) return spell(number);
  std::string out = spell(number / kYi) + "亿";
  const std::int64_t rest = number % kYi;
  if (rest == 0) return out;
  if (rest < kYi / 10) out += "零";
  if (rest >= 10 && rest < 20) out += "一";
  return out + write_cjk(rest);
}

std::string write_words(std::int64_t number) {
  thread_local const SpellOut spell("en", u"%spellout-cardinal");
  return spell(number);
}

}  // namespace

std::vector<std::string> write_number(std::int64_t number, Written form, std::string_view language) {
  const bool chinese = language.starts_with("zh");
  const std::string digits = std::to_string(number);
  switch (form) {
    case Written::arabic:
      return {digits};
    case Written::cjk:
      return {write_cjk(number)};
    case Written::words:
      return {write_words(number)};
    case Written::percent:
      break;
  }
  if (!chinese) return {digits + " percent", write_words(number) + " percent", digits + "%"};
  const bool negative = number < 0 && number > -kCjkEnd;
  return {negative ? "负百分之" + write_cjk(-number) : "百分之" + write_cjk(number), digits + "%"};
}

}  // namespace prompts
