// The checks of a finished row, whoever made it: no reply, no plan, only text and slots against a job.
// `slotmill validate` asks it about files that somebody else made, and a run's own rows pass it.
//
// What needs a plan (value_changed, unplanned_slot, missing values) or other rows (duplicates, conflicts)
// isn't asked here; broken tags and JSON are the reader's. Without a job file the caller makes a Job of
// what it finds in the data: intents with their slots, types open, no range and no pattern; what such a
// type doesn't say isn't checked. Const after make(); any thread; some microseconds a row.
#pragma once

#include <memory>
#include <vector>

#include "base/result.h"
#include "datasets/row.h"
#include "prompts/job.h"
#include "validators/text_rules.h"
#include "validators/verdict.h"

namespace validators {

class RowCheck {
 public:
  /// `job` must outlive it. The error is for patterns that can't be compiled.
  static base::Result<RowCheck> make(const prompts::Job& job);
  RowCheck(RowCheck&&) noexcept;
  RowCheck& operator=(RowCheck&&) noexcept;
  ~RowCheck();

  /// All faults in the order of the ladder, at most one of each slot and each kind of text check; empty
  /// for a clean row. Reads text and frames only; a row without frames is out of scope.
  std::vector<Finding> check(const datasets::Row& row) const;

  /// Makes the repairs that are certain (validators/repairs.h), offsets and values too, and adds their codes
  /// to row.repairs. Whether anything changed; a row whose offsets are wrong is left alone. Id, template
  /// and split are the caller's.
  bool repair(datasets::Row& row) const;

 private:
  struct Impl;
  explicit RowCheck(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace validators
