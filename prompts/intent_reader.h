// `intents:` of a job: names, slots, and examples, which must agree with the slot types.
#pragma once

#include <vector>

#include "prompts/job_fields.h"
#include "prompts/slot_type_reader.h"

namespace prompts {

/// Marks the slot types that are used.
std::vector<Intent> read_intents(const YamlNode& node, const ReadContext& context, SlotTypesRead& slot_types);

}  // namespace prompts
