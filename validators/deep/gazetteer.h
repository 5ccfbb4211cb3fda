// The data's own values as a gazetteer: a value that is nearly always labelled and stands unlabelled here is
// a missed slot; one that is nearly always unlabelled and is labelled here is a spurious one. Nearly always:
// twice at least and three times as often as not, elsewhere in all rows, or elsewhere in those of the intent.
#pragma once

#include <vector>

#include "validators/deep/opinion.h"
#include "validators/deep/value_counts.h"

namespace validators::deep {

std::vector<Opinion> gazetteer(const Corpus& corpus, const ValueCounts& counts);

}  // namespace validators::deep
