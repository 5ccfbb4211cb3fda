// Words that stand inside of slots nearly everywhere and outside here: what is left of a missed slot whose
// value no other row has (gazetteer.h knows whole values only). Suggests the stretch of such words, under the
// name that they mostly have.
#pragma once

#include <vector>

#include "validators/deep/opinion.h"

namespace validators::deep {

std::vector<Opinion> labelled_words(const Corpus& corpus);

}  // namespace validators::deep
