#include <fmt/format.h>

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/file.h"
#include "cli/commands.h"
#include "pipeline/formats.h"
#include "prompts/plan.h"

namespace cli {

int export_command(const std::string& path) {
  const auto job = load(path, Warnings::ignore);
  if (!job) return report_error(job.error());
  const base::Path rows = job->run_directory() / "rows.jsonl";
  if (!std::filesystem::exists(rows))
    return report_error(
        {base::ErrorKind::bad_input,
         fmt::format("{} doesn't exist; fill it first: slotmill run {}", rows.string(), path)});
  const auto lock = base::FileLock::acquire(job->run_directory() / ".lock");
  if (!lock) return report_error(lock.error());
  const auto plan = prompts::make_plan(*job);
  if (!plan) return report_error(plan.error());
  std::int64_t quota = 0;
  for (const prompts::Lane& lane : plan->lanes)
    for (const prompts::Cell& cell : lane.cells) quota += cell.quota;
  std::int64_t count = 0;
  const auto counted = base::for_each_line(rows, [&](std::uint64_t, std::string_view) -> base::Status {
    ++count;
    return {};
  });
  if (!counted) return report_error(counted.error());
  const auto release = pipeline::publish(*job, count == quota);
  if (!release) return report_error(release.error());
  fmt::print(stderr, "{} {}: {} rows\n", display(release->directory),
             release->published ? "published" : "is up to date",
             with_commas(static_cast<long long>(release->rows)));
  return kDone;
}

}  // namespace cli
