#include <fmt/format.h>

#include <cstdio>
#include <string>

#include "base/text.h"
#include "cli/commands.h"
#include "pipeline/follow_ups.h"
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

struct Sums {
  std::int64_t quota = 0;
  std::int64_t requests = 0;
  std::int64_t candidates = 0;
};

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
  const auto trace = open_trace(arguments.trace);
  if (!trace) return report_error(trace.error());
  // A ping is one ordinary request, also to a model that the run asks in batches.
  prompts::Job pinged = *job;
  for (prompts::ModelSpec& spec : pinged.models)
    if (spec.batch && arguments.ping) {
      spec.batch = false;
      spec.limits.in_flight = 1;
    }
  auto models = pipeline::make_models(pinged, *plan, *renderer, trace->get());
  if (!models) return report_error(models.error());
  for (const std::string& warning : plan->warnings) fmt::print(stderr, "slotmill: warning: {}\n", warning);

  pipeline::ConflictSet conflicts;
  pipeline::CostEstimate cost;
  // Prints the lanes; returns their sums.
  const auto print_lanes = [&](const std::vector<prompts::Lane>& lanes) {
    Sums sums;
    for (std::size_t i = 0; i < lanes.size(); ++i) {
      const prompts::Lane& lane = lanes[i];
      const pipeline::Lane state(*job, lane, i, conflicts);
      fmt::print("\n{} ({})\n", lane.name, models_of(*job, lane));
      for (std::size_t cell = 0; cell < lane.cells.size(); ++cell) {
        const std::int64_t attempts = state.cells()[cell].outstanding;
        fmt::print("{:>8} {:>9}  {}\n", with_commas(lane.cells[cell].quota), with_commas(attempts),
                   lane.cells[cell].id);
        sums.quota += lane.cells[cell].quota;
        sums.requests += attempts;
        sums.candidates += state.cells()[cell].expected;
        const auto of_cell = pipeline::estimate_cost(*job, *renderer, lane, lane.cells[cell], 0, attempts);
        cost.likely += of_cell.likely;
        cost.most += of_cell.most;
      }
    }
    return sums;
  };
  fmt::print("{}: {} lanes\n\n{:>8} {:>9}  {}\n", job->name, plan->catalogues.size() + plan->lanes.size(),
             "quota", "requests", "cell");
  const Sums values = print_lanes(plan->catalogues);
  const Sums rows = print_lanes(plan->lanes);
  if (values.quota > 0)
    fmt::print("\n{} values of catalogues; {} requests for {} values at the start, before all others",
               with_commas(values.quota), with_commas(values.requests), with_commas(values.candidates));
  fmt::print(
      "\n{} rows; {} requests for {} utterances at the start (7 of 10 candidates are expected to pass)\n",
      with_commas(rows.quota), with_commas(rows.requests), with_commas(rows.candidates));
  if (const std::size_t voices = pipeline::voices_of(*job).size(); voices > 0)
    fmt::print("{} requests more, of judges about what came\n",
               with_commas(rows.requests * static_cast<std::int64_t>(voices)));
  const std::string currency = pipeline::currency_of(*job);
  if (!currency.empty()) fmt::print("they cost {}\n", format_estimate(cost, currency));
  if (!arguments.ping) return kDone;
  const int code = print_pings(pipeline::ping(pinged, *plan, *renderer, *models));
  report_trace(trace->get());
  return code;
}

}  // namespace cli
