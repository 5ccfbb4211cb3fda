// The symmetric pass over all lanes: the same text under two intents teaches neither, so both sides are
// rejected. It runs when every lane is full or exhausted and nothing is in flight, so that its result
// depends on no order of arrival; lanes that lost rows then plan more, and it runs again until nothing
// changes. Texts found once are remembered: lanes reject them at once from then on.
//
// Cost: a scan of all rows' hashes, in 16 parts to keep the memory at a sixteenth (2 bytes a row).
#pragma once

#include <cstddef>
#include <vector>

#include "pipeline/lane.h"

namespace pipeline {

/// Marks all rows whose text also stands in another lane, and adds the texts to `conflicts`. Returns
/// how many rows were marked.
std::size_t mark_conflicts(std::vector<Lane>& lanes, ConflictSet& conflicts);

}  // namespace pipeline
