// Publishing the rows of a run: the job's output formats as functions from row to line.
#pragma once

#include "base/result.h"
#include "datasets/release.h"
#include "prompts/job.h"

namespace pipeline {

/// Publishes rows.jsonl of the job's run directory. `complete`: all quotas are met.
base::Result<datasets::PublishedRelease> publish(const prompts::Job& job, bool complete);

}  // namespace pipeline
