#include "validators/deep/tag_features.h"

#include <algorithm>
#include <string>
#include <unordered_map>

#include "base/hash.h"
#include "base/text.h"
#include "base/unicode.h"

namespace validators::deep {
namespace {

/// What doesn't depend on where a word stands.
struct WordForm {
  std::uint64_t shape = 0;
  std::vector<std::uint64_t> affixes;
};

std::uint64_t hash_of(std::u32string_view text) { return base::hash64(base::to_utf8(text)); }

/// The kinds of characters in it, each run once, and for numbers how long they are.
WordForm form_of(const std::string& word) {
  WordForm form;
  const std::u32string text = base::to_utf32(word);
  std::uint64_t last = 0;
  for (const char32_t c : text) {
    const std::uint64_t kind = c >= U'0' && c <= U'9'              ? 1
                               : base::is_punctuation_or_symbol(c) ? 2
                               : base::is_han(c)                   ? 3
                                                                   : 4;
    if (kind == last && kind != 1) continue;
    form.shape = base::mix(form.shape, kind);
    last = kind;
  }
  for (std::size_t length = 1; length <= 4 && length < text.size(); ++length) {
    form.affixes.push_back(base::mix(hash_of(std::u32string_view(text).substr(0, length)), 1));
    form.affixes.push_back(base::mix(hash_of(std::u32string_view(text).substr(text.size() - length)), 2));
  }
  return form;
}

class Extractor {
 public:
  explicit Extractor(const Corpus& corpus) {
    for (const std::string& word : corpus.vocabulary) forms_.push_back(form_of(word));
  }

  void extract(const Sentence& sentence, std::uint32_t word, std::vector<std::uint64_t>& features) {
    features.clear();
    const auto id = [&](int offset) -> std::uint64_t {
      const std::int64_t at = std::int64_t{word} + offset;
      if (at < 0) return kBefore;
      return at >= static_cast<std::int64_t>(sentence.ids.size())
                 ? kBehind
                 : sentence.ids[static_cast<std::size_t>(at)];
    };
    const auto shape = [&](int offset) -> std::uint64_t {
      const std::uint64_t w = id(offset);
      return w < forms_.size() ? forms_[w].shape : w;
    };
    std::uint64_t kind = 0;
    const auto add = [&](auto... parts) {
      std::uint64_t hash = ++kind;
      ((hash = base::mix(hash, static_cast<std::uint64_t>(parts))), ...);
      features.push_back(hash);
    };
    add();
    add(id(0));
    add(id(-1));
    add(id(1));
    add(id(-2));
    add(id(2));
    add(id(-1), id(0));
    add(id(0), id(1));
    add(id(-1), id(1));
    add(id(-2), id(-1));
    add(id(1), id(2));
    add(id(-2), id(-1), id(0));
    add(id(-1), id(0), id(1));
    add(id(0), id(1), id(2));
    add(shape(0));
    add(shape(-1), shape(0), shape(1));
    add(sentence.intent);
    add(sentence.intent, id(0));
    add(sentence.intent, id(-1));
    add(sentence.intent, id(1));
    ++kind;
    for (const std::uint64_t affix : forms_[sentence.ids[word]].affixes)
      features.push_back(base::mix(kind, affix));
  }

 private:
  static constexpr std::uint64_t kBefore = kNone;
  static constexpr std::uint64_t kBehind = kNone - 1;
  std::vector<WordForm> forms_;
};

}  // namespace

TagFeatures::TagFeatures(const Corpus& corpus) {
  struct Use {
    std::uint32_t last_row = kNone;
    bool again = false;  // in another row
    std::uint32_t number = kNone;
  };
  struct Hasher {
    std::size_t operator()(std::uint64_t value) const { return value; }
  };
  std::unordered_map<std::uint64_t, Use, Hasher> uses;
  Extractor extractor(corpus);
  std::vector<std::uint64_t> hashes;
  const auto for_each_word = [&](const auto& visit) {
    for (std::uint32_t row = 0; row < corpus.sentences.size(); ++row)
      for (std::uint32_t word = 0; word < corpus.sentences[row].ids.size(); ++word) {
        extractor.extract(corpus.sentences[row], word, hashes);
        visit(row);
      }
  };
  for_each_word([&](std::uint32_t row) {
    for (const std::uint64_t hash : hashes) {
      Use& use = uses[hash];
      use.again |= use.last_row != kNone && use.last_row != row;
      use.last_row = row;
    }
  });
  std::size_t words = 0;
  for (const Sentence& sentence : corpus.sentences) {
    first_word_.push_back(words);
    words += sentence.ids.size();
  }
  for_each_word([&](std::uint32_t) {
    starts_.push_back(features_.size());
    for (const std::uint64_t hash : hashes) {
      Use& use = uses.find(hash)->second;
      if (!use.again) continue;
      if (use.number == kNone) use.number = size_++;
      features_.push_back(use.number);
    }
  });
  starts_.push_back(features_.size());
}

}  // namespace validators::deep
