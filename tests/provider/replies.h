// The provider's "model": writes utterances for the planned lines of a prompt. It knows nothing of
// intents; its contract with the prompt templates is that each utterance is asked for by a line that
// starts with a number, a dot and a space, and carries the planned tags verbatim, in wire format,
// before ` | `:
//
//   3. [device:主屏] [level:百分之三十] | 口语, 7-12
//
// All is a pure function of the request body and the fault rate.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "tests/provider/options.h"
#include "tests/provider/requests.h"

namespace provider {

/// The tags of each planned line, `[name:value]` each.
std::vector<std::vector<std::string_view>> planned_lines(std::string_view message);

/// The model's text, {"utterances":[…]} or {"values":[…]}. A faulty value is none. A faulty utterance has a
/// wrong value, a missing tag, broken brackets, an unknown tag, or repeats the one before it.
/// `faults` are those of faults.h.
std::string write_content(const ChatRequest& request, const base::Hash128& body, double fault_rate,
                          const std::vector<FaultRate>& faults = {});

/// Words that name no value and no device, so that no utterance says more than was planned.
std::string_view word(bool han, std::uint64_t draw);

}  // namespace provider
