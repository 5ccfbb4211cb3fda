// Compiles a pattern file for drawing.
//
// The file is a context-free grammar; "uses these slots, each once" is a finite automaton over bit
// masks, and the two are intersected at load (the construction of Bar-Hillel, Perles and Shamir 1961).
// Bottom-up, each node of an entry gets the masks that it can produce with their probability; then
// each (node, mask) that the entry needs becomes a state, its choices weighted with the probability
// that the file's weights leave under the condition of the mask. A weight counts among its siblings:
// a line with more alternatives inside isn't drawn more often.
//
// Cost: the number of (node, mask) pairs of each entry and of the ways to divide masks among the parts
// of a line; 3 ms for 1,000 lines. kMaxWork bounds it, and with it the memory. Once per load, on the
// loading thread.
#pragma once

#include <vector>

#include "local_model/pattern_file.h"
#include "local_model/pattern_grammar.h"
#include "local_model/pattern_model.h"

namespace local_model {

constexpr std::size_t kMaxUtterance = 4096;  // bytes of pattern text in one utterance
constexpr std::size_t kMaxWork = 8'000'000;  // table cells and options of a file

/// `file` must have passed parse_patterns, check_aliases and check_demands without a problem. Reports
/// entries with too many slots, utterances that are too long, too many combinations.
PatternGrammar compile_patterns(const PatternFile& file, const std::vector<PatternDemand>& demands,
                                bool chinese, PatternProblems& problems);

}  // namespace local_model
