// Faults inside what the provider's "model" writes: utterances that a checker must reject or mend, and JSON
// that a reader must mend. Each has a name (--fault, --help lists them); what it does is a pure function of
// the planned tags and a seed.
//
// Some need slots to tag that nobody planned. Their names are a convention that the job must keep: an
// intent that is to meet them has optional slots `device` (closed), `level` (a number from 0 to 100, in
// percent), `room` (a pattern), `start` (a time), `also` (of the type of `device`) and `guest` (many values).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace provider {

/// The names that a fault's name, or a group's (`utterances`, `json`), stands for; empty: no such name.
std::vector<std::string_view> faults_named(std::string_view name);
bool is_json_fault(std::string_view fault);
std::string describe_faults();

/// What a fault is made of.
struct FaultContext {
  std::vector<std::string_view> tags;  // planned, `[device:主屏]`
  std::string clean;                   // the utterance without the fault
  std::string before;                  // the utterance before this one; may be empty
  std::vector<std::string_view> before_tags;
  bool han = true;
  std::uint64_t seed = 0;
};

/// The faulty utterance; nullopt if this one can't have the fault.
std::optional<std::string> make_fault(std::string_view fault, const FaultContext& context);

/// `json`, {"utterances":[…]}, as a model writes it that knows JSON badly.
std::string break_json(std::string_view fault, std::string json);

}  // namespace provider
