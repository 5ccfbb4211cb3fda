#include "validators/text_rules.h"

#include <fmt/format.h>
#include <re2/re2.h>
#include <re2/set.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "base/unicode.h"
#include "validators/placeholders.h"

namespace validators {
namespace {

// A Chinese utterance may contain names such as PPT, Zoom or HDMI 2.
constexpr int kFreeLatinWords = 2;
constexpr int kMostLatinWords = 3;
constexpr int kShortLatinWord = 8;  // letters

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

}  // namespace

struct TextRules::Impl {
  bool chinese = false;
  bool english = false;
  bool simplified = false;
  std::size_t min_length = 0;
  std::size_t max_length = 0;
  PatternSet require;
  PatternSet forbid;

  Finding check_characters(std::string_view text, std::size_t& length) const;
  Finding check_script(std::string_view outside) const;
  Finding check_chinese(std::string_view outside) const;
  Finding check_simplified(std::string_view outside) const;
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

Finding TextRules::Impl::check_chinese(std::string_view outside) const {
  int han = 0;
  int latin = 0;
  int words = 0;
  int letters = 0;  // of the current word
  int longest = 0;
  bool in_word = false;
  for (std::size_t at = 0; at < outside.size();) {
    const char32_t c = base::next_code_point(outside, at);
    const bool alphanumeric = base::is_alphanumeric(c);
    const base::Script script = base::script_of(c);
    if (alphanumeric && script == base::Script::other)
      return {Verdict::wrong_script, fmt::format("{} is neither Chinese nor Latin", name_of(c))};
    if (script == base::Script::han) ++han;
    if (alphanumeric && script == base::Script::latin) {
      ++latin;
      if (!in_word) ++words, letters = 0;
      in_word = true;
      longest = std::max(longest, ++letters);
    } else if (!alphanumeric || script == base::Script::han) {
      in_word = false;  // digits belong to the word before them
    }
  }
  if (latin > 0) {
    // A name or two are fine beside any Chinese (打开PowerPoint); more need Chinese around them.
    const bool few = words <= kFreeLatinWords || (longest <= kShortLatinWord && 2 * words <= han);
    if (han == 0) return {Verdict::wrong_script, "no Chinese outside the slots"};
    if (words > kMostLatinWords || (!few && latin >= han))
      return {Verdict::wrong_script,
              fmt::format("{} Latin letters in {} words beside {} Chinese characters", latin, words, han)};
  }
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
  if (Finding finding = impl_->check_script(outside_slots); finding.verdict != Verdict::accepted)
    return finding;
  if (length < impl_->min_length)
    return {Verdict::too_short,
            fmt::format("{} characters, at least {} are wanted", length, impl_->min_length)};
  if (length > impl_->max_length)
    return {Verdict::too_long,
            fmt::format("{} characters, at most {} are wanted", length, impl_->max_length)};
  if (const std::string_view found = find_placeholder(outside_slots); !found.empty())
    return {Verdict::placeholder, std::string(found)};
  if (!impl_->require.empty())
    if (const std::string* pattern = impl_->require.first(text, false))
      return {Verdict::require_missing, fmt::format("`{}` matches nowhere", *pattern)};
  if (!impl_->forbid.empty())
    if (const std::string* pattern = impl_->forbid.first(text, true))
      return {Verdict::forbidden, fmt::format("`{}` matches", *pattern)};
  return {};
}

}  // namespace validators
