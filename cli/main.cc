// The command line. Exit codes: 0 done, 1 failed, 2 bad input, 3 finished short of the quota (validate:
// faults found), 130 interrupted.
#include <fmt/format.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>

#include "base/text.h"
#include "cli/commands.h"
#include "remote_model/transport.h"

namespace cli {

int report_error(const base::Error& error) {
  for (const std::string_view line : base::split(error.message, '\n'))
    fmt::print(stderr, "slotmill: {}\n", line);
  return error.kind == base::ErrorKind::bad_input ? kBadInput : kFailed;
}

base::Result<std::unique_ptr<remote_model::Trace>> open_trace(const std::string& path) {
  if (path.empty()) return nullptr;
  return remote_model::Trace::open(path);
}

void report_trace(const remote_model::Trace* trace) {
  if (trace != nullptr && !trace->failure().empty())
    fmt::print(stderr, "slotmill: warning: {}\n", trace->failure());
}

base::Result<prompts::Job> load(const std::string& path, Warnings warnings) {
  auto loaded = prompts::load_job(path);
  if (!loaded) return base::pass(loaded);
  if (warnings == Warnings::show)
    for (const std::string& warning : loaded->warnings)
      fmt::print(stderr, "slotmill: warning: {}\n", warning);
  if (warnings == Warnings::count && !loaded->warnings.empty())
    fmt::print(stderr, "{} warning{} about the job; slotmill plan {} shows them\n", loaded->warnings.size(),
               loaded->warnings.size() == 1 ? "" : "s", path);
  return std::move(loaded->job);
}

std::string with_commas(long long number) {
  std::string text = std::to_string(number);
  for (auto at = static_cast<long long>(text.size()) - 3; at > (number < 0 ? 1 : 0); at -= 3)
    text.insert(static_cast<std::size_t>(at), ",");
  return text;
}

std::string display(const base::Path& path) {
  std::error_code code;
  const base::Path relative = std::filesystem::relative(path, code);
  return code || relative.empty() || relative.string().starts_with("..") ? path.string() : relative.string();
}

std::string format_money(double amount, const std::string& currency) {
  if (currency.empty()) return {};
  const int digits = amount != 0 && amount < 0.1 ? 4 : 2;
  if (currency == "CNY") return fmt::format("¥{:.{}f}", amount, digits);
  if (currency == "USD") return fmt::format("${:.{}f}", amount, digits);
  return fmt::format("{:.{}f} {}", amount, digits, currency);
}

std::string format_estimate(const pipeline::CostEstimate& cost, const std::string& currency) {
  return fmt::format("about {}, {} at most", format_money(cost.likely, currency),
                     format_money(cost.most, currency));
}

namespace {

// Each request in flight needs a file descriptor, and shells allow 1,024 by default.
void allow_many_files() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  static_cast<void>(::setrlimit(RLIMIT_NOFILE, &limit));
}

int run_command_line(int argc, char** argv) {
  allow_many_files();
  // A full disk or a closed pipe is an error to be reported, not a reason to die.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);

  CLI::App app{
      "slotmill mills training data for assistants that understand commands: from one job file to a data\n"
      "set whose every row was checked, filled up to its quotas."};
  app.footer(
      "Exit codes: 0 done, 1 failed, 2 bad input, 3 finished short of the quota (validate: faults found), "
      "130\n"
      "interrupted.\n"
      "A job is documented in docs/job.md. Start with: slotmill init my-assistant");
  app.require_subcommand(1);
  app.set_version_flag("--version", "slotmill 0.1.0");
  int code = kDone;

  RunArguments run;
  CLI::App* run_app =
      app.add_subcommand("run", "Fill the job's quotas and publish a release; resumes by itself");
  run_app->add_option("job", run.job, "the job file")->required();
  run_app->add_flag("-q,--quiet", run.quiet, "no progress and no summary, errors only");
  run_app->add_option("--threads", run.threads, "threads that check replies (one per core, at most 4)")
      ->check(CLI::Range(1, 256));
  run_app
      ->add_option("--window", run.window, "at most so many requests at once per model, below its in_flight")
      ->check(CLI::Range(1, 1 << 20));
  run_app->add_option("--trace", run.trace,
                      "append requests to servers and their replies, without keys, to this file");
  run_app->add_flag("--cancel-batches", run.cancel_batches,
                    "send nothing; have the batches under way cancelled and fetch what they had finished");
  run_app->footer(
      "Every reply that arrives is on disk before it counts: kill the run at any moment and run the same\n"
      "command again, nothing is asked for twice but what was in flight. The first Ctrl-C lets requests in\n"
      "flight arrive, the second gives them up; batches (mode: batch) go on at the provider, and the same\n"
      "command fetches them. The result depends on job and replies alone: threads,\n"
      "window, order of arrival and kills change no byte of it.");
  run_app->callback([&] { code = run_command(run); });

  PlanArguments plan;
  CLI::App* plan_app =
      app.add_subcommand("plan", "Check the job and show what it will ask for; sends nothing without --ping");
  plan_app->add_option("job", plan.job, "the job file")->required();
  CLI::Option* ping = plan_app->add_flag(
      "--ping", plan.ping, "ask each model something and show whether it answers, and how fast");
  plan_app
      ->add_option("--trace", plan.trace,
                   "append what --ping sends and gets back, without keys, to this file")
      ->needs(ping);
  plan_app->callback([&] { code = plan_command(plan); });

  PreviewArguments preview;
  CLI::App* preview_app =
      app.add_subcommand("preview", "Show the prompts as a model will see them; sends nothing");
  preview_app->add_option("job", preview.job, "the job file")->required();
  preview_app->add_option("--cell", preview.cell, "only this cell, by its id (see plan)");
  preview_app->add_option("--attempt", preview.attempt, "which attempt of a cell, from 0");
  preview_app->callback([&] { code = preview_command(preview); });

  ValidateArguments validate;
  CLI::App* validate_app = app.add_subcommand(
      "validate", "Check data sets that somebody else made, row by row and against one another");
  validate_app->add_option("files", validate.files, "data sets; - is standard input")->required();
  validate_app->add_option("--job", validate.job,
                           "check by the rules of this job; without, they are inferred");
  validate_app->add_option(
      "--as", validate.format,
      "the format of the files, if it isn't recognised: rows, chat, snips, bio, rasa, table");
  validate_app->add_option("--fix", validate.fix,
                           "write the rows that are right or can be repaired to this file");
  validate_app->add_flag("--json", validate.json, "one JSON document instead of a line for each fault");
  validate_app->add_flag("--notes", validate.notes, "show what is worth a look and no fault, too");
  validate_app->add_flag(
      "--deep", validate.deep,
      "list rows to look at again, too: slots and intents that the other rows speak against");
  validate_app->add_flag("-q,--quiet", validate.quiet, "no summary");
  validate_app->add_option("--threads", validate.threads, "threads (one per core)")
      ->check(CLI::Range(1, 256));
  validate_app->footer(
      "Faults go to standard output as `file:line: verdict: what`, a summary to standard error. Exit codes: "
      "0 no\n"
      "faults, 3 faults found, 2 a file or argument is wrong, 1 failed. docs/validate.md says more.");
  validate_app->callback([&] { code = validate_command(validate); });

  std::string export_job;
  CLI::App* export_app = app.add_subcommand(
      "export", "Publish the rows of the last run again, after output.formats or the split was changed");
  export_app->add_option("job", export_job, "the job file")->required();
  export_app->callback([&] { code = export_command(export_job); });

  InitArguments init;
  CLI::App* init_app = app.add_subcommand("init", "Write a small job that runs as it is, to start from");
  init_app->add_option("directory", init.directory, "where to; must not hold a job yet")->required();
  init_app->add_option("--language", init.language, "zh or en")->check(CLI::IsMember({"zh", "en"}));
  init_app->callback([&] { code = init_command(init); });

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kDone : kBadInput;
  }
  return code;
}

}  // namespace
}  // namespace cli

int main(int argc, char** argv) {
  try {
    return cli::run_command_line(argc, argv);
  } catch (const std::exception& error) {  // out of memory, or a fault of ours
    std::fprintf(stderr, "slotmill: %s\n", error.what());
    return cli::kFailed;
  }
}
