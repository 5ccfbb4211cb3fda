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
#include <unordered_map>
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

/// A reply about numbered lines, {"votes":["1 ok",…]}: a share of them, drawn from each line, is against it.
std::string write_votes(std::string_view message, double against_rate);

/// What utterances that were written say, by their text without tags: `set_volume [level:30]`.
class Readings {
 public:
  /// What `content`, of write_content(), says.
  void remember(const ChatRequest& request, std::string_view content);
  /// {"readings":["1 set_volume [level:30]",…]}; a share of them is wrong. What was never written is `none`.
  std::string answer(std::string_view message, double against_rate) const;

 private:
  std::unordered_map<std::string, std::string> known_;
};

/// Words that name no value and no device, so that no utterance says more than was planned.
std::string_view word(bool han, std::uint64_t draw);

}  // namespace provider
