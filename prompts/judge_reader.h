// Reads `judge:`: which models judge, about what, and what comes of it.
#pragma once

#include <vector>

#include "prompts/job_fields.h"

namespace prompts {

/// A list of ids of the job's models, or a single one; the places of those that are there.
std::vector<std::size_t> read_model_ids(const YamlNode& node, const std::string& where,
                                        const std::vector<ModelSpec>& models, Problems& problems);

Judge read_judge(Fields& top, const std::vector<ModelSpec>& models, Problems& problems);

}  // namespace prompts
