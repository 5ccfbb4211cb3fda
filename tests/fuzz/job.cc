// The job file, up to the plan that follows from it. The files that it names are looked for in an empty
// directory.
#include "prompts/job.h"

#include "prompts/job_checks.h"
#include "prompts/job_reader.h"
#include "prompts/plan.h"
#include "prompts/yaml_tree.h"
#include "tests/fuzz/claim.h"

namespace {

/// Every line begins with a file and is fit for a terminal.
void check_report(const std::string& report) {
  CLAIM(!report.empty() && base::is_valid_utf8(report));
  for (std::string_view rest = report; !rest.empty();) CLAIM(!fuzz::take_line(rest).empty());
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::Folder folder;
  prompts::Problems problems((folder.path() / "job.yaml").string());
  const auto tree = prompts::YamlTree::parse(fuzz::view(data, size), problems);
  CLAIM(tree || problems.count() > 0);
  if (!tree) {
    check_report(problems.report());
    return 0;
  }
  prompts::ReadContext context{problems, folder.path(), {}};
  prompts::JobRead read = prompts::read_job(tree->root(), context);
  prompts::check_job(read, problems);
  if (problems.count() > 0) {
    check_report(problems.report());
    return 0;
  }
  for (const std::string& warning : problems.warnings()) check_report(warning);
  prompts::Job job = std::move(read.job);
  job.slot_types = std::move(read.slot_types.types);
  job.asks = std::move(read.slot_types.asks);
  const auto plan = prompts::make_plan(job);
  if (!plan) {
    check_report(plan.error().message);
    return 0;
  }
  for (const auto* lanes : {&plan->catalogues, &plan->lanes})
    for (const prompts::Lane& lane : *lanes)
      for (const prompts::Cell& cell : lane.cells) {
        CLAIM(prompts::choose_model(job, lane, cell, 0) < job.models.size());
        const auto attempt = prompts::plan_attempt(job, cell, 0, job.per_request);
        CLAIM(attempt.utterances.size() == static_cast<std::size_t>(job.per_request));
      }
  return 0;
}
