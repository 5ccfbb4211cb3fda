// The name that a value has everywhere else, leave one out: a slot whose value stands under another name in
// most other places is under the wrong one. Two slots of a row that would each take the other's name are
// swapped. Slots that share their values are never set against each other.
#pragma once

#include <vector>

#include "validators/deep/opinion.h"
#include "validators/deep/shared_values.h"
#include "validators/deep/value_counts.h"

namespace validators::deep {

std::vector<Opinion> value_majority(const Corpus& corpus, const ValueCounts& counts,
                                    const SharedValues& shared);

}  // namespace validators::deep
