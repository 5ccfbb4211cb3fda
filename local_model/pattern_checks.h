// What can be wrong with a pattern file whose every line can be read: aliases that don't exist or reach
// themselves, and what the job demands. All findings go to one list of problems; nothing is thrown.
// Once per load, on the loading thread; linear in the file, times the entries that share an alias.
#pragma once

#include <vector>

#include "local_model/pattern_file.h"
#include "local_model/pattern_model.h"

namespace local_model {

/// Aliases nested deeper than this are refused: with kMaxBraces it bounds every recursion.
constexpr std::size_t kMaxAliasDepth = 64;

/// Links every alias node to its definition. Reports unknown aliases, cycles, chains that are too deep.
void check_aliases(PatternFile& file, PatternProblems& problems);

/// Reports entries that a demand misses, clauses without an intent, and unknown slots: a slot that
/// stands in the lines of an entry must be one of that entry's; a slot in an alias must be known to at
/// least one entry that uses the alias.
void check_demands(const PatternFile& file, const std::vector<PatternDemand>& demands,
                   PatternProblems& problems);

/// The slots that the job allows an entry; null if the job doesn't speak of it. A clause has those of
/// its intent, reserved names have none.
const std::vector<std::string>* allowed_slots(const std::string& entry,
                                              const std::vector<PatternDemand>& demands);

}  // namespace local_model
