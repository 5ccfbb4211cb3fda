// `slotmill validate`: every check on a data set that somebody else made, in the order of the ladder; each
// row on its own, then rows against one another.
//
// With a job its rules hold. Without one they are inferred from the data (inferred_job.h), and what can only
// be suspected is a note: near-duplicates, a value that mostly stands in another slot.
//
// Runs in an oneTBB arena of its own. The result depends on the files and the job alone.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "prompts/job.h"
#include "validators/data_set/data_set.h"

namespace validators {

struct ValidationOptions {
  const prompts::Job* job = nullptr;  // null: inferred
  bool repair = false;                // change rows where that is certain
  int threads = 0;                    // 0: as many as there are cores
};

struct Validation {
  DataSet set;
  prompts::Job job;  // the rules that held: a copy of the options' job, or the inferred one
  bool inferred = false;

  struct SlotCount {
    std::uint64_t spans = 0;
    std::uint64_t values = 0;  // distinct, as written
  };
  std::map<std::string, std::uint64_t> intents;  // frames; `none` for rows out of scope
  std::map<std::string, SlotCount> slots;
  std::map<Verdict, std::uint64_t> faults;  // faults by verdict
  std::map<Verdict, std::uint64_t> notes;
  std::uint64_t fault_count = 0;
  std::uint64_t good_rows = 0;  // without a fault, or mended
  std::uint64_t repaired_rows = 0;
};

/// Reads and checks. The error is a file that can't be read at all, or a pattern of the job that can't be
/// compiled.
base::Result<Validation> validate_files(const std::vector<std::string>& paths,
                                        std::optional<datasets::Format> format,
                                        const ValidationOptions& options);

/// What a person can do about rows with this verdict in a file.
std::string_view data_advice(Verdict verdict);

}  // namespace validators
