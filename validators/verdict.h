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
  // utterances that are no utterances
  prompt_echo,         // repeats the prompt: its instructions, the intent's description, "以下是10条"
  refusing_utterance,  // declines, in the midst of others
  thinking_text,       // the model's thoughts
  meta_talk,           // speaks about the utterances
  // its tags
  broken_tags,
  unknown_intent,     // in rows from elsewhere: the job has no such intent
  wrong_offsets,      // in rows from elsewhere: the value isn't what stands there
  overlapping_slots,  // in rows from elsewhere
  value_not_in_text,  // in rows from elsewhere: the value stands nowhere in the text
  unknown_slot,
  repeated_slot,  // twice, and not `many`
  missing_slot,
  value_changed,    // not the planned value, in any written form
  ambiguous_value,  // untagged, and found more than once
  unplanned_slot,   // its slot set is no cell of the lane
  split_value,      // one value in two tags of one slot, side by side
  repeated_value,   // planned once, tagged twice
  cut_value,        // a tag that ends inside a number, a word or a time: [level:3]0, [start:下午三点]半
  // values that weren't planned
  not_in_catalogue,
  out_of_range,
  not_a_number,
  pattern_mismatch,
  impossible_date,  // 2月30日, 25:70, 周八
  wrong_unit,       // a unit that values of the type can't have
  placeholder,      // {name}, XX, 某某 as a value or in the text
  // the text
  empty,
  bad_character,  // control characters, broken UTF-8
  wrong_script,
  mixed_language,  // English words in a Chinese sentence
  too_short,
  too_long,
  too_long_to_say,  // in one breath
  require_missing,
  forbidden,
  copied_example,  // word for word one of the job's examples
  guarded,         // the text or the wording of an evaluation file (`guard:`), or nearly
  // a second opinion
  judged_wrong,  // most judges of the job are against it
  // against other rows, at commit
  duplicate,
  near_duplicate,  // nearly the wording of a row with the same values
  template_repeated,
  conflict,           // the same text under another intent: both sides are rejected
  slot_disagreement,  // in rows from elsewhere: the value stands in another slot nearly always
  surplus,            // valid, beyond the quota
};

constexpr std::size_t kVerdictCount = static_cast<std::size_t>(Verdict::surplus) + 1;

/// The code: `value_changed`.
std::string_view verdict_code(Verdict verdict);
/// One line for the summary of a run that ends short: what the user can do about many of these.
std::string_view verdict_advice(Verdict verdict);

}  // namespace validators
