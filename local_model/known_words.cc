#include "local_model/known_words.h"

#include <algorithm>

#include "base/text.h"
#include "base/unicode.h"

namespace local_model {
namespace {

constexpr std::string_view kIntent = "<|intent|>";
constexpr std::string_view kDescription = "<|desc|>";
constexpr std::string_view kExample = "<|example|>";
constexpr std::string_view kSlots = "<|slots|>";

template <typename Take>
void split(std::string_view text, char at, Take take) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(at), text.size());
    if (end > 0) take(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

/// `text` up to `mark`, both taken from its front; all of it if the mark isn't there.
std::string_view take_until(std::string_view& text, std::string_view mark) {
  const std::size_t end = text.find(mark);
  const std::string_view front = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + mark.size());
  return front;
}

bool is_letter(char32_t c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '\''; }

/// Adds the words of `text` outside its tags: `放[level:三十]` has 放.
void add_words(std::string_view text, Lexicon& lexicon) {
  std::string word;
  bool in_tag = false;
  const auto end_word = [&] {
    if (!word.empty()) {
      lexicon.words.insert(word);
      if (std::all_of(word.begin() + 1, word.end(), [](char c) { return c >= 'a'; }) && word != "I") {
        word.front() = static_cast<char>(word.front() | 0x20);  // as inside a sentence; ' stays '
        lexicon.words.insert(word);
      }
    }
    word.clear();
  };
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = base::next_code_point(text, at);
    if (!in_tag && is_letter(c)) {
      base::append_utf8(c, word);
      continue;
    }
    end_word();
    if (c == '\\') {
      base::next_code_point(text, at);
    } else if (c == '[' || c == ']') {
      in_tag = c == '[';
    } else if (!in_tag && base::is_han(c)) {
      lexicon.characters += c;
    }
  }
  end_word();
}

}  // namespace

KnownWords::KnownWords(std::string_view intents, std::string_view function_characters,
                       std::string_view function_words)
    : function_characters_(base::to_utf32(function_characters)) {
  split(intents, '\n', [this](std::string_view name) { intents_.emplace(name); });
  split(function_words, ' ', [this](std::string_view word) { function_words_.emplace(word); });
}

std::optional<Lexicon> KnownWords::limit(std::string_view prefix, std::string_view tail) const {
  if (intents_.empty() || !prefix.starts_with(kIntent)) return std::nullopt;
  prefix.remove_prefix(kIntent.size());
  if (intents_.contains(take_until(prefix, kDescription))) return std::nullopt;
  Lexicon lexicon;
  add_words(prefix, lexicon);
  std::string_view examples = take_until(tail, kSlots);
  while (!examples.empty()) add_words(take_until(examples, kExample), lexicon);
  if (lexicon.characters.empty()) {
    lexicon.words.insert(function_words_.begin(), function_words_.end());
  } else {
    lexicon.characters += function_characters_;
    std::sort(lexicon.characters.begin(), lexicon.characters.end());
    lexicon.characters.erase(std::unique(lexicon.characters.begin(), lexicon.characters.end()),
                             lexicon.characters.end());
  }
  return lexicon;
}

}  // namespace local_model
