// Rows against one another: the same text under two intents, the same text again, nearly the same wording,
// too many rows of one template. As a run decides them (pipeline/lane.h), in the order of the files, but with
// all rows known: rows with a fault of their own are left out, and conflicts are found first, so that both
// sides are.
//
// Parallel, with the same answer for any number of threads. Memory: 48 bytes a row, and for near-duplicates
// the index (duplicates/near_index.h) and the tokens of one intent's rows.
#pragma once

#include <vector>

#include "prompts/job.h"
#include "validators/data_set/data_set.h"
#include "validators/data_set/row_keys.h"

namespace validators {

struct OtherRowRules {
  double near = 0;                // Jaccard; 0: no search
  std::int64_t per_template = 0;  // 0: no cap
  bool notes = false;             // near-duplicates are worth a note, no fault
};

/// Adds faults, and sets the verdicts of rows. `keys` has one entry for each row.
void check_other_rows(const std::vector<RowKeys>& keys, const OtherRowRules& rules, DataSet& set);

}  // namespace validators
