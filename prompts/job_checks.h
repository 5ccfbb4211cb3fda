// What needs several parts of a job at once: prices and budget in one currency, a model for every
// lane, quotas that add up to something, slot types that somebody uses.
#pragma once

#include "prompts/job_reader.h"
#include "prompts/problems.h"

namespace prompts {

void check_job(const JobRead& read, Problems& problems);

}  // namespace prompts
