// One attempt as the request that its model gets.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "model/model.h"
#include "prompts/plan.h"
#include "prompts/renderer.h"

namespace pipeline {

/// From the parts that requests share, which a run keeps: `prefix` is the lane's for the model's profile (not
/// used for a model that reads no prompt), `tags` the cell's (prompts::allowed_tags). The key is made last,
/// of all the rest. Fills `request` anew, in the memory that it has.
void fill_request(const prompts::Renderer& renderer, const prompts::Cell& cell,
                  const prompts::ModelSpec& spec, const model::Model& model, const prompts::AttemptPlan& plan,
                  const std::shared_ptr<const std::string>& prefix, const std::vector<std::string>& tags,
                  model::Request& request);

/// The same from nothing, for commands that look at single requests.
model::Request make_attempt_request(const prompts::Job& job, const prompts::Renderer& renderer,
                                    const prompts::Lane& lane, const prompts::Cell& cell,
                                    const prompts::ModelSpec& spec, const model::Model& model,
                                    std::uint64_t attempt);

}  // namespace pipeline
