#include <fmt/format.h>

#include <cstdio>
#include <string>

#include "cli/commands.h"
#include "model/request.h"
#include "pipeline/attempt_request.h"
#include "pipeline/follow_ups.h"
#include "pipeline/models.h"
#include "prompts/renderer.h"
#include "remote_model/transport.h"

namespace cli {
namespace {

// Keeps the one outcome of a model that answers at once.
class Catcher final : public model::OutcomeSink {
 public:
  void deliver(model::Ticket, model::Outcome outcome) override { outcome_ = std::move(outcome); }
  const model::Outcome& outcome() const { return outcome_; }

 private:
  model::Outcome outcome_;
};

void print_attempt(const prompts::Job& job, const prompts::Renderer& renderer, const pipeline::Models& models,
                   const prompts::Lane& lane, const prompts::Cell& cell, unsigned long long attempt) {
  const std::size_t number = prompts::choose_model(job, lane, cell, attempt);
  model::Model& chosen = *models.models[number];
  const prompts::ModelSpec& spec = job.models[number];
  const model::Request request =
      pipeline::make_attempt_request(job, renderer, lane, cell, spec, chosen, attempt);
  fmt::print("=== {}, attempt {}, model {}\n", cell.id, attempt, spec.id);
  if (chosen.capabilities().reads_prompt)
    fmt::print("--- system\n{}\n--- user\n{}\n", *request.prefix, request.tail);
  if (!chosen.capabilities().reads_prompt) {
    Catcher catcher;
    chosen.submit(0, request, catcher);
    fmt::print("--- reply (patterns read no prompt)\n{}\n", catcher.outcome().body);
  }
  fmt::print("--- key {}\n\n", base::to_hex(request.key));
}

}  // namespace

int preview_command(const PreviewArguments& arguments) {
  const auto job = load(arguments.job, Warnings::ignore);
  if (!job) return report_error(job.error());
  const auto plan = prompts::make_plan(*job);
  if (!plan) return report_error(plan.error());
  if (auto status = remote_model::init_transport_library(); !status) return report_error(status.error());
  const auto renderer = prompts::Renderer::make(*job);
  if (!renderer) return report_error(renderer.error());
  const auto models = pipeline::make_models(*job, *plan, *renderer);
  if (!models) return report_error(models.error());

  bool found = false;
  for (const auto* lanes : {&plan->catalogues, &plan->lanes})
    for (const prompts::Lane& lane : *lanes)
      for (const prompts::Cell& cell : lane.cells) {
        const bool wanted = arguments.cell.empty() ? &cell == &lane.cells.front() : cell.id == arguments.cell;
        if (!wanted) continue;
        found = true;
        print_attempt(*job, *renderer, *models, lane, cell, arguments.attempt);
      }
  if (arguments.cell.empty())
    for (const pipeline::Voice& voice : pipeline::voices_of(*job)) {
      const model::Request request = pipeline::sample_judge_request(
          *job, *renderer, *plan, voice.opinion, *models->models[voice.model], arguments.attempt);
      fmt::print("=== judge, {}, model {}\n--- system\n{}\n--- user\n{}\n\n",
                 prompts::opinion_name(voice.opinion), job->models[voice.model].id, *request.prefix,
                 request.tail);
    }
  if (found) return kDone;
  return report_error(
      {base::ErrorKind::bad_input,
       fmt::format("no cell is called {}; slotmill plan {} lists them", arguments.cell, arguments.job)});
}

}  // namespace cli
