// Draws utterances from a compiled pattern file, and counts how many different ones there are.
//
// append() draws one way through the grammar, with the probability that the file's weights give it
// among all that use exactly the planned slots: nothing is tried and thrown away, so the time doesn't
// depend on how rare the slot set is. No look-up in a map, no allocation but the output's. Const and
// without state: any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "local_model/pattern_grammar.h"
#include "model/request.h"

namespace local_model {

class PatternSampler {
 public:
  /// `grammar` is borrowed.
  PatternSampler(const PatternGrammar& grammar, bool chinese);

  enum class Drawn {
    done,
    unknown_entry,  // the file has no patterns for a frame, or none for two frames
    no_pattern,     // none takes exactly these slots, or several values where only one fits
  };
  /// Appends one utterance in inline tags (prompts/annotation.h), the same for the same seed. Nothing
  /// is appended unless done.
  Drawn append(const model::PlannedUtterance& utterance, std::uint64_t seed, std::string& out) const;

  /// Different wordings of an entry for a slot set, each slot masked, after normalisation (so case and
  /// the punctuation at the ends make no difference), counted up to `limit`. A slot that is named
  /// twice has several values. Up to 20,000 derivations the count is exact, by enumeration (15 to 35 ms);
  /// above it is an upper bound, the number of derivations: two of them may read the same.
  std::uint64_t count_wordings(std::string_view entry, const std::vector<std::string>& slots,
                               std::uint64_t limit) const;

 private:
  const PatternGrammar& grammar_;
  const bool chinese_;
  Piece comma_;
  Piece and_;
};

}  // namespace local_model
