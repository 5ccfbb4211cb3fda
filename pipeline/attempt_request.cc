#include "pipeline/attempt_request.h"

namespace pipeline {

model::Request make_attempt_request(const prompts::Job& job, const prompts::Renderer& renderer,
                                    const prompts::Lane& lane, const prompts::Cell& cell,
                                    const prompts::ModelSpec& spec, const model::Model& model,
                                    std::uint64_t attempt) {
  const prompts::AttemptPlan plan = prompts::plan_attempt(job, cell, attempt, spec.per_request);
  model::Request request;
  request.wire = spec.profile == prompts::Profile::compact ? model::Wire::line : model::Wire::envelope;
  request.utterances = plan.utterances;
  request.tags = prompts::allowed_tags(job, cell);
  request.salt = plan.salt;
  if (model.capabilities().reads_prompt) {
    request.prefix = std::make_shared<const std::string>(renderer.prefix(lane, spec.profile));
    request.tail = renderer.tail(cell, plan, spec.profile);
  }
  request.key = model::request_key(model.identity(), request);
  return request;
}

}  // namespace pipeline
