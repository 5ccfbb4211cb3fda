// Slots that an intent hardly ever has, and another often: the intent may be the other one.
#pragma once

#include <vector>

#include "validators/deep/opinion.h"
#include "validators/deep/value_counts.h"

namespace validators::deep {

std::vector<Opinion> intent_slots(const Corpus& corpus, const ValueCounts& counts);

}  // namespace validators::deep
