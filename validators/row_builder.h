// From a checked utterance to its row: the text without its slots, the template, hashes, canonical
// values, the split, the bytes of rows.jsonl. Any thread; the buffers are the thread's own.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "datasets/row.h"
#include "prompts/job.h"
#include "validators/checker.h"
#include "validators/tag_rules.h"

namespace validators {

/// An utterance taken apart at its slots.
struct Pieces {
  std::string_view text;          // without white space at its ends
  std::vector<FoundSlot>* slots;  // offsets into `text`
  std::string outside;            // the text around the slots, a space for each slot
  std::string masked;             // the same with kSlotMark for each slot
};

/// A character of the private use area: no utterance may contain it, and normalisation leaves it.
constexpr std::string_view kSlotMark = "\uE000";

/// Reuses the strings of `pieces`. `found` must be sorted by start; its offsets are moved when white
/// space at the start of the text goes.
void take_apart(std::string_view text, std::vector<FoundSlot>& found, Pieces& pieces);

class RowBuilder {
 public:
  /// `job` must outlive the builder.
  explicit RowBuilder(const prompts::Job& job);

  /// The hash that tells texts apart: of language and normalised text.
  base::Hash128 text_hash(std::string_view normalised) const;
  std::string normalise(std::string_view text) const;
  /// The template that a row of this text and these slots has; `normalised` is its text. Slots whose offsets
  /// don't fit the text, or that overlap one before them, stay unmasked.
  std::string template_of(const datasets::Row& row, std::string_view normalised) const;

  /// Fills `template_hash` and `row` of a candidate whose other members are set.
  void build(const Expectation& expectation, std::size_t planned, std::string_view normalised,
             const Pieces& pieces, Candidate& candidate) const;

 private:
  /// `name(i, out)` appends the name of the i-th slot.
  template <typename Name>
  void append_template(std::string_view masked, std::size_t slots, const Name& name, std::string& out) const;

  const prompts::Job* job_;
  bool simplify_;
};

}  // namespace validators
