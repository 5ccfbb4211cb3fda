// The top of a job file, and the parts that are a few keys each; slot types, intents and models have
// readers of their own. What needs several parts at once is checked in job_checks.h.
#pragma once

#include <optional>

#include "prompts/job_fields.h"
#include "prompts/model_reader.h"
#include "prompts/slot_type_reader.h"

namespace prompts {

/// A job as read, with the places that the checks across parts point at.
struct JobRead {
  Job job;  // complete but for the slot types, which are below
  SlotTypesRead slot_types;
  std::vector<Mark> prices;  // of each model; {} where there is none
  Mark intents;
  Mark rows;          // {} if the quotas aren't known
  Mark out_of_scope;  // the first of the two quotas that is set
  Mark multi_intent;
  Mark cost;
};

/// Reads all it can of `root`; what is wrong is in `context.problems`. The language in `context` is
/// filled in on the way.
JobRead read_job(const YamlNode& root, ReadContext& context);

}  // namespace prompts
