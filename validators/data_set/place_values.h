// Finds the places of slots whose format tells values only (chat answers): verbatim, or in another written
// form of the value (30 in 百分之三十, an alias of the catalogue). Slots of equal value take their places in
// the order of the text. Parallel; the result is the same for any number of threads.
#pragma once

#include "prompts/job.h"
#include "validators/data_set/data_set.h"

namespace validators {

/// A slot that is found nowhere stays unplaced. With `known`, the job's own, it is a fault of its row;
/// without, it is one if nearly all values of the slot are found elsewhere, and otherwise a note: the values
/// may be canonical forms that nobody told us.
void place_values(const prompts::Job& job, bool known, DataSet& set);

}  // namespace validators
