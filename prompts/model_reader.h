// `models:` of a job: who answers, where, with which limits. Says nothing of keys but the names of
// the variables that hold them, and repeats no text of a place where somebody may have put one.
#pragma once

#include <string>
#include <vector>

#include "prompts/job_fields.h"

namespace prompts {

struct ModelsRead {
  std::vector<ModelSpec> models;
  std::vector<Mark> prices;  // of `price:`; {} where there is none
};

/// `lanes`: what `only:` may name. `per_request`: the job's.
ModelsRead read_models(const YamlNode& node, const ReadContext& context,
                       const std::vector<std::string>& lanes, std::int64_t per_request);

/// Refuses models with a share of 0 that nobody else names; `named`: those that other parts of the job do.
void check_shares(std::vector<ModelSpec>& models, const std::vector<std::size_t>& named, Problems& problems);

}  // namespace prompts
