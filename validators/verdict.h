// Verdicts: what became of a candidate. The codes are public: they stand in rejects.jsonl, in the
// summary and in docs/verdicts.md, and never change their meaning.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace validators {

enum class Verdict : std::uint8_t {
  accepted,
  // the reply
  failed,             // the attempt never got a reply
  refused,            // the model declined, or a content filter did
  broken_json,        // no utterances could be read out of it, with all repairs
  missing_candidate,  // fewer utterances than were asked for
  // its tags
  broken_tags,
  unknown_slot,
  repeated_slot,  // twice, and not `many`
  missing_slot,
  value_changed,    // not the planned value, in any written form
  ambiguous_value,  // untagged, and found more than once
  unplanned_slot,   // its slot set is no cell of the lane
  // values that weren't planned
  not_in_catalogue,
  out_of_range,
  not_a_number,
  pattern_mismatch,
  placeholder,  // {name}, XX, 某某 as a value or in the text
  // the text
  empty,
  bad_character,  // control characters, broken UTF-8
  wrong_script,
  too_short,
  too_long,
  require_missing,
  forbidden,
  copied_example,  // word for word one of the job's examples
  // against other rows, at commit
  duplicate,
  near_duplicate,  // nearly the wording of a row with the same values
  template_repeated,
  conflict,  // the same text under another intent: both sides are rejected
  surplus,   // valid, beyond the quota
};

constexpr std::size_t kVerdictCount = static_cast<std::size_t>(Verdict::surplus) + 1;

/// The code: `value_changed`.
std::string_view verdict_code(Verdict verdict);
/// One line for the summary of a run that ends short: what the user can do about many of these.
std::string_view verdict_advice(Verdict verdict);

}  // namespace validators
