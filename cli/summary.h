// What a run says at its end: what was made, from how much, and for each cell that is short why, by
// verdict, and what to change.
#pragma once

#include "pipeline/run.h"
#include "prompts/job.h"

namespace cli {

void print_summary(const prompts::Job& job, const pipeline::RunReport& report);

}  // namespace cli
