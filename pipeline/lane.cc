#include "pipeline/lane.h"

#include <algorithm>

namespace pipeline {

using validators::Verdict;

namespace {

// Verdicts about a whole reply: one candidate stands for all that were asked for.
bool of_whole_reply(Verdict verdict) {
  return verdict == Verdict::failed || verdict == Verdict::refused || verdict == Verdict::broken_json;
}

}  // namespace

Lane::Lane(const prompts::Job& job, const prompts::Lane& plan, std::size_t number,
           const ConflictSet& conflicts)
    : job_(job),
      plan_(plan),
      number_(number),
      conflicts_(conflicts),
      cells_(plan.cells.size()),
      votes_(voices_of(job).size()),
      first_replies_(job.models.size()),
      unsent_(job.models.size()),
      unsent_count_(job.models.size(), 0) {
  for (const prompts::Cell& cell : plan.cells) quota_ += cell.quota;
  if (job.near > 0) near_.emplace(job.near);
  plan_more();
}

std::int64_t Lane::accepted() const {
  std::int64_t sum = 0;
  for (const CellState& cell : cells_) sum += cell.accepted;
  return sum;
}

std::vector<std::int64_t> Lane::accepted_by_model() const {
  std::vector<std::int64_t> counts(job_.models.size(), 0);
  for (std::size_t row = 0; row < states_.size(); ++row)
    if (states_[row] == RowState::accepted) ++counts[row_models_[row]];
  return counts;
}

double Lane::need(std::size_t cell) const {
  const CellState& state = cells_[cell];
  const double yield =
      (static_cast<double>(state.passed) + 14) / (static_cast<double>(state.candidates) + 20);
  return static_cast<double>(plan_.cells[cell].quota - state.accepted) -
         static_cast<double>(state.expected) * yield;
}

void Lane::plan_more() {
  for (;;) {
    std::size_t neediest = cells_.size();
    double most = 0;
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      CellState& state = cells_[i];
      const double needed = need(i);
      if (needed <= 0) continue;
      if (state.candidates + state.expected + plan_.cells[i].per_request > plan_.cells[i].max_candidates) {
        state.exhausted = state.outstanding == 0;
        continue;
      }
      if (needed > most) {
        most = needed;
        neediest = i;
      }
    }
    if (neediest == cells_.size()) return;
    plan_attempt(neediest);
  }
}

void Lane::plan_attempt(std::size_t cell) {
  CellState& state = cells_[cell];
  Entry entry;
  entry.cell = static_cast<std::uint32_t>(cell);
  entry.attempt = state.next_attempt++;
  entry.model =
      static_cast<std::uint32_t>(prompts::choose_model(job_, plan_, plan_.cells[cell], entry.attempt));
  unsent_[entry.model].push_back(first_ + entries_.size());
  ++unsent_count_[entry.model];
  ++state.outstanding;
  state.expected += prompts::candidates_per_request(plan_.cells[cell], job_.models[entry.model]);
  ++uncommitted_;
  entries_.push_back(std::move(entry));
}

void Lane::drop_attempts_of(std::size_t cell) {
  CellState& state = cells_[cell];
  if (state.outstanding == 0) return;
  bool first = true;
  for (Entry& entry : entries_) {
    if (entry.cell != cell || entry.state == Entry::State::dropped) continue;
    if (first) state.next_attempt = entry.attempt;  // entries of a cell stand in the order of attempts
    first = false;
    switch (entry.state) {
      case Entry::State::planned:
        --unsent_count_[entry.model];
        break;
      case Entry::State::arrived:
        --waiting_;
        break;
      case Entry::State::owed:
      case Entry::State::in_flight:
      case Entry::State::dropped:
        break;
    }
    entry.state = Entry::State::dropped;
    entry.arrival.reset();
    --uncommitted_;
  }
  state.outstanding = 0;
  state.expected = 0;
}

std::optional<Lane::Attempt> Lane::take(std::size_t model) {
  auto& queue = unsent_[model];
  while (!queue.empty()) {
    const std::uint64_t sequence = queue.front();
    queue.pop_front();
    if (sequence < first_) continue;  // dropped and gone
    Entry& entry = entries_[sequence - first_];
    if (entry.state != Entry::State::planned) continue;
    entry.state = Entry::State::in_flight;
    --unsent_count_[model];
    return Attempt{sequence, entry.cell, entry.attempt, model};
  }
  return std::nullopt;
}

void Lane::arrive_owed(std::uint64_t sequence) {
  if (sequence < first_) return;
  Entry& entry = entries_[sequence - first_];
  if (entry.state != Entry::State::in_flight) return;
  entry.state = Entry::State::owed;
}

void Lane::retry_owed() {
  for (auto& queue : unsent_) queue.clear();
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    Entry& entry = entries_[i];
    if (entry.state == Entry::State::owed) {
      entry.state = Entry::State::planned;
      ++unsent_count_[entry.model];
    }
    if (entry.state == Entry::State::planned) unsent_[entry.model].push_back(first_ + i);
  }
}

base::Status Lane::arrive(std::uint64_t sequence, Arrival arrival, LaneOutput& output) {
  if (sequence < first_) return {};  // dropped while it was in flight
  Entry& arrived = entries_[sequence - first_];
  if (arrived.state != Entry::State::in_flight) return {};
  arrived.state = Entry::State::arrived;
  arrived.arrival = std::make_unique<Arrival>(std::move(arrival));
  ++waiting_;
  while (!entries_.empty()) {
    Entry& front = entries_.front();
    if (front.state == Entry::State::arrived) {
      --waiting_;
      --uncommitted_;
      const Entry entry = std::move(front);
      entries_.pop_front();
      ++first_;
      if (auto status = commit(entry, output); !status) return status;
    } else if (front.state == Entry::State::dropped) {
      entries_.pop_front();
      ++first_;
    } else {
      break;
    }
  }
  return {};
}

Verdict Lane::decide(const validators::Candidate& candidate) {
  if (candidate.verdict != Verdict::accepted) return candidate.verdict;
  if (conflicts_.contains(candidate.text)) return Verdict::conflict;
  if (const auto earlier = index_.find(candidate.text))
    return states_[*earlier] == RowState::conflict ? Verdict::conflict : Verdict::duplicate;
  if (const Verdict verdict = decide_near(candidate); verdict != Verdict::accepted) return verdict;
  if (job_.per_template > 0 && index_.template_count(candidate.template_hash) >= job_.per_template)
    return Verdict::template_repeated;
  const bool full = cells_[candidate.cell].accepted >= plan_.cells[candidate.cell].quota;
  return full ? Verdict::surplus : Verdict::accepted;
}

Verdict Lane::decide_near(const validators::Candidate& candidate) {
  if (!near_) return Verdict::accepted;
  std::int64_t neighbours = 0;
  bool is_copy = false;
  near_->prepare(candidate.tokens, near_query_);
  near_->find(near_query_, [&](std::uint32_t row) {
    ++neighbours;
    is_copy = row_values_[row] == candidate.values;
    return !is_copy;
  });
  if (is_copy) return Verdict::near_duplicate;
  return job_.per_template > 0 && neighbours >= job_.per_template ? Verdict::template_repeated
                                                                  : Verdict::accepted;
}

void Lane::note_form(const Arrival& arrival) {
  auto& first = first_replies_[arrival.model];
  const auto& candidates = arrival.checked.candidates;
  const Verdict verdict = candidates.empty() ? Verdict::accepted : candidates.front().verdict;
  if (first.size() == kFirstReplies || verdict == Verdict::failed || verdict == Verdict::refused) return;
  first.push_back(verdict == Verdict::broken_json ? std::nullopt : std::optional(arrival.checked.repair));
}

base::Status Lane::commit(const Entry& entry, LaneOutput& output) {
  CellState& asked = cells_[entry.cell];
  const Arrival& arrival = *entry.arrival;
  // A fallback may have been asked for another number than was planned.
  const std::int64_t per_request =
      prompts::candidates_per_request(plan_.cells[entry.cell], job_.models[arrival.model]);
  --asked.outstanding;
  asked.expected -= prompts::candidates_per_request(plan_.cells[entry.cell], job_.models[entry.model]);
  asked.candidates += per_request;
  ++repairs_[static_cast<std::size_t>(arrival.checked.repair)];
  note_form(arrival);
  for (const CastVote& vote : arrival.votes) votes_[vote.voice].add(vote.ballot);
  validators::Expectation expectation;
  expectation.lane = &plan_;
  expectation.cell = entry.cell;
  expectation.attempt = entry.attempt;
  expectation.plan = &arrival.plan;
  expectation.model = job_.models[arrival.model].id;
  expectation.key = arrival.key;
  for (const validators::Candidate& candidate : arrival.checked.candidates) {
    const Verdict verdict = decide(candidate);
    asked.verdicts[static_cast<std::size_t>(verdict)] += of_whole_reply(verdict) ? per_request : 1;
    if (verdict != Verdict::accepted && verdict != Verdict::surplus) {
      line_.clear();
      validators::append_reject(verdict, expectation, candidate, line_);
      if (auto status = output.reject(number_, line_); !status) return status;
      continue;
    }
    const bool accepted = verdict == Verdict::accepted;
    CellState& counted = cells_[candidate.cell];
    ++(accepted ? counted.accepted : counted.surplus);
    if (candidate.cell == entry.cell) ++asked.passed;
    for (std::size_t i = 0; i < row_repairs_.size() && !candidate.repairs.empty(); ++i)
      if (candidate.repairs.has(static_cast<validators::RowRepair>(i))) ++row_repairs_[i];
    index_.add(candidate.text, candidate.template_hash);
    if (near_) {
      near_->add(near_query_);  // decide_near prepared it for this candidate
      row_values_.push_back(candidate.values);
    }
    states_.push_back(accepted ? RowState::accepted : RowState::surplus);
    row_cells_.push_back(candidate.cell);
    row_templates_.push_back(candidate.template_hash);
    row_models_.push_back(static_cast<std::uint16_t>(arrival.model));
    if (auto status = output.row(number_, candidate.row); !status) return status;
    if (accepted && counted.accepted == plan_.cells[candidate.cell].quota) drop_attempts_of(candidate.cell);
  }
  plan_more();
  return {};
}

void Lane::mark_conflict(std::size_t row) {
  CellState& cell = cells_[row_cells_[row]];
  --(states_[row] == RowState::accepted ? cell.accepted : cell.surplus);
  ++cell.verdicts[static_cast<std::size_t>(Verdict::conflict)];
  states_[row] = RowState::conflict;
  index_.release_template(row_templates_[row]);
  if (near_) near_->release(static_cast<std::uint32_t>(row));
}

void Lane::reopen() {
  for (std::size_t row = 0; row < states_.size(); ++row) {
    if (states_[row] != RowState::surplus) continue;
    CellState& cell = cells_[row_cells_[row]];
    if (cell.accepted >= plan_.cells[row_cells_[row]].quota) continue;
    --cell.surplus;
    ++cell.accepted;
    states_[row] = RowState::accepted;
  }
  plan_more();
}

}  // namespace pipeline
