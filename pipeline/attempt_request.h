// One attempt as the request that its model gets, for commands that look at single requests. A run makes
// the same from parts that it keeps (graph.cc).
#pragma once

#include "model/model.h"
#include "prompts/plan.h"
#include "prompts/renderer.h"

namespace pipeline {

model::Request make_attempt_request(const prompts::Job& job, const prompts::Renderer& renderer,
                                    const prompts::Lane& lane, const prompts::Cell& cell,
                                    const prompts::ModelSpec& spec, const model::Model& model,
                                    std::uint64_t attempt);

}  // namespace pipeline
