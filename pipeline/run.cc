#include "pipeline/run.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <limits>

#include "base/clock.h"
#include "base/json_writer.h"
#include "pipeline/batch_journal.h"
#include "pipeline/catalogues.h"
#include "pipeline/formats.h"
#include "pipeline/spool.h"

namespace pipeline {
namespace {

constexpr int kTickMilliseconds = 200;

// SIGINT and SIGTERM as a file descriptor while a run goes on. They must be blocked before any thread
// starts, or the kernel could give them to one of those.
class Signals {
 public:
  static base::Result<Signals> catch_all() {
    Signals signals;
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    if (pthread_sigmask(SIG_BLOCK, &set, &signals.before_) != 0) return base::failed("cannot block signals");
    signals.fd_ = base::Descriptor(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!signals.fd_.valid()) return base::errno_error("create", "a signalfd");
    return signals;
  }
  Signals(Signals&&) noexcept = default;
  Signals& operator=(Signals&&) = delete;
  ~Signals() {
    if (!fd_.valid()) return;  // moved from
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  int fd() const { return fd_.get(); }
  bool take() const {
    signalfd_siginfo info{};
    return ::read(fd_.get(), &info, sizeof info) == sizeof info;
  }

 private:
  Signals() = default;
  base::Descriptor fd_;
  sigset_t before_{};
};

// The batches of a run directory, lent to the models that use them.
class Batches {
 public:
  static base::Result<Batches> open(const base::Path& journals, const prompts::Job& job,
                                    const Journal& journal, Models& models,
                                    const std::function<void(const std::string&)>& note) {
    Batches batches(models);
    if (models.batches.empty()) return batches;
    auto opened = BatchJournal::open(journals, job.name, journal);
    if (!opened) return base::pass(opened);
    batches.journal_ = std::move(*opened);
    for (remote_model::BatchModel* model : models.batches)
      model->begin(*batches.journal_, [note](const std::string& text) {
        if (note) note(text);
      });
    return batches;
  }
  Batches(Batches&&) noexcept = default;
  Batches& operator=(Batches&&) = delete;
  ~Batches() {
    if (!journal_) return;
    for (remote_model::BatchModel* model : models_.batches) model->end();
  }
  /// Nothing is sent any more, by any model.
  base::Status cancel(const Signals& signals) {
    for (remote_model::BatchModel* model : models_.batches)
      if (auto status = model->cancel_all([&] { return signals.take(); }); !status) return status;
    for (const auto& model : models_.models)
      if (std::find(models_.batches.begin(), models_.batches.end(), model.get()) == models_.batches.end())
        model->drain();
    return {};
  }

 private:
  explicit Batches(Models& models) : models_(models) {}
  Models& models_;
  std::unique_ptr<BatchJournal> journal_;
};

void count_batches(const Models& models, Progress& progress) {
  remote_model::BatchProgress sum;
  for (const remote_model::BatchModel* model : models.batches) {
    const remote_model::BatchProgress one = model->progress();
    sum.batches += one.batches;
    sum.requests += one.requests;
    sum.done += one.done;
  }
  progress.batches = sum.batches;
  progress.batch_requests = sum.requests;
  progress.batch_done = sum.done;
}

// Waits for the end of the graph, hands signals on, and lets the caller draw. What is in flight when the time
// is used up may arrive; batches, which may need a day more, are left to the next call.
void wait_for_end(Graph& graph, const Signals& signals, const base::Descriptor& ended, Models& models,
                  double wall_seconds, Progress& progress, const Budget& budget, const RunOptions& options) {
  const base::Milliseconds start = base::steady_now();
  int interrupts = 0;
  for (;;) {
    const std::chrono::duration<double> passed = base::steady_now() - start;
    if (wall_seconds > 0 && passed.count() > wall_seconds)
      for (remote_model::BatchModel* model : models.batches) model->drain();
    count_batches(models, progress);
    pollfd fds[2] = {{ended.get(), POLLIN, 0}, {signals.fd(), POLLIN, 0}};
    const int ready = ::poll(fds, 2, kTickMilliseconds);
    if (ready < 0 && errno != EINTR) return;
    if ((fds[0].revents & POLLIN) != 0) return;
    if ((fds[1].revents & POLLIN) != 0 && signals.take()) {
      ++interrupts;
      if (interrupts == 1) graph.stop();
      if (interrupts == 2) models.abort();
      if (options.interrupted && interrupts <= 2) options.interrupted(interrupts);
    }
    if (options.tick) options.tick(progress, budget.spent());
  }
}

std::string end_name(End end) {
  switch (end) {
    case End::complete:
      return "complete";
    case End::exhausted:
      return "exhausted";
    case End::budget:
      return "budget";
    case End::interrupted:
      return "interrupted";
    case End::model_down:
      return "model_down";
    case End::failed:
      return "failed";
  }
  return "";
}

void write_votes(const prompts::Job& job, const std::vector<validators::VoteCounts>& votes,
                 base::JsonWriter& w) {
  const std::vector<Voice> voices = voices_of(job);
  w.key("votes").begin_array();
  for (std::size_t i = 0; i < votes.size(); ++i) {
    w.begin_object().member("model", job.models[voices[i].model].id);
    w.member("by", prompts::opinion_name(voices[i].opinion));
    w.member("yes", votes[i].yes).member("no", votes[i].no).member("none", votes[i].none);
    w.key("faults").begin_object();
    for (std::size_t fault = 0; fault < validators::kFaultCount; ++fault)
      w.member(validators::kFaultNames[fault], votes[i].faults[fault]);
    w.end_object().end_object();
  }
  w.end_array();
}

void write_lanes(const prompts::Job& job, const std::vector<LaneReport>& lanes, base::JsonWriter& w) {
  w.begin_array();
  for (const LaneReport& lane : lanes) {
    w.begin_object().member("name", lane.name).member("quota", lane.quota).member("accepted", lane.accepted);
    w.key("replies_by_repair").begin_object();
    for (std::size_t i = 0; i < lane.repairs.size(); ++i)
      if (lane.repairs[i] > 0)
        w.member(validators::repair_name(static_cast<validators::Repair>(i)), lane.repairs[i]);
    w.end_object();
    w.key("rows_by_repair").begin_object();
    for (std::size_t i = 0; i < lane.row_repairs.size(); ++i)
      if (lane.row_repairs[i] > 0)
        w.member(validators::repair_code(static_cast<validators::RowRepair>(i)), lane.row_repairs[i]);
    w.end_object();
    write_votes(job, lane.votes, w);
    w.key("cells").begin_array();
    for (const CellReport& cell : lane.cells) {
      w.begin_object().member("id", cell.id).member("quota", cell.quota);
      w.member("accepted", cell.state.accepted).member("surplus", cell.state.surplus);
      w.member("candidates", cell.state.candidates).member("exhausted", cell.state.exhausted);
      w.key("verdicts").begin_object();
      for (std::size_t i = 0; i < validators::kVerdictCount; ++i)
        if (cell.state.verdicts[i] > 0)
          w.member(validators::verdict_code(static_cast<validators::Verdict>(i)), cell.state.verdicts[i]);
      w.end_object().end_object();
    }
    w.end_array().end_object();
  }
  w.end_array();
}

// Not a number, and so null in JSON, without rows.
double per_row(double cost, std::int64_t rows) {
  return rows > 0 ? cost / static_cast<double>(rows) : std::numeric_limits<double>::quiet_NaN();
}

std::string run_json(const prompts::Job& job, const RunReport& report, const std::string& started) {
  std::string json;
  base::JsonWriter w(json);
  w.begin_object().member("run", 1).member("job", job.name).member("end", end_name(report.end));
  w.member("message", report.message).key("warnings").begin_array();
  for (const std::string& warning : report.warnings) w.value(warning);
  w.end_array().member("started", started).member("ended", base::utc_timestamp());
  w.member("seconds", report.seconds).member("sending_seconds", report.sending_seconds);
  w.member("rows", report.rows).member("quota", report.quota);
  w.member("attempts_owed", static_cast<std::uint64_t>(report.owed));
  w.member("replies_received", report.sent).member("replies_reused", report.reused);
  w.member("cost", report.cost).member("cost_of_lost", report.lost);
  w.member("cost_per_row", per_row(report.cost, report.rows)).member("currency", report.currency);
  w.key("models").begin_array();
  for (const ModelReport& model : report.models) {
    const ModelTotals& totals = model.totals;
    w.begin_object().member("id", model.id).member("replies", totals.replies).member("failed", totals.failed);
    w.member("prompt_tokens", totals.usage.prompt_tokens);
    w.member("cached_tokens", totals.usage.cached_tokens);
    w.member("completion_tokens", totals.usage.completion_tokens);
    w.member("reasoning_tokens", totals.usage.reasoning_tokens);
    w.member("cost", totals.cost).member("accepted", model.accepted);
    w.member("cost_per_row", per_row(totals.cost, model.accepted)).end_object();
  }
  w.end_array().key("catalogues");
  write_lanes(job, report.catalogues, w);
  w.key("lanes");
  write_lanes(job, report.lanes, w);
  w.end_object();
  json += '\n';
  return json;
}

}  // namespace

namespace {

// The lanes that one graph fills: catalogues first, where there are any, then the rows.
struct Stage {
  Stage(const prompts::Job& job, const prompts::Plan& the_plan)
      : plan(the_plan), progress(the_plan.lanes.size()) {
    lanes.reserve(plan.lanes.size());
    for (std::size_t i = 0; i < plan.lanes.size(); ++i) lanes.emplace_back(job, plan.lanes[i], i, conflicts);
  }
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  void report_to(RunReport& report, std::vector<LaneReport>& reports) const {
    report.end = result.end;
    report.message = result.message;
    report.owed = result.owed;
    report.warnings.insert(report.warnings.end(), result.warnings.begin(), result.warnings.end());
    for (const Lane& lane : lanes) {
      LaneReport entry{lane.plan().name,
                       lane.quota(),
                       lane.accepted(),
                       lane.repairs(),
                       lane.row_repairs(),
                       lane.votes(),
                       {}};
      for (std::size_t i = 0; i < lane.cells().size(); ++i)
        entry.cells.push_back({lane.plan().cells[i].id, lane.plan().cells[i].quota, lane.cells()[i]});
      reports.push_back(std::move(entry));
    }
    report.sending_seconds += std::chrono::duration<double>(sending_until - sending_since).count();
    report.sent += progress.replies;
    report.reused += progress.reused;
    report.usage.prompt_tokens += progress.prompt_tokens;
    report.usage.completion_tokens += progress.completion_tokens;
  }

  const prompts::Plan& plan;
  Progress progress;
  ConflictSet conflicts;
  std::vector<Lane> lanes;
  GraphResult result;
  base::Milliseconds sending_since{};
  base::Milliseconds sending_until{};
};

// What the stages of a run share.
struct Stages {
  const prompts::Job& job;
  Models& models;
  const prompts::Renderer& renderer;
  Journal& journal;
  Budget& budget;
  const Signals& signals;
  const RunOptions& options;
  const base::Milliseconds run_started;

  // Drives the graph until it comes to rest.
  base::Status fill(Stage& stage, const validators::Checker& checker, LaneOutput& output) const {
    const base::Descriptor ended(::eventfd(0, EFD_CLOEXEC));
    if (!ended.valid()) return base::errno_error("create", "an eventfd");
    if (options.begin) options.begin(stage.plan);
    GraphOptions graph_options;
    graph_options.threads = options.threads;
    graph_options.window = options.window;
    graph_options.most_waiting = options.most_waiting;
    graph_options.note = options.note;
    stage.sending_since = stage.sending_until = base::steady_now();
    const std::chrono::duration<double> passed = stage.sending_since - run_started;
    if (job.budget.wall_seconds > 0)
      graph_options.wall_seconds = std::max(job.budget.wall_seconds - passed.count(), 1e-3);
    graph_options.at_end = [&] {
      stage.sending_until = base::steady_now();
      const std::uint64_t one = 1;
      static_cast<void>(!::write(ended.get(), &one, sizeof one));
    };
    graph_options.before_sending = [&](std::size_t to_send) {
      stage.sending_since = base::steady_now();
      if (options.announce) options.announce(announcement(stage, to_send));
    };
    GraphParts parts{&job,         &stage.plan,      &renderer, &checker, &journal,       models.pointers(),
                     &stage.lanes, &stage.conflicts, &output,   &budget,  &stage.progress};
    const double wall_seconds = graph_options.wall_seconds;
    {
      Graph graph(std::move(parts), std::move(graph_options));
      graph.start();
      wait_for_end(graph, signals, ended, models, wall_seconds, stage.progress, budget, options);
      stage.result = graph.finish();
      if (options.cancel_batches && stage.result.end == End::budget) stage.result.end = End::interrupted;
    }
    if (options.tick) options.tick(stage.progress, budget.spent());
    return {};
  }

  Announcement announcement(const Stage& stage, std::size_t to_send) const {
    Announcement result{journal.stored(), stage.progress.reused, to_send, {}, currency_of(job)};
    for (std::size_t lane = 0; lane < stage.lanes.size() && !result.currency.empty(); ++lane)
      for (std::size_t cell = 0; cell < stage.plan.lanes[lane].cells.size(); ++cell) {
        const CellState& state = stage.lanes[lane].cells()[cell];
        const CostEstimate cost = estimate_cost(
            job, renderer, stage.plan.lanes[lane], stage.plan.lanes[lane].cells[cell],
            state.next_attempt - static_cast<std::uint64_t>(state.outstanding), state.outstanding);
        result.cost.likely += cost.likely;
        result.cost.most += cost.most;
      }
    return result;
  }
};

}  // namespace

base::Result<RunReport> run(prompts::Job& job, const prompts::Plan& plan, Models& models,
                            const prompts::Renderer& renderer, const RunOptions& options) {
  const base::Milliseconds start = base::steady_now();
  const std::string started = base::utc_timestamp();
  auto signals = Signals::catch_all();
  if (!signals) return base::pass(signals);

  auto checker = validators::Checker::make(job, plan);
  if (!checker) return base::pass(checker);

  const base::Path directory = job.run_directory();
  if (auto status = base::make_directories(directory); !status) return base::pass(status);
  auto lock = base::FileLock::acquire(directory / ".lock");
  if (!lock) return base::pass(lock);
  std::vector<std::string> notes;
  auto journal = Journal::open(directory / "journal", job.name, "run", notes, job.budget.cost);
  if (!journal) return base::pass(journal);
  if (options.note)
    for (const std::string& note : notes) options.note(note);
  auto batches = Batches::open(directory / "journal", job, **journal, models, options.note);
  if (!batches) return base::pass(batches);
  if (options.cancel_batches)
    if (auto status = batches->cancel(*signals); !status) return base::pass(status);
  if (auto status = base::replace_file(directory / "job.yaml", job.source); !status)
    return base::pass(status);

  double spent = (*journal)->lost();
  for (const auto& [id, totals] : (*journal)->totals()) spent += totals.cost;
  for (std::size_t i = 0; i < job.models.size(); ++i)
    if (const auto found = (*journal)->totals().find(job.models[i].id);
        found != (*journal)->totals().end() && found->second.replies > 0)
      models.models[i]->note_earlier_answers();
  for (const auto& server : models.servers) server->on_note(options.note);
  Budget budget(job.budget.cost, spent, job.models.size(),
                [&](double cost) { return (*journal)->set_aside(cost); });
  const Stages stages{job, models, renderer, **journal, budget, *signals, options, start};
  RunReport report;
  for (const prompts::ModelSpec& spec : job.models) report.models.emplace_back().id = spec.id;
  for (const prompts::Lane& lane : plan.lanes)
    for (const prompts::Cell& cell : lane.cells) report.quota += cell.quota;
  const auto fail = [&report](const base::Error& error) {
    report.end = End::failed;
    report.message += (report.message.empty() ? "" : "\n") + error.message;
  };
  const auto stop_servers = [&models] {
    for (const auto& server : models.servers) server->stop();
  };
  if (!plan.catalogues.empty()) {
    const prompts::Plan asked{plan.catalogues, {}, {}};
    CatalogueOutput values(asked.lanes.size());
    Stage stage(job, asked);
    if (auto status = stages.fill(stage, *checker, values); !status) return base::pass(status);
    stage.report_to(report, report.catalogues);
    if (report.end != End::failed)
      if (auto status = values.freeze(stage.lanes, job); !status) fail(status.error());
    if (report.end == End::complete) checker = validators::Checker::make(job, plan);
    if (!checker) return base::pass(checker);
  }
  if (report.end == End::complete) {
    auto spool = Spool::open(directory, plan.lanes.size(), job.judge.any());
    if (!spool) return base::pass(spool);
    Stage stage(job, plan);
    if (auto status = stages.fill(stage, *checker, *spool); !status) return base::pass(status);
    stop_servers();
    stage.report_to(report, report.lanes);
    for (const LaneReport& lane : report.lanes) report.rows += lane.accepted;
    for (const Lane& lane : stage.lanes) {
      const std::vector<std::int64_t> counts = lane.accepted_by_model();
      for (std::size_t i = 0; i < counts.size(); ++i) report.models[i].accepted += counts[i];
    }
    if (report.end != End::failed)
      if (auto status = spool->finish(stage.lanes); !status) fail(status.error());
  } else {
    stop_servers();
  }
  if (auto status = budget.close(); !status) fail(status.error());
  static_cast<void>((*journal)->sync());  // as the writer does
  report.cost = budget.spent();
  report.lost = (*journal)->lost();
  for (std::size_t i = 0; i < job.models.size(); ++i) {
    report.models[i].excess = budget.excess(i);
    const auto found = (*journal)->totals().find(job.models[i].id);
    if (found != (*journal)->totals().end()) report.models[i].totals = found->second;
  }
  report.currency = currency_of(job);

  // What ends by its budget is to be gone on with; publishing a part would move `latest` back.
  const bool finished = report.end == End::complete || report.end == End::exhausted;
  if (finished && report.rows > 0) {
    auto release = publish(job, report.end == End::complete);
    if (release) {
      report.release = std::move(*release);
    } else {
      fail(release.error());
    }
  }
  for (const auto& server : models.servers) server->wait();
  report.seconds = std::chrono::duration<double>(base::steady_now() - start).count();
  if (auto status = base::replace_file(directory / "run.json", run_json(job, report, started)); !status)
    fail(status.error());
  return report;
}

}  // namespace pipeline
