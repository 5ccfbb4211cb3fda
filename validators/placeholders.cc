#include "validators/placeholders.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "base/unicode.h"
#include "validators/text_rules.h"

namespace validators {
namespace {

constexpr std::size_t kLongestBrackets = 64;  // bytes between brackets

struct Brackets {
  char open;
  char close;
};
constexpr std::array<Brackets, 3> kBrackets = {{{'{', '}'}, {'<', '>'}, {'[', ']'}}};

/// Two or more of one of these in a row.
constexpr std::array<std::string_view, 4> kBlanks = {"某", "_", "×", "○"};

// People who stand for anybody. 张三 also is the end of 开张 and a number, and 李四 the end of 行李: then
// one of these stands before it.
struct Anybody {
  std::string_view name;
  std::string_view not_after;  // characters
};
constexpr std::array<Anybody, 3> kAnybody = {
    {{"张三", "一二两三四五六七八九十几每这那半开纸主夸紧慌嚣"}, {"李四", "行"}, {"王五", ""}}};
// Particles, verbs and titles that a sentence goes on with behind a name. Any other Han character makes
// it a part of something longer: 李四光, 王五魁, 张三丰, 两张三人桌, 行李四件.
constexpr std::string_view kBehindName =
    "的了吗呢吧啊呀哦嘛和跟与及或还也都就才又再很在是有没不来去到从向对为给把被让叫请找约问说讲谈聊打发"
    "拨接听看吃喝做写拿带送回参开加进入出走过留订预通邀视语电会能可要想应该需得愿今明后昨前这那哪什谁"
    "怎几多先老女同经总哥姐现已正刚最早晚下中手邮短信号家移踢静退删添设转播共等以之一";
constexpr std::array<std::string_view, 2> kAnybodyInEnglish = {"john doe", "jane doe"};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_word(char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '_'; }

/// Whether the code point that `text` ends with is one of `characters`.
bool ends_with_any(std::string_view text, std::string_view characters) {
  for (std::size_t at = 0, start = 0; at < characters.size(); start = at) {
    base::next_code_point(characters, at);
    if (text.ends_with(characters.substr(start, at - start))) return true;
  }
  return false;
}

std::string_view find_brackets(std::string_view text, std::size_t at) {
  for (const auto [open, close] : kBrackets) {
    if (text[at] != open) continue;
    // Only a name makes it a placeholder: `a < b` isn't one.
    if (at + 1 == text.size() || (open == '<' && !is_letter(text[at + 1]) && text[at + 1] >= 0)) return {};
    const std::string_view inside = text.substr(at + 1, kLongestBrackets);
    const std::size_t end = inside.find(close);
    if (end == std::string_view::npos || end == 0) return {};
    return text.substr(at, end + 2);
  }
  return {};
}

/// XX, XXX, xx, as words of their own. XL and 4x4 are none.
std::string_view find_crosses(std::string_view text, std::size_t at) {
  const char cross = text[at];
  if ((cross != 'X' && cross != 'x') || (at > 0 && is_word(text[at - 1]))) return {};
  std::size_t end = at;
  while (end < text.size() && text[end] == cross) ++end;
  if (end - at < 2 || (end < text.size() && is_word(text[end]))) return {};
  return text.substr(at, end - at);
}

std::string_view find_blank(std::string_view text, std::size_t at) {
  for (const std::string_view blank : kBlanks) {
    std::size_t end = at;
    while (text.substr(end).starts_with(blank)) end += blank.size();
    if (end - at >= 2 * blank.size()) return text.substr(at, end - at);
  }
  return {};
}

/// Whether the Han character that `text` begins with, if any, belongs to the name before it.
bool continues_name(std::string_view text) {
  if (text.empty()) return false;
  std::size_t at = 0;
  const char32_t c = base::next_code_point(text, at);
  return base::is_han(c) && kBehindName.find(text.substr(0, at)) == std::string_view::npos;
}

std::string_view find_anybody(std::string_view text, std::size_t at) {
  for (const Anybody& person : kAnybody)
    if (text.substr(at).starts_with(person.name) && !ends_with_any(text.substr(0, at), person.not_after) &&
        !continues_name(text.substr(at + person.name.size())))
      return text.substr(at, person.name.size());
  if (text[at] != 'J' && text[at] != 'j') return {};
  for (const std::string_view name : kAnybodyInEnglish) {
    const std::string_view here = text.substr(at, name.size());
    if (here.size() == name.size() &&
        std::equal(here.begin(), here.end(), name.begin(), [](char a, char b) { return (a | 0x20) == b; }))
      return here;
  }
  return {};
}

/// Bytes that a placeholder may begin with; a quick way past all others.
constexpr std::array<bool, 256> first_bytes() {
  std::array<bool, 256> first{};
  for (const char c : std::string_view("{<[XxJj_")) first[static_cast<unsigned char>(c)] = true;
  for (const std::string_view blank : kBlanks) first[static_cast<unsigned char>(blank[0])] = true;
  for (const Anybody& person : kAnybody) first[static_cast<unsigned char>(person.name[0])] = true;
  return first;
}
constexpr auto kFirst = first_bytes();

}  // namespace

std::string_view find_placeholder(std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (!kFirst[static_cast<unsigned char>(text[at])]) continue;
    for (const auto find : {find_brackets, find_crosses, find_blank, find_anybody})
      if (const std::string_view found = find(text, at); !found.empty()) return found;
  }
  return {};
}

bool is_placeholder(std::string_view value) {
  value = base::trim(value);
  return !value.empty() && find_placeholder(value).size() == value.size();
}

}  // namespace validators
