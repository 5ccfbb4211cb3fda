#include "validators/text_rules.h"

#include <fmt/format.h>
#include <re2/re2.h>
#include <re2/set.h>

#include <algorithm>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/text.h"
#include "base/unicode.h"
#include "validators/embedded_data.h"
#include "validators/impossible_date.h"
#include "validators/placeholders.h"

namespace validators {
namespace {

// A Chinese utterance may contain names such as PPT, Zoom or HDMI 2.
constexpr int kFreeLatinWords = 2;
constexpr int kMostLatinWords = 3;
constexpr int kShortLatinWord = 8;  // letters

// Letters of a word in lower case from which on it must be known: units and particles are shorter.
constexpr int kShortestForeign = 3;

// What people say in one breath: Chinese characters, words and digits. The longest of 24,000 English
// utterances of two public sets has 35 words (99.9 %: 23), of 300 Chinese ones 40 characters.
constexpr std::size_t kBreathInChinese = 60;
constexpr std::size_t kBreath = 45;

constexpr std::int64_t kPatternMemory = std::int64_t{64} << 20;  // of a set; 8 MiB hold about 200 patterns

re2::StringPiece piece(std::string_view text) { return {text.data(), text.size()}; }

/// Speech has no pictures. Outside these blocks symbols such as ℃ and ° are text. The first two are
/// marks that make an emoji of the character before them.
bool is_emoji(char32_t c) {
  if (c < 0x20E3) return false;
  if (c == 0x20E3 || c == 0xFE0F) return true;
  const bool block = (c >= 0x2300 && c <= 0x23FF) || (c >= 0x2600 && c <= 0x27BF) ||
                     (c >= 0x2B00 && c <= 0x2BFF) || (c >= 0x1F000 && c <= 0x1FAFF);
  return block && base::is_punctuation_or_symbol(c);
}

std::string name_of(char32_t c) {
  std::string out = fmt::format("U+{:04X}", static_cast<unsigned>(c));
  if (base::is_control(c)) return out;
  out += ' ';
  base::append_utf8(c, out);
  return out;
}

/// Patterns that are looked for together. Read-only after making.
class PatternSet {
 public:
  base::Status make(const std::vector<std::string>& patterns, std::string_view key) {
    RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(kPatternMemory);
    set_ = std::make_unique<RE2::Set>(options, RE2::UNANCHORED);
    bool fits = true;
    for (const std::string& pattern : patterns) {
      auto compiled = std::make_unique<RE2>(pattern, options);
      if (!compiled->ok())
        return base::bad_input(
            fmt::format("check.{}: bad pattern `{}`: {}", key, pattern, compiled->error()));
      fits = set_->Add(pattern, nullptr) >= 0 && fits;
      patterns_.push_back(std::move(compiled));
    }
    // One pattern is faster alone; a set that doesn't fit is no fault of the user.
    if (patterns_.size() < 2 || !fits || !set_->Compile()) set_.reset();
    return {};
  }

  bool empty() const { return patterns_.empty(); }

  /// The first pattern, in the order of the job, that matches as wanted; nullptr if there is none.
  const std::string* first(std::string_view text, bool matching) const {
    if (set_) {
      thread_local std::vector<int> found;
      found.clear();
      RE2::Set::ErrorInfo error{};
      const bool any = set_->Match(piece(text), &found, &error);
      if (any || error.kind == RE2::Set::kNoError) {
        if (found.size() == (matching ? 0 : patterns_.size())) return nullptr;
        thread_local std::vector<bool> matches;
        matches.assign(patterns_.size(), false);
        for (const int i : found) matches[static_cast<std::size_t>(i)] = true;
        return pick(matching, [](std::size_t i) { return static_cast<bool>(matches[i]); });
      }
    }
    // Also when the set's automaton ran out of memory: then `false` means nothing.
    return pick(matching, [&](std::size_t i) { return RE2::PartialMatch(piece(text), *patterns_[i]); });
  }

 private:
  template <class Matches>
  const std::string* pick(bool matching, Matches&& matches) const {
    for (std::size_t i = 0; i < patterns_.size(); ++i)
      if (matches(i) == matching) return &patterns_[i]->pattern();
    return nullptr;
  }

  std::vector<std::unique_ptr<RE2>> patterns_;
  std::unique_ptr<RE2::Set> set_;
};

/// Words as they are looked up: in lower case.
using Words = std::unordered_set<std::string>;

/// Adds the Latin words of a text.
void add_words(std::string_view text, Words& words) {
  if (!base::is_valid_utf8(text)) return;
  const std::string folded = base::fold(text);
  std::string word;
  for (std::size_t at = 0; at < folded.size();) {
    const std::size_t start = at;
    const char32_t c = base::next_code_point(folded, at);
    if (base::is_alphanumeric(c) && base::script_of(c) != base::Script::han) {
      word.append(folded, start, at - start);
      continue;
    }
    if (!word.empty()) words.insert(std::move(word));
    word.clear();
  }
  if (!word.empty()) words.insert(std::move(word));
}

/// Catalogues beyond this size aren't read for words.
constexpr std::uint64_t kMostValues = 100000;

Words known_words(const prompts::Job& job) {
  Words words;
  for (const std::string& line : embedded_lines("foreign_words.txt")) add_words(line, words);
  for (const std::string& word : job.check.foreign_words) add_words(word, words);
  for (const prompts::SlotType& type : job.slot_types)
    for (std::uint64_t i = 0; !type.is_number() && i < std::min(type.size(), kMostValues); ++i)
      add_words(type.value(i).text, words);
  for (const prompts::Intent& intent : job.intents)
    for (const prompts::AnnotatedText& example : intent.examples) add_words(example.text, words);
  return words;
}

}  // namespace

struct TextRules::Impl {
  bool chinese = false;
  bool english = false;
  bool simplified = false;
  bool traditional = false;
  Words known;             // of a Chinese job
  std::size_t breath = 0;  // 0: the job says how long a text may be
  std::size_t min_length = 0;
  std::size_t max_length = 0;
  PatternSet require;
  PatternSet forbid;

  Finding check_characters(std::string_view text, std::size_t& length) const;
  Finding check_script(std::string_view outside) const;
  Finding check_chinese(std::string_view outside) const;
  Finding check_simplified(std::string_view outside) const;
  Finding check_breath(std::string_view text) const;
};

TextRules::TextRules(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TextRules::TextRules(TextRules&&) noexcept = default;
TextRules& TextRules::operator=(TextRules&&) noexcept = default;
TextRules::~TextRules() = default;

base::Result<TextRules> TextRules::make(const prompts::Job& job) {
  auto impl = std::make_unique<Impl>();
  impl->chinese = job.chinese();
  impl->english = job.language.starts_with("en");
  impl->simplified = job.chinese() && !job.language.starts_with("zh-Hant");
  impl->traditional = job.language.starts_with("zh-Hant");
  if (impl->chinese) impl->known = known_words(job);
  if (!job.check.length_given) impl->breath = impl->chinese ? kBreathInChinese : kBreath;
  impl->min_length = static_cast<std::size_t>(job.check.min_length);
  impl->max_length = static_cast<std::size_t>(job.check.max_length);
  if (auto status = impl->require.make(job.check.require, "require"); !status) return base::pass(status);
  if (auto status = impl->forbid.make(job.check.forbid, "forbid"); !status) return base::pass(status);
  return TextRules(std::move(impl));
}

Finding TextRules::Impl::check_characters(std::string_view text, std::size_t& length) const {
  bool words = false;
  length = 0;
  for (std::size_t at = 0; at < text.size(); ++length) {
    const char32_t c = base::next_code_point(text, at);
    if (c == base::kInvalidCodePoint) return {Verdict::bad_character, "bytes that are not UTF-8"};
    if (base::is_control(c) || c == 0xFFFD || is_emoji(c)) return {Verdict::bad_character, name_of(c)};
    words = words || base::is_alphanumeric(c);
  }
  if (!words) return {Verdict::empty, "no letter and no digit"};
  return {};
}

Finding TextRules::Impl::check_simplified(std::string_view outside) const {
  if (!base::has_traditional(outside)) return {};
  // By phrase: 著 is simplified in 著名, and traditional in 看著.
  const std::string converted = base::to_simplified(outside);
  for (std::size_t at = 0, other = 0; at < outside.size() && other < converted.size();) {
    const char32_t c = base::next_code_point(outside, at);
    if (c != base::next_code_point(converted, other))
      return {Verdict::wrong_script, fmt::format("traditional character {}", name_of(c))};
  }
  return {};
}

/// Chinese characters, words and digits, as they are said.
Finding TextRules::Impl::check_breath(std::string_view text) const {
  if (text.size() <= 2 * breath) return {};  // two bytes each at least
  std::size_t said = 0;
  bool in_word = false;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = base::next_code_point(text, at);
    const bool alphanumeric = base::is_alphanumeric(c);
    const bool one = base::is_han(c);
    if (alphanumeric && (one || !in_word)) ++said;
    in_word = (alphanumeric || c == U'\'' || c == U'’' || c == U'-') && !one;
  }
  if (said <= breath) return {};
  return {Verdict::too_long_to_say, fmt::format("{} {}, more than {} are too many for one breath", said,
                                                chinese ? "syllables" : "words", breath)};
}

Finding TextRules::Impl::check_chinese(std::string_view outside) const {
  int han = 0;
  int latin = 0;
  int words = 0;
  int letters = 0;  // of the current word
  int longest = 0;
  bool in_word = false;
  bool plain = false;  // letters in lower case only
  std::size_t word = 0;
  std::string unknown;
  const auto end_word = [&](std::size_t end) {
    if (in_word && plain && letters >= kShortestForeign && unknown.empty())
      if (std::string text(outside.substr(word, end - word)); !known.contains(text))
        unknown = std::move(text);
    in_word = false;
  };
  for (std::size_t at = 0; at < outside.size();) {
    const std::size_t start = at;
    const char32_t c = base::next_code_point(outside, at);
    const bool alphanumeric = base::is_alphanumeric(c);
    const base::Script script = base::script_of(c);
    if (alphanumeric && script == base::Script::other)
      return {Verdict::wrong_script, fmt::format("{} is neither Chinese nor Latin", name_of(c))};
    if (script == base::Script::han) ++han;
    if (alphanumeric && script == base::Script::latin) {
      ++latin;
      if (!in_word) ++words, letters = 0, plain = true, word = start;
      in_word = true;
      plain = plain && c >= U'a' && c <= U'z';
      longest = std::max(longest, ++letters);
    } else if (!alphanumeric || script == base::Script::han) {
      end_word(start);  // digits belong to the word before them
    } else {
      plain = false;
    }
  }
  end_word(outside.size());
  if (latin > 0) {
    // A name or two are fine beside any Chinese (打开PowerPoint); more need Chinese around them.
    const bool few = words <= kFreeLatinWords || (longest <= kShortLatinWord && 2 * words <= han);
    if (han == 0) return {Verdict::wrong_script, "no Chinese outside the slots"};
    if (words > kMostLatinWords || (!few && latin >= han))
      return {Verdict::wrong_script,
              fmt::format("{} Latin letters in {} words beside {} Chinese characters", latin, words, han)};
    if (!unknown.empty())
      return {Verdict::mixed_language, fmt::format("`{}` is no word that Chinese speech uses", unknown)};
  }
  if (traditional)
    for (std::size_t at = 0; at < outside.size();)
      if (const char32_t c = base::next_code_point(outside, at); base::is_simplified_only(c))
        return {Verdict::wrong_script, fmt::format("simplified character {}", name_of(c))};
  return simplified ? check_simplified(outside) : Finding{};
}

Finding TextRules::Impl::check_script(std::string_view outside) const {
  if (chinese) return check_chinese(outside);
  if (!english) return {};
  for (std::size_t at = 0; at < outside.size();) {
    if (outside[at] >= 0) {
      ++at;
      continue;
    }
    const char32_t c = base::next_code_point(outside, at);
    const base::Script script = base::script_of(c);
    if (base::is_alphanumeric(c) && (script == base::Script::han || script == base::Script::other))
      return {Verdict::wrong_script, fmt::format("{} in an English text", name_of(c))};
  }
  return {};
}

Finding TextRules::check(std::string_view text, std::string_view outside_slots) const {
  std::size_t length = 0;
  if (Finding finding = impl_->check_characters(text, length); finding.verdict != Verdict::accepted)
    return finding;
  if (const std::string_view found = find_placeholder(outside_slots); !found.empty())
    return {Verdict::placeholder, std::string(found)};
  if (Finding finding = impl_->check_script(outside_slots); finding.verdict != Verdict::accepted)
    return finding;
  if (length < impl_->min_length)
    return {Verdict::too_short,
            fmt::format("{} characters, at least {} are wanted", length, impl_->min_length)};
  if (length > impl_->max_length)
    return {Verdict::too_long,
            fmt::format("{} characters, at most {} are wanted", length, impl_->max_length)};
  if (impl_->breath > 0)
    if (Finding finding = impl_->check_breath(text); finding.verdict != Verdict::accepted) return finding;
  if (const std::string found = find_impossible_date(outside_slots, false); !found.empty())
    return {Verdict::impossible_date, found};
  if (!impl_->require.empty())
    if (const std::string* pattern = impl_->require.first(text, false))
      return {Verdict::require_missing, fmt::format("`{}` matches nowhere", *pattern)};
  if (!impl_->forbid.empty())
    if (const std::string* pattern = impl_->forbid.first(text, true))
      return {Verdict::forbidden, fmt::format("`{}` matches", *pattern)};
  return {};
}

}  // namespace validators
