// Slots that are a word too long or too short. A value whose variant with a word more or less at one end is
// the usual one; a slot that begins or ends with a word that rarely does so and mostly stands outside of
// slots (the 把 of 把主屏); a slot that ends before a word that mostly belongs to such slots.
#pragma once

#include <vector>

#include "validators/deep/opinion.h"
#include "validators/deep/value_counts.h"

namespace validators::deep {

std::vector<Opinion> boundary_variants(const Corpus& corpus, const ValueCounts& counts);

}  // namespace validators::deep
