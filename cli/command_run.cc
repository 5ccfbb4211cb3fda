#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <thread>

#include "cli/commands.h"
#include "cli/progress_view.h"
#include "cli/summary.h"
#include "pipeline/run.h"
#include "remote_model/transport.h"

namespace cli {
namespace {

constexpr std::size_t kMostThreads = 4;

std::string announcement_text(const pipeline::Announcement& announcement) {
  std::string text;
  if (announcement.stored > 0)
    text = fmt::format("stored {} replies, {} reusable, ",
                       with_commas(static_cast<long long>(announcement.stored)),
                       with_commas(announcement.reused));
  text += fmt::format("{} requests to send", with_commas(static_cast<long long>(announcement.to_send)));
  if (!announcement.currency.empty())
    text += ", " + format_estimate(announcement.cost, announcement.currency);
  return text;
}

int exit_code(pipeline::End end) {
  switch (end) {
    case pipeline::End::complete:
      return kDone;
    case pipeline::End::exhausted:
    case pipeline::End::budget:
      return kShort;
    case pipeline::End::interrupted:
      return kInterrupted;
    case pipeline::End::model_down:
    case pipeline::End::failed:
      return kFailed;
  }
  return kFailed;
}

}  // namespace

int run_command(const RunArguments& arguments) {
  auto job = load(arguments.job, arguments.quiet ? Warnings::ignore : Warnings::count);
  if (!job) return report_error(job.error());
  const auto plan = prompts::make_plan(*job);
  if (!plan) return report_error(plan.error());
  if (auto status = remote_model::init_transport_library(); !status) return report_error(status.error());
  const auto renderer = prompts::Renderer::make(*job);
  if (!renderer) return report_error(renderer.error());
  const auto trace = open_trace(arguments.trace);
  if (!trace) return report_error(trace.error());
  auto models = pipeline::make_models(*job, *plan, *renderer, trace->get());
  if (!models) return report_error(models.error());

  pipeline::RunOptions options;
  options.threads = arguments.threads;
  if (options.threads == 0)
    options.threads = std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, kMostThreads);
  options.window = arguments.window;
  options.cancel_batches = arguments.cancel_batches;
  std::unique_ptr<ProgressView> view;
  if (!arguments.quiet) {
    view = std::make_unique<ProgressView>(*job);
    options.begin = [&](const prompts::Plan& part) { view->begin(part); };
    options.note = [&](const std::string& note) { view->say(note); };
    options.announce = [&](const pipeline::Announcement& a) { view->say(announcement_text(a)); };
    options.tick = [&](const pipeline::Progress& progress, double cost) { view->draw(progress, cost); };
    options.interrupted = [&](int count) {
      view->say(count == 1 ? "stopping: waiting for requests in flight; Ctrl-C again gives them up"
                           : "giving up what is in flight");
    };
  }
  const auto report = pipeline::run(*job, *plan, *models, *renderer, options);
  if (view) view->close();
  report_trace(trace->get());
  if (!report) return report_error(report.error());
  if (!arguments.quiet) print_summary(*job, *report);
  if (report->end == pipeline::End::model_down || report->end == pipeline::End::failed)
    report_error({base::ErrorKind::failed, report->message});
  return exit_code(report->end);
}

}  // namespace cli
