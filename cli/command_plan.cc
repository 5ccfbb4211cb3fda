#include <fmt/format.h>

#include <cstdio>
#include <string>

#include "base/text.h"
#include "cli/commands.h"
#include "pipeline/lane.h"
#include "pipeline/models.h"
#include "pipeline/ping.h"
#include "pipeline/run.h"
#include "prompts/renderer.h"
#include "remote_model/transport.h"

namespace cli {
namespace {

std::string models_of(const prompts::Job& job, const prompts::Lane& lane) {
  std::string names;
  for (const prompts::ModelSpec& spec : job.models) {
    if (!prompts::serves(spec, lane.name)) continue;
    names += (names.empty() ? "" : ", ") + spec.id;
  }
  return names;
}

int print_pings(const std::vector<pipeline::Ping>& pings) {
  int code = kDone;
  for (const pipeline::Ping& ping : pings) {
    fmt::print("\n{}: {}\n", ping.model, ping.description);
    if (!ping.answers) {
      fmt::print("  doesn't answer: {}\n", ping.message);
      code = kFailed;
      continue;
    }
    fmt::print("  {} repl{} in {:.2f} s", ping.replies, ping.replies == 1 ? "y" : "ies", ping.seconds);
    if (ping.completion_tokens > 0 && ping.seconds > 0)
      fmt::print(", {:.0f} tokens per second", static_cast<double>(ping.completion_tokens) / ping.seconds);
    fmt::print("; the first: {}\n", base::one_line(ping.first));
  }
  return code;
}

}  // namespace

int plan_command(const PlanArguments& arguments) {
  const auto job = load(arguments.job, Warnings::show);
  if (!job) return report_error(job.error());
  const auto plan = prompts::make_plan(*job);
  if (!plan) return report_error(plan.error());
  if (auto status = remote_model::init_transport_library(); !status) return report_error(status.error());
  const auto renderer = prompts::Renderer::make(*job);
  if (!renderer) return report_error(renderer.error());
  // A ping is one ordinary request, also to a model that the run asks in batches.
  prompts::Job pinged = *job;
  for (prompts::ModelSpec& spec : pinged.models)
    if (spec.batch && arguments.ping) {
      spec.batch = false;
      spec.limits.in_flight = 1;
    }
  auto models = pipeline::make_models(pinged, *plan, *renderer);
  if (!models) return report_error(models.error());
  for (const std::string& warning : plan->warnings) fmt::print(stderr, "slotmill: warning: {}\n", warning);

  pipeline::ConflictSet conflicts;
  std::int64_t quota = 0;
  std::int64_t requests = 0;
  std::int64_t utterances = 0;
  double most = 0;
  fmt::print("{}: {} lanes\n\n{:>8} {:>9}  {}\n", job->name, plan->lanes.size(), "quota", "requests", "cell");
  for (std::size_t i = 0; i < plan->lanes.size(); ++i) {
    const prompts::Lane& lane = plan->lanes[i];
    const pipeline::Lane state(*job, lane, i, conflicts);
    fmt::print("\n{} ({})\n", lane.name, models_of(*job, lane));
    for (std::size_t cell = 0; cell < lane.cells.size(); ++cell) {
      const std::int64_t attempts = state.cells()[cell].outstanding;
      fmt::print("{:>8} {:>9}  {}\n", with_commas(lane.cells[cell].quota), with_commas(attempts),
                 lane.cells[cell].id);
      quota += lane.cells[cell].quota;
      requests += attempts;
      utterances += state.cells()[cell].expected;
      most += pipeline::most_cost(*job, *renderer, lane, lane.cells[cell], attempts);
    }
  }
  fmt::print(
      "\n{} rows; {} requests for {} utterances at the start (7 of 10 candidates are expected to pass)\n",
      with_commas(quota), with_commas(requests), with_commas(utterances));
  const std::string currency = pipeline::currency_of(*job);
  if (!currency.empty()) fmt::print("they cost {} at most\n", format_money(most, currency));
  return arguments.ping ? print_pings(pipeline::ping(pinged, *plan, *renderer, *models)) : kDone;
}

}  // namespace cli
