#include "validators/verdict.h"

#include <array>

namespace validators {
namespace {

struct Entry {
  Verdict verdict;
  std::string_view code;
  std::string_view advice;
};

constexpr std::array<Entry, kVerdictCount> kEntries = {{
    {Verdict::accepted, "accepted", "these are the rows"},
    {Verdict::failed, "failed",
     "look at the details in rejects.jsonl; raise the model's deadline or lower its limits, then run again"},
    {Verdict::refused, "refused",
     "reword the intent's description and values so that nothing in them looks harmful, or give the lane to "
     "another model with `only`"},
    {Verdict::broken_json, "broken_json",
     "response_format: json_schema helps where the server obeys it; else lower the temperature, or raise "
     "max_tokens"},
    {Verdict::missing_candidate, "missing_candidate",
     "lower per_request or raise max_tokens: the model stops before it has written them all"},
    {Verdict::prompt_echo, "prompt_echo",
     "the model repeats its instructions: lower per_request or use a larger model"},
    {Verdict::refusing_utterance, "refusing_utterance",
     "reword the values and the description that look harmful, or give the lane to another model with "
     "`only`"},
    {Verdict::thinking_text, "thinking_text",
     "set thinking: off for the model; response_format: json_schema keeps thoughts out of the list"},
    {Verdict::meta_talk, "meta_talk",
     "the model comments on its utterances: lower the temperature, or use response_format: json_schema"},
    {Verdict::broken_tags, "broken_tags",
     "lower per_request or the temperature; a small model needs more examples with tags"},
    {Verdict::unknown_intent, "unknown_intent",
     "add the intent to the job, or leave these rows out; its name may be written in another way"},
    {Verdict::wrong_offsets, "wrong_offsets",
     "the file's offsets don't fit its texts: bytes instead of code points, or a text that was changed "
     "later"},
    {Verdict::overlapping_slots, "overlapping_slots",
     "keep one of the slots that share characters: an utterance has each word in one slot at most"},
    {Verdict::value_not_in_text, "value_not_in_text", "annotate these rows anew, or leave the slot out"},
    {Verdict::unknown_slot, "unknown_slot",
     "name the slot in the intent if it belongs there; otherwise say in the description what is no slot"},
    {Verdict::repeated_slot, "repeated_slot",
     "set many: true for the slot if several values make sense, or say in the description that one is meant"},
    {Verdict::missing_slot, "missing_slot", "add examples that carry the slot, or plan fewer slots at once"},
    {Verdict::value_changed, "value_changed",
     "look for planned values that don't fit the sentence, such as the wrong unit, and mend the catalogue"},
    {Verdict::ambiguous_value, "ambiguous_value",
     "the model leaves tags out: add examples with tags, or use response_format: json_schema"},
    {Verdict::unplanned_slot, "unplanned_slot",
     "add the slot set to the plan by making the slot optional, or say in the description when it is used"},
    {Verdict::split_value, "split_value",
     "show a whole value in one tag in the examples, or use response_format: json_schema"},
    {Verdict::repeated_value, "repeated_value",
     "give the slot a larger catalogue, or say in the description that each value is said once"},
    {Verdict::cut_value, "cut_value",
     "plan values with their unit and time of day, and show whole values in the tags of the examples"},
    {Verdict::not_in_catalogue, "not_in_catalogue",
     "add the values to the catalogue, or set open: true for the slot type"},
    {Verdict::out_of_range, "out_of_range", "widen the number range, or name it in the intent's description"},
    {Verdict::not_a_number, "not_a_number",
     "make the slot type open values instead of a number if words such as `louder` are meant"},
    {Verdict::pattern_mismatch, "pattern_mismatch",
     "check the slot type's pattern against the values in rejects.jsonl"},
    {Verdict::impossible_date, "impossible_date",
     "lower the temperature, and plan the slot so that its values come from the job"},
    {Verdict::wrong_unit, "wrong_unit",
     "say in the description what the number counts, or add `percent` to the type's `written`"},
    {Verdict::placeholder, "placeholder",
     "the model writes stand-ins instead of values: give the slot a larger catalogue"},
    {Verdict::empty, "empty", "lower per_request: the model fills the list with nothing"},
    {Verdict::bad_character, "bad_character",
     "tell the model in the template to write plain text without emoji, or lower the temperature"},
    {Verdict::wrong_script, "wrong_script",
     "say in the template which language and script is wanted, or use a model that knows it better"},
    {Verdict::mixed_language, "mixed_language",
     "add the words that your users say to check.foreign_words, or say in the template which language is "
     "wanted"},
    {Verdict::too_short, "too_short", "lower check.length, or ask for longer utterances in style"},
    {Verdict::too_long, "too_long", "raise check.length, or ask for shorter utterances in style"},
    {Verdict::too_long_to_say, "too_long_to_say",
     "ask for shorter utterances in style, or set check.length to what your users say"},
    {Verdict::require_missing, "require_missing",
     "tell the model in the intent's description what check.require asks for, or loosen the pattern"},
    {Verdict::forbidden, "forbidden",
     "tell the model in the intent's description what check.forbid excludes, or narrow the pattern"},
    {Verdict::copied_example, "copied_example",
     "add examples that differ from one another, raise the temperature, or ask for more styles"},
    {Verdict::guarded, "guarded",
     "the evaluation files have these wordings: ask for more styles and values; if they aren't evaluation "
     "files, take them out of guard"},
    {Verdict::judged_wrong, "judged_wrong",
     "read some of them in rejects.jsonl: if the judge is right, mend the descriptions and examples, or let "
     "another model write; if it isn't, take another judge, or judge.use: review"},
    {Verdict::duplicate, "duplicate",
     "ask for more styles, add values to the catalogues, or raise the temperature"},
    {Verdict::near_duplicate, "near_duplicate",
     "ask for more styles, add values to the catalogues, or raise duplicates.near"},
    {Verdict::template_repeated, "template_repeated", "ask for more styles or raise duplicates.per_template"},
    {Verdict::conflict, "conflict",
     "name each intent in the other's `contrast`, and say in the descriptions what tells them apart"},
    {Verdict::slot_disagreement, "slot_disagreement", "look whether the value was put into the wrong slot"},
    {Verdict::surplus, "surplus", "these are valid and are used first when the quota grows"},
}};

constexpr bool in_order() {
  for (std::size_t i = 0; i < kEntries.size(); ++i)
    if (static_cast<std::size_t>(kEntries[i].verdict) != i) return false;
  return true;
}
static_assert(in_order(), "kEntries is indexed by Verdict");

}  // namespace

std::string_view verdict_code(Verdict verdict) { return kEntries[static_cast<std::size_t>(verdict)].code; }

std::string_view verdict_advice(Verdict verdict) {
  return kEntries[static_cast<std::size_t>(verdict)].advice;
}

}  // namespace validators
