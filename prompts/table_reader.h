// `tables:` of a job: slot types whose values belong together, row by row: a city and its country, a song and
// who sings it. From rows in the job or from a CSV file to tables, and a slot type for each column, whose
// catalogue is what stands in the column, in the order of its first mention.
//
// A value may stand in many rows; its synonyms may be given in any of them, and count in all. Refuses: rows
// of another length than the list of types, a type that is declared elsewhere too, and what ValueList
// refuses.
#pragma once

#include <vector>

#include "prompts/job_fields.h"
#include "prompts/slot_type_reader.h"

namespace prompts {

/// `node` may be null: a job without tables. Adds the types of the columns to `types`.
std::vector<Table> read_tables(const YamlNode* node, const ReadContext& context, SlotTypesRead& types);

}  // namespace prompts
