#include "pipeline/ping.h"

#include <condition_variable>
#include <mutex>

#include "base/clock.h"
#include "pipeline/attempt_request.h"

namespace pipeline {
namespace {

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
    for (std::size_t n = 0; n < count; ++n)
      requests.push_back(make_attempt_request(job, renderer, *lane, lane->cells.front(), spec, model,
                                              static_cast<std::uint64_t>(n)));
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
  }
  return results;
}

}  // namespace pipeline
