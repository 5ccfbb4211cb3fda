// A job for data without one: the intents that are in it, the slots that each has, all of them optional and
// repeatable, slot types that take any value, and the language that most texts are in. Checks that need to
// know more find nothing to check.
#pragma once

#include <string>

#include "prompts/job.h"
#include "validators/data_set/data_set.h"

namespace validators {

/// `zh-Hans`, `zh-Hant`, `en`, or `und` if it is none of these.
std::string detect_language(const DataSet& set);

/// Intents and slots in the order of their first appearance.
prompts::Job infer_job(const DataSet& set);

}  // namespace validators
