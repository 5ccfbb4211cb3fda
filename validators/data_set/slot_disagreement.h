// Values that stand in one slot nearly always, and here in another: 今天 as `time` once, as `date` fifty
// times. Notes, never faults: right as often as not. Slots that share their values by nature (from and to)
// have no such majority; numbers are left out, which any slot of numbers takes; and what stands there three
// times was meant.
#pragma once

#include "validators/data_set/data_set.h"

namespace validators {

/// A note for each slot whose value stands in another slot of the set's rows at least 9 times in 10, of 10 or
/// more.
void note_slot_disagreement(DataSet& set);

}  // namespace validators
