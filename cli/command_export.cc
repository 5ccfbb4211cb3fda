#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>

#include "base/file.h"
#include "cli/commands.h"
#include "pipeline/formats.h"
#include "prompts/plan.h"

namespace cli {

namespace {

constexpr std::size_t kChunk = std::size_t{1} << 20;

base::Result<std::int64_t> count_lines(const base::Path& path) {
  const auto file = base::RandomAccessFile::open(path);
  if (!file) return base::pass(file);
  std::int64_t lines = 0;
  std::string chunk;
  for (std::uint64_t at = 0; at < file->size(); at += chunk.size()) {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(kChunk, file->size() - at));
    if (auto status = file->read(at, size, chunk); !status) return base::pass(status);
    lines += std::count(chunk.begin(), chunk.end(), '\n');
  }
  return lines;
}

}  // namespace

int export_command(const std::string& path) {
  const auto job = load(path);
  if (!job) return report_error(job.error());
  const base::Path rows = job->run_directory() / "rows.jsonl";
  if (!std::filesystem::exists(rows))
    return report_error({base::ErrorKind::bad_input,
                         fmt::format("{} doesn't exist; fill it first: slotmill run {}", rows.string(), path)});
  const auto lock = base::FileLock::acquire(job->run_directory() / ".lock");
  if (!lock) return report_error(lock.error());
  const auto plan = prompts::make_plan(*job);
  if (!plan) return report_error(plan.error());
  std::int64_t quota = 0;
  for (const prompts::Lane& lane : plan->lanes)
    for (const prompts::Cell& cell : lane.cells) quota += cell.quota;
  const auto count = count_lines(rows);
  if (!count) return report_error(count.error());
  const auto release = pipeline::publish(*job, *count == quota);
  if (!release) return report_error(release.error());
  fmt::print(stderr, "{} {}: {} rows\n", release->directory.string(),
             release->published ? "published" : "is up to date", with_commas(static_cast<long long>(release->rows)));
  return kDone;
}

}  // namespace cli
