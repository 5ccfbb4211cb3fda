// Votes on the intents of rows by linear classifiers that did not see them (folds.h): liblinear, over the
// words, their pairs and the names of the labelled slots. Trains on the workers of the caller's oneTBB arena;
// what comes out does not depend on how many there are.
//
// The solver is the primal trust-region one: liblinear's dual solvers shuffle with rand(), which threads
// share. 13,000 rows of 7 intents cost 8 s of CPU time.
#pragma once

#include <vector>

#include "validators/deep/opinion.h"

namespace validators::deep {

std::vector<Opinion> intent_votes(const Corpus& corpus);

}  // namespace validators::deep
