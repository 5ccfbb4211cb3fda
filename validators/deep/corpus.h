// Labelled rows in the form that the deep checks count in: words, values, slot names and intents as numbers.
// Made once, then read by all sources at the same time. Costs some 100 bytes a word.
//
// Numbers are given in the order of the rows, so that whatever is made from them depends on the rows alone.
// Words are equal when they are after case folding. A slot that begins or ends inside a word counts from the
// word's start, or to its end; one that shares a word with the slot before it is left out (the exact checks
// speak of both).
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "datasets/row.h"
#include "validators/deep/words.h"

namespace validators::deep {

constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

/// A labelled stretch of words.
struct Label {
  std::uint32_t name = 0;   // index into Corpus::names
  std::uint32_t first = 0;  // words, half open
  std::uint32_t last = 0;
  bool operator==(const Label&) const = default;
  bool covers(std::uint32_t word) const { return first <= word && word < last; }
  bool overlaps(const Label& other) const { return first < other.last && other.first < last; }
};

struct Sentence {
  std::vector<Word> words;
  std::vector<std::uint32_t> ids;  // of the words: indices into Corpus::vocabulary
  std::vector<Label> labels;       // in order, none overlapping
  std::uint32_t intent = kNone;    // index into Corpus::intents; none with two frames
  std::u32string text;

  /// The label over `word`; null if there is none.
  const Label* label_at(std::uint32_t word) const;
  std::span<const std::uint32_t> phrase(std::uint32_t first, std::uint32_t last) const {
    return {ids.data() + first, last - first};
  }
  /// The words as they stand in the text.
  std::string surface(std::uint32_t first, std::uint32_t last) const;
};

struct Corpus {
  std::vector<Sentence> sentences;  // one for each row
  std::vector<std::string> vocabulary;
  std::vector<std::string> names;    // of slots
  std::vector<std::string> intents;  // `out_of_scope` is one of them if there are such rows
};

Corpus make_corpus(std::span<const datasets::Row> rows);

}  // namespace validators::deep
