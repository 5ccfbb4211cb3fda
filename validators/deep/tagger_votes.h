// Votes on the slots of rows by taggers that did not see them (folds.h, tagger.h): where three taggers, each
// trained on other rows, would all label a place differently, that is an opinion; what they would make of it,
// by majority, is the suggestion.
//
// Trains on the workers of the caller's oneTBB arena; what comes out does not depend on how many there are.
#pragma once

#include <vector>

#include "validators/deep/opinion.h"

namespace validators::deep {

std::vector<Opinion> tagger_votes(const Corpus& corpus);

/// The edits that lead from the labels of a row to other ones. Exported for tests.
std::vector<Opinion> differences(std::uint32_t row, std::span<const Label> own, std::span<const Label> other);

}  // namespace validators::deep
