// Jobs in code, without YAML, and one attempt at one of their cells.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "datasets/row.h"
#include "prompts/job.h"
#include "prompts/plan.h"
#include "validators/checker.h"

namespace validators::testing {

/// set_volume {level, device?}, mute {device?}, invite {person (many), start?}, book {room}; zh-Hans.
prompts::Job chinese_job();
/// set_volume {level, device?}; en.
prompts::Job english_job();

prompts::SlotType levels(std::string language);
prompts::SlotType devices();

/// A lane of one intent with a cell for each slot set, or of one cell of another kind.
prompts::Lane lane_of(const prompts::Job& job, std::string_view intent,
                      std::vector<std::vector<std::size_t>> sets);
prompts::Lane lane_of(datasets::Kind kind);

using Values = std::vector<model::PlannedSlot>;

/// One attempt: what it plans and everything that check() wants to know.
class Attempt {
 public:
  Attempt(const prompts::Job& job, prompts::Lane lane, std::size_t cell);
  Attempt(const Attempt&) = delete;
  Attempt& operator=(const Attempt&) = delete;

  Attempt& plan(Values values);
  Attempt& plan(std::vector<model::PlannedFrame> frames);

  CheckedReply check(std::string_view body, model::Finish finish = model::Finish::stop) const;
  /// A reply with these utterances.
  CheckedReply check_utterances(const std::vector<std::string>& utterances) const;
  /// The only candidate of a reply with this utterance.
  Candidate candidate(const std::string& utterance) const;

  Expectation& expectation() { return expectation_; }
  const Checker& checker() const { return checker_; }

 private:
  const prompts::Job& job_;
  prompts::Lane lane_;
  prompts::Plan plan_;
  prompts::AttemptPlan attempt_;
  Checker checker_;
  Expectation expectation_;
};

std::string envelope(const std::vector<std::string>& utterances);
datasets::Row row_of(const Candidate& candidate);

}  // namespace validators::testing
