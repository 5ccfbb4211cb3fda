// A run from a loaded job to a published release: opens the run directory, drives the graph, handles
// Ctrl-C, writes the result files. The caller (cli/) decides what a person sees of it.
//
// The first SIGINT or SIGTERM stops planning and lets paid work arrive; the second aborts what is in
// flight. Either way all files are finished through the same path. Batches stay at their providers, and the
// next run of the directory fetches them.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "datasets/release.h"
#include "pipeline/cost_estimate.h"
#include "pipeline/graph.h"
#include "pipeline/journal.h"
#include "pipeline/lane.h"
#include "pipeline/models.h"
#include "pipeline/progress.h"
#include "prompts/job.h"
#include "prompts/plan.h"

namespace pipeline {

/// Known before the first request is sent.
struct Announcement {
  std::uint64_t stored = 0;  // outcomes in the journal
  std::int64_t reused = 0;   // of them, for attempts of this plan
  std::size_t to_send = 0;   // attempts planned so far and not answered
  CostEstimate cost;         // of these
  std::string currency;      // empty: no prices given
};

struct RunOptions {
  std::size_t threads = 1;       // 0: none but those that bring the replies, and one for stored ones
  std::size_t window = 0;        // 0: each model's own credits
  std::size_t most_waiting = 0;  // see GraphOptions
  /// Send nothing: have the batches of this directory cancelled, and fetch what they had finished. Ends with
  /// `interrupted`, unless that is all that was missing.
  bool cancel_batches = false;
  std::function<void(const std::string&)> note;  // something a person should know; any thread
  /// What is filled from now on, and shown by tick: `plan.lanes`. Catalogues that models fill come first.
  std::function<void(const prompts::Plan& plan)> begin;
  std::function<void(const Announcement&)> announce;       // from a worker thread
  std::function<void(const Progress&, double cost)> tick;  // on the caller's thread, about 5 times a second
  /// After a signal: 1 for the first, 2 for the second.
  std::function<void(int)> interrupted;
};

struct CellReport {
  std::string id;
  std::int64_t quota = 0;
  CellState state;
};

struct LaneReport {
  std::string name;
  std::int64_t quota = 0;
  std::int64_t accepted = 0;
  RepairCounts repairs{};
  RowRepairCounts row_repairs{};
  std::vector<validators::VoteCounts> votes;  // by voice (voices_of)
  std::vector<CellReport> cells;
};

struct ModelReport {
  std::string id;
  ModelTotals totals;         // of this directory, all calls
  std::int64_t accepted = 0;  // rows
  double excess = 1;          // see Budget::excess
};

struct RunReport {
  End end = End::complete;
  std::string message;  // model_down, failed
  std::size_t owed = 0;
  std::vector<LaneReport> catalogues;  // those that were filled in this call; short ones end the run
  std::vector<std::string> warnings;   // what was noted about replies
  std::vector<LaneReport> lanes;
  std::vector<ModelReport> models;  // in the order of the job
  std::int64_t rows = 0;
  std::int64_t quota = 0;
  std::int64_t sent = 0;  // replies received in this call
  std::int64_t reused = 0;
  model::Usage usage;  // of this call
  double cost = 0;     // of this directory, all calls
  double lost = 0;     // of that, what brought no outcome
  std::string currency;
  double seconds = 0;          // of this call
  double sending_seconds = 0;  // of these, from the first request to the last commit
  std::optional<datasets::PublishedRelease> release;
};

/// Fills the catalogues of the plan, puts their values into `job`, and goes on with the rows. `renderer`
/// reads the same job. `models` is borrowed, in the order of Job::models; its threads must have SIGINT and
/// SIGTERM blocked. The error is for what prevents a run altogether (a locked directory, a damaged journal);
/// what goes wrong later is in the report.
base::Result<RunReport> run(prompts::Job& job, const prompts::Plan& plan, Models& models,
                            const prompts::Renderer& renderer, const RunOptions& options);

}  // namespace pipeline
