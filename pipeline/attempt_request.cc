#include "pipeline/attempt_request.h"

namespace pipeline {

void fill_request(const prompts::Renderer& renderer, const prompts::Cell& cell,
                  const prompts::ModelSpec& spec, const model::Model& model, const prompts::AttemptPlan& plan,
                  const std::shared_ptr<const std::string>& prefix, const std::vector<std::string>& tags,
                  model::Request& request) {
  request.purpose = cell.catalogue ? model::Purpose::catalogue : model::Purpose::generate;
  request.wire = cell.catalogue ? model::Wire::values : spec.wire();
  request.utterances = plan.utterances;
  request.tags = tags;
  request.salt = plan.salt;
  request.prefix = nullptr;
  request.tail.clear();
  if (model.capabilities().reads_prompt) {
    request.prefix = prefix;
    request.tail = renderer.tail(cell, plan, spec.profile);
  }
  request.key = model::request_key(model.identity(), request);
}

model::Request make_attempt_request(const prompts::Job& job, const prompts::Renderer& renderer,
                                    const prompts::Lane& lane, const prompts::Cell& cell,
                                    const prompts::ModelSpec& spec, const model::Model& model,
                                    std::uint64_t attempt) {
  model::Request request;
  fill_request(renderer, cell, spec, model,
               prompts::plan_attempt(job, cell, attempt, prompts::candidates_per_request(cell, spec)),
               std::make_shared<const std::string>(renderer.prefix(lane, spec.profile)),
               prompts::allowed_tags(job, cell), request);
  return request;
}

}  // namespace pipeline
