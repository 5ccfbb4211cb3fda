// What a model wrote for a catalogue (`ask:`), value by value. It refuses what could not stand in a prompt,
// in an utterance or in a values file: nothing but punctuation, control characters, brackets, the signs of a
// values file, placeholders, what is longer than people say, what the type's pattern doesn't match; and what
// the job lists already. Pure, any thread; a microsecond a value. Whether two replies brought the same value
// is for the commit.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "prompts/job.h"
#include "validators/checker.h"

namespace validators {

/// Adds a candidate for each of the `asked` values of slot type `type`: those of `values`, in order, and one
/// that is missing for each that didn't come.
void check_values(const prompts::Job& job, std::size_t type, std::size_t asked,
                  const std::vector<std::string>& values, CheckedReply& out);

}  // namespace validators
