#include "pipeline/request_maker.h"

#include <utility>

#include "pipeline/attempt_request.h"

namespace pipeline {

RequestMaker::RequestMaker(const prompts::Job& job, const prompts::Plan& plan,
                           const prompts::Renderer& renderer, std::vector<model::Model*> models)
    : job_(job), plan_(plan), renderer_(renderer), models_(std::move(models)) {
  for (std::size_t i = 0; i < models_.size(); ++i) {
    const prompts::ModelSpec& spec = job_.models[i];
    const bool reads_prompt = models_[i]->capabilities().reads_prompt;
    auto& chains = chains_.emplace_back();
    auto& prefixes = prefixes_.emplace_back();
    for (const prompts::Lane& lane : plan_.lanes) {
      chains.push_back({i});
      for (const std::size_t other : spec.fallback)
        if (prompts::serves(job_.models[other], lane.name)) chains.back().push_back(other);
      auto& prefix = prefixes.emplace_back();
      if (reads_prompt && prompts::serves(spec, lane.name))
        prefix = std::make_shared<const std::string>(renderer_.prefix(lane, spec.profile));
    }
  }
  for (const prompts::Lane& lane : plan_.lanes) {
    auto& tags = tags_.emplace_back();
    for (const prompts::Cell& cell : lane.cells) tags.push_back(prompts::allowed_tags(job_, cell));
  }
}

void RequestMaker::make(Item& item) const {
  const std::size_t number = item.model;
  const prompts::Cell& cell = plan_.lanes[item.lane].cells[item.attempt.cell];
  const prompts::ModelSpec& spec = job_.models[number];
  item.plan =
      prompts::plan_attempt(job_, cell, item.attempt.attempt, prompts::candidates_per_request(cell, spec));
  fill_request(renderer_, cell, spec, *models_[number], item.plan, prefixes_[number][item.lane],
               tags_[item.lane][item.attempt.cell], item.request);
}

bool RequestMaker::look_up(Item& item, const Journal& journal) const {
  const std::vector<std::size_t>& models = chain(item);
  std::size_t next = models.size();
  std::size_t failed = 0;
  for (std::size_t i = 0; i < models.size(); ++i) {
    item.model = models[i];
    make(item);
    if (!journal.find(item.request.key, item.stored_at)) {
      if (next == models.size() && i >= item.asked) next = i;
      continue;
    }
    if (!item.stored_at.failed) return true;
    ++failed;
  }
  if (failed == models.size()) return true;  // the last one's record
  item.asked = next;
  if (next == models.size() || item.model == models[next]) return false;
  item.model = models[next];
  make(item);
  return false;
}

}  // namespace pipeline
