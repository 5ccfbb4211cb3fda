#include "pipeline/ping.h"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>

#include "base/clock.h"
#include "local_model/health_check.h"
#include "pipeline/attempt_request.h"
#include "pipeline/follow_ups.h"

namespace pipeline {
namespace {

constexpr base::Milliseconds kListTime{5000};
constexpr std::size_t kMostNames = 20;

class Replies final : public model::OutcomeSink {
 public:
  explicit Replies(std::size_t count) : outcomes_(count), missing_(count) {}

  void deliver(model::Ticket ticket, model::Outcome outcome) override {
    const std::lock_guard lock(mutex_);
    outcomes_[ticket] = std::move(outcome);
    if (--missing_ == 0) all_.notify_one();
  }

  const std::vector<model::Outcome>& wait() {
    std::unique_lock lock(mutex_);
    all_.wait(lock, [this] { return missing_ == 0; });
    return outcomes_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable all_;
  std::vector<model::Outcome> outcomes_;
  std::size_t missing_;
};

const prompts::Lane* first_lane(const prompts::Plan& plan, const prompts::ModelSpec& spec) {
  for (const auto* lanes : {&plan.lanes, &plan.catalogues})
    for (const prompts::Lane& lane : *lanes)
      if (prompts::serves(spec, lane.name)) return &lane;
  return nullptr;
}

/// Whether the model only judges; then it is asked about what the first attempt may bring.
std::optional<prompts::Opinion> only_opinion(const prompts::Job& job, const prompts::ModelSpec& spec) {
  if (spec.share > 0) return std::nullopt;
  for (const Voice& voice : voices_of(job))
    if (&job.models[voice.model] == &spec) return voice.opinion;
  return std::nullopt;
}

/// What a server has instead of the model that is asked for; empty if that is there, or nobody knows. Lists
/// that need a key are not asked for: their servers say themselves that a model isn't there.
std::string what_else_it_has(const prompts::ModelSpec& spec) {
  if (spec.kind != prompts::ModelSpec::Kind::remote || !spec.api_key_env.empty()) return {};
  local_model::HealthCheck server({});
  std::string body;
  if (server.get(spec.base_url + "/models", kListTime, body) != 200) return {};
  const std::vector<std::string> names = local_model::model_names(body);
  if (names.empty() || std::find(names.begin(), names.end(), spec.model) != names.end()) return {};
  return fmt::format(
      "; its list has no {}, but {}{}", spec.model,
      fmt::join(names.begin(),
                names.begin() + static_cast<std::ptrdiff_t>(std::min(names.size(), kMostNames)), ", "),
      names.size() > kMostNames ? ", …" : "");
}

}  // namespace

std::vector<Ping> ping(const prompts::Job& job, const prompts::Plan& plan, const prompts::Renderer& renderer,
                       Models& models) {
  std::vector<Ping> results;
  for (std::size_t i = 0; i < job.models.size(); ++i) {
    const prompts::ModelSpec& spec = job.models[i];
    const prompts::Lane* lane = first_lane(plan, spec);
    if (lane == nullptr) continue;
    model::Model& model = *models.models[i];
    const std::size_t count = spec.kind == prompts::ModelSpec::Kind::file ? model.credits() : 1;
    std::vector<model::Request> requests;
    const auto opinion = only_opinion(job, spec);
    for (std::uint64_t n = 0; n < count; ++n)
      requests.push_back(
          opinion ? sample_judge_request(job, renderer, plan, *opinion, model, n)
                  : make_attempt_request(job, renderer, *lane, lane->cells.front(), spec, model, n));
    Replies replies(count);
    const base::Milliseconds start = base::steady_now();
    for (std::size_t n = 0; n < count; ++n) model.submit(n, requests[n], replies);
    const std::vector<model::Outcome>& outcomes = replies.wait();
    Ping& result = results.emplace_back();
    result.model = spec.id;
    result.description = model.describe();
    result.seconds = std::chrono::duration<double>(base::steady_now() - start).count();
    for (const model::Outcome& outcome : outcomes) {
      if (outcome.kind == model::Outcome::Kind::reply) {
        if (++result.replies == 1) result.first = outcome.body;
        result.completion_tokens += outcome.usage.completion_tokens;
      } else if (result.message.empty()) {
        result.message = outcome.body;
      }
    }
    result.answers = result.replies > 0;
    if (!result.answers) result.message += what_else_it_has(spec);
  }
  return results;
}

}  // namespace pipeline
