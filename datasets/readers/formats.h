// The readers, one file each. Each takes a whole file, as UTF-8 without a byte order mark, or for JSON
// formats one record of it, and adds rows and faults in the order of the file. Pure; any thread.
#pragma once

#include <string_view>
#include <vector>

#include "datasets/readers/reading.h"

namespace datasets {

/// A line of rows.jsonl (docs/formats.md, "Row"), or what has at least `text` and `frames`, or `text`,
/// `intent` and `slots`: members that can be computed may be missing, slots may lack their offsets.
void read_row_record(std::string_view json, Place place, Reading& reading);

/// A chat row: {"messages":[…]} with roles `user` and `assistant` or `tool_call` (ms-swift, OpenAI),
/// `conversations` (ShareGPT), `query` and `response`, `instruction`, `input` and `output`. The answer:
/// {"intent":…,"slots":{…}}, `slots` as a list of {"name","value"}, {"name":…,"arguments":…}, or a list of
/// any of these.
void read_chat_record(std::string_view json, Place place, Reading& reading);

/// The benchmark's form {"Intent":[{"data":[{"text":…},{"text":…,"entity":…}]}]} and the form of snips-nlu
/// {"intents":{"x":{"utterances":[{"data":[{"text":…,"entity":…,"slot_name":…}]}]}}}; a record is one
/// utterance. Where there is no `slot_name`, the entity is the slot.
void read_snips_record(std::string_view json, Place place, const std::vector<std::string>& path,
                       Reading& reading);

/// A token and its tag on each line, between empty lines: xSID's columns with `# text` and `# intent` before
/// them; two columns, an intent before or after the tokens, or none.
void read_bio(std::string_view text, Reading& reading);

/// Rasa 2 and 3: `nlu:` with `intent` and `examples`.
void read_rasa(std::string_view text, Reading& reading);

/// A table with a header and `,`, `;` or a tab between its columns (RFC 4180 quotes): annotated utterances
/// (`[slot : value]`) or plain ones, and the intent, which HWU64 splits in `scenario` and `intent`.
void read_table(std::string_view text, Reading& reading);

}  // namespace datasets
