// A lane: the deterministic state machine that everything follows from. It plans attempts for its
// cells, takes their outcomes in the order in which it planned them, and decides about every candidate
// at that moment: from the job, its own earlier commits and the conflicts found so far, and from
// nothing else. No clock, no thread, no order of arrival comes in here; that is why a kill, another
// number of threads or another window changes no byte.
//
// Planning. A cell needs `quota - accepted - expected x y` more candidates' worth of attempts, expected
// being the candidates that outstanding attempts ask for (candidates_per_request each) and y = (passed + 14)
// / (candidates + 20) being the share of its candidates that pass, with a prior of 0.7. While some cell needs
// more than nothing, the neediest gets its next attempt. At the start that plans the whole expected need;
// later shortfalls are topped up one by one. A cell is exhausted when its candidates reach max_candidates.
//
// When a cell is full, its attempts that are planned behind the commit are dropped: those not sent yet
// are never sent, those in flight are journaled when they arrive and not looked at. Which ones were in
// flight makes no difference to any decision.
//
// One thread (the lanes node of the graph) owns all lanes.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <unordered_set>
#include <vector>

#include "base/hash.h"
#include "base/result.h"
#include "pipeline/follow_ups.h"
#include "prompts/plan.h"
#include "validators/checker.h"
#include "validators/duplicates/lane_index.h"
#include "validators/duplicates/near_index.h"
#include "validators/verdict.h"

namespace pipeline {

/// What became of a valid row.
enum class RowState : std::uint8_t { accepted, surplus, conflict };

/// Receives what a lane decides, in its order. Errors end the run.
class LaneOutput {
 public:
  virtual ~LaneOutput() = default;
  /// The n-th valid row of the lane (its final state is known at the end only).
  virtual base::Status row(std::size_t lane, std::string_view json) = 0;
  virtual base::Status reject(std::size_t lane, std::string_view json) = 0;
};

/// An outcome with its candidates checked, ready to be committed.
struct Arrival {
  validators::CheckedReply checked;
  prompts::AttemptPlan plan;  // rejects quote it
  base::Hash128 key;
  std::size_t model = 0;  // index into Job::models
  std::vector<CastVote> votes = {};
};

struct CellState {
  std::int64_t accepted = 0;
  std::int64_t surplus = 0;
  std::int64_t outstanding = 0;  // attempts planned, not committed, not dropped
  std::int64_t expected = 0;     // candidates that those ask for
  std::int64_t candidates = 0;   // asked for by committed attempts
  std::int64_t passed = 0;       // of those, valid and counted here
  std::uint64_t next_attempt = 0;
  bool exhausted = false;
  std::array<std::int64_t, validators::kVerdictCount> verdicts{};  // by the cell that was asked
};

/// Replies by how much mending their JSON needed (validators::Repair).
using RepairCounts = std::array<std::int64_t, validators::kRepairCount>;
/// Valid rows by what was mended in them (validators::RowRepair); a row may stand under several.
using RowRepairCounts = std::array<std::int64_t, validators::kRowRepairCount>;

using ConflictSet = std::unordered_set<base::Hash128, base::Hash128Hasher>;

class Lane {
 public:
  static constexpr std::size_t kFirstReplies = 20;

  struct Attempt {
    std::uint64_t sequence = 0;  // its place in the lane's order
    std::size_t cell = 0;
    std::uint64_t attempt = 0;
    std::size_t model = 0;
  };

  /// `plan` and `conflicts` are borrowed. `number` is the lane's place in the plan.
  Lane(const prompts::Job& job, const prompts::Lane& plan, std::size_t number, const ConflictSet& conflicts);

  Lane(Lane&&) = default;
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;
  Lane& operator=(Lane&&) = delete;

  const prompts::Lane& plan() const { return plan_; }
  const std::vector<CellState>& cells() const { return cells_; }
  const RepairCounts& repairs() const { return repairs_; }
  const RowRepairCounts& row_repairs() const { return row_repairs_; }
  /// How the first kFirstReplies replies of a model came, without refusals; nullopt: not to be read.
  const std::vector<std::optional<validators::Repair>>& first_replies(std::size_t model) const {
    return first_replies_[model];
  }
  /// Of the judges, by voice (voices_of), about all candidates that were committed.
  const std::vector<validators::VoteCounts>& votes() const { return votes_; }
  std::int64_t quota() const { return quota_; }
  std::int64_t accepted() const;
  /// By the model that wrote them.
  std::vector<std::int64_t> accepted_by_model() const;
  bool full() const { return accepted() == quota_; }

  /// The next attempt to be made with `model`, in planned order; it counts as in flight from now on.
  std::optional<Attempt> take(std::size_t model);
  bool has_unsent(std::size_t model) const { return unsent_count_[model] > 0; }
  /// The next to commit hasn't been handed out yet: nothing moves before it is.
  bool head_is_unsent() const { return !entries_.empty() && entries_.front().state == Entry::State::planned; }
  /// Outcomes that wait for an earlier one.
  std::size_t waiting() const { return waiting_; }
  /// Planned and not committed, whether in flight, waiting or owed.
  std::size_t uncommitted() const { return uncommitted_; }

  /// Whether the outcome of a taken attempt will be looked at.
  bool wants(std::uint64_t sequence) const {
    return sequence >= first_ && entries_[sequence - first_].state == Entry::State::in_flight;
  }
  /// The outcome of a taken attempt. Commits it and those behind it that were waiting, unless an
  /// earlier one is missing; then plans.
  base::Status arrive(std::uint64_t sequence, Arrival arrival, LaneOutput& output);
  /// A taken attempt came back without an outcome.
  void arrive_owed(std::uint64_t sequence);
  /// Lets all owed attempts be taken again.
  void retry_owed();

  /// Valid rows so far, for the conflict pass.
  std::size_t rows() const { return states_.size(); }
  const base::Hash128& row_text(std::size_t row) const { return index_.text(row); }
  RowState row_state(std::size_t row) const { return states_[row]; }
  /// The same text stands under another intent: the row is out, and its cell may need another one.
  void mark_conflict(std::size_t row);
  /// After a conflict pass: fills freed places from the surplus, in order, then plans.
  void reopen();

 private:
  struct Entry {
    enum class State : std::uint8_t { planned, in_flight, arrived, owed, dropped };
    std::uint32_t cell = 0;
    std::uint32_t model = 0;
    std::uint64_t attempt = 0;
    State state = State::planned;
    std::unique_ptr<Arrival> arrival;
  };

  double need(std::size_t cell) const;
  void plan_more();
  void plan_attempt(std::size_t cell);
  void drop_attempts_of(std::size_t cell);
  base::Status commit(const Entry& entry, LaneOutput& output);
  void note_form(const Arrival& arrival);
  validators::Verdict decide(const validators::Candidate& candidate);
  validators::Verdict decide_near(const validators::Candidate& candidate);

  const prompts::Job& job_;
  const prompts::Lane& plan_;
  const std::size_t number_;
  const ConflictSet& conflicts_;
  std::int64_t quota_ = 0;
  std::vector<CellState> cells_;
  RepairCounts repairs_{};
  RowRepairCounts row_repairs_{};
  std::vector<validators::VoteCounts> votes_;
  std::vector<std::vector<std::optional<validators::Repair>>> first_replies_;  // by model

  std::deque<Entry> entries_;                      // planned, not committed; the front is the next to commit
  std::uint64_t first_ = 0;                        // sequence of the front
  std::vector<std::deque<std::uint64_t>> unsent_;  // by model, ascending; may name dropped entries
  std::vector<std::size_t> unsent_count_;          // by model, without dropped ones
  std::size_t waiting_ = 0;
  std::size_t uncommitted_ = 0;

  validators::LaneIndex index_;
  std::optional<validators::NearIndex> near_;  // of the rows' templates, numbered alike
  validators::NearQuery near_query_;           // of the candidate that is decided about
  std::vector<std::uint64_t> row_values_;      // with near_
  std::vector<RowState> states_;
  std::vector<std::uint32_t> row_cells_;
  std::vector<std::uint64_t> row_templates_;
  std::vector<std::uint16_t> row_models_;
  std::string line_;
};

}  // namespace pipeline
