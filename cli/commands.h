// The commands of slotmill, one file each. Each takes its parsed arguments, talks to the user on
// stderr (results of plan and preview on stdout) and returns the exit code.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "pipeline/cost_estimate.h"
#include "prompts/job.h"
#include "remote_model/trace.h"

namespace cli {

constexpr int kDone = 0;
constexpr int kFailed = 1;
constexpr int kBadInput = 2;
constexpr int kShort = 3;
constexpr int kFaults = 3;  // of validate
constexpr int kInterrupted = 130;

struct RunArguments {
  std::string job;
  bool quiet = false;
  std::size_t threads = 0;  // 0: one per core, at most 4
  std::size_t window = 0;   // 0: what each model allows
  std::string trace;        // file; empty: none
  bool cancel_batches = false;
};

struct PlanArguments {
  std::string job;
  bool ping = false;
  std::string trace;
};

struct PreviewArguments {
  std::string job;
  std::string cell;  // id; empty: the first cell of each lane
  unsigned long long attempt = 0;
};

struct InitArguments {
  std::string directory;
  std::string language = "zh";
};

struct ValidateArguments {
  std::vector<std::string> files;
  std::string job;     // empty: rules are inferred from the data
  std::string format;  // empty: recognised
  std::string fix;     // file for the rows that are right; empty: none
  bool json = false;
  bool notes = false;
  bool deep = false;  // second opinions, too
  bool quiet = false;
  std::size_t threads = 0;  // 0: one per core
};

int run_command(const RunArguments& arguments);
int plan_command(const PlanArguments& arguments);
int preview_command(const PreviewArguments& arguments);
int export_command(const std::string& job);
int init_command(const InitArguments& arguments);
int validate_command(const ValidateArguments& arguments);

/// Prints the error, each line of it after `slotmill: `, and returns its exit code.
int report_error(const base::Error& error);
/// The trace that --trace names; null if `path` is empty.
base::Result<std::unique_ptr<remote_model::Trace>> open_trace(const std::string& path);
/// Warns if the trace isn't whole.
void report_trace(const remote_model::Trace* trace);
/// What load() does with warnings: show them, say how many there are and where to see them, or nothing.
enum class Warnings { show, count, ignore };
base::Result<prompts::Job> load(const std::string& path, Warnings warnings);

/// `1240` -> `1,240`.
std::string with_commas(long long number);
/// The path as a person here would write it: relative to the working directory if it is below it.
std::string display(const base::Path& path);
/// `¥0.70`, `0.70 EUR`; empty without a currency.
std::string format_money(double amount, const std::string& currency);
/// `about ¥0.31, ¥0.70 at most`.
std::string format_estimate(const pipeline::CostEstimate& cost, const std::string& currency);

}  // namespace cli
