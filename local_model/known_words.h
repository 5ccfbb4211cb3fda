// The words that a small model may use about an intent that it wasn't trained on. Of such an intent it
// knows what its prompt says and nothing else, and where it goes beyond that it reaches for words of the
// domains that it does know. So its text is made of the prompt's own words (description and examples,
// without values) and of the function words of the language, and of nothing else.
//
// Which intents it knows, and the function words, stand in the model's file (tools/train_tiny_model.py
// writes them): `slotmill.intents`, a name a line; `slotmill.function_characters`, Chinese characters;
// `slotmill.function_words`, English words between spaces. A file without them has no such limit.
// Const; any thread; some microseconds.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace local_model {

/// What text may consist of.
struct Lexicon {
  std::u32string characters;    // of scripts without spaces; empty: the text is of words between spaces
  std::set<std::string> words;  // of letters
};

class KnownWords {
 public:
  KnownWords() = default;
  KnownWords(std::string_view intents, std::string_view function_characters, std::string_view function_words);

  /// For a compact prompt (prompts/compact.h); none if the model knows the intent, or the prompt is about
  /// none.
  std::optional<Lexicon> limit(std::string_view prefix, std::string_view tail) const;

 private:
  std::set<std::string, std::less<>> intents_;
  std::u32string function_characters_;
  std::set<std::string> function_words_;
};

}  // namespace local_model
