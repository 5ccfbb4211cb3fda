// The ladder: everything that can be said of a reply without looking at other rows. It runs in parallel
// for many replies; duplicates and quotas are for the commit (duplicates/, pipeline/lane.h).
//
// Each candidate is matched to what was planned for it (by its values first, since models skip and
// reorder), its tags are checked and completed, and a candidate that passes becomes a row, already in
// the bytes of rows.jsonl. The first failure names the verdict.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "base/result.h"
#include "model/request.h"
#include "prompts/job.h"
#include "prompts/plan.h"
#include "validators/duplicates/shingles.h"
#include "validators/repairs.h"
#include "validators/reply.h"
#include "validators/verdict.h"

namespace validators {

/// The attempt that a reply answers.
struct Expectation {
  const prompts::Lane* lane = nullptr;
  std::size_t cell = 0;  // index into lane->cells
  std::uint64_t attempt = 0;
  const prompts::AttemptPlan* plan = nullptr;
  std::string_view model;  // id of the model that answered
  bool follows_style = true;
  model::Wire wire = model::Wire::envelope;
  base::Hash128 key;
};

struct Candidate {
  Verdict verdict = Verdict::accepted;
  std::uint32_t index = 0;  // in the reply
  std::uint32_t cell = 0;   // the cell of the lane that it counts for
  base::Hash128 text;       // of language and normalised text
  std::uint64_t template_hash = 0;
  std::vector<Token> tokens;  // of the template, if the job looks for near-duplicates or has a guard
  std::uint64_t values = 0;   // of the slots, names and canonical values; with `tokens` only
  Repairs repairs;            // of an accepted one
  std::string detail;         // why it was rejected, for a person
  std::string raw;            // rejected: what the model wrote
  std::string row;  // accepted: the row as JSON, without newline; of a catalogue, the value as a JSON string
};

struct CheckedReply {
  Repair repair = Repair::strict;
  std::vector<Candidate> candidates;
};

class Checker {
 public:
  /// `job` and `plan` must outlive the checker.
  static base::Result<Checker> make(const prompts::Job& job, const prompts::Plan& plan);
  Checker(Checker&&) noexcept;
  Checker& operator=(Checker&&) noexcept;
  ~Checker();

  /// Any thread. For a failed outcome there is one candidate with verdict `failed`.
  CheckedReply check(const Expectation& expectation, const model::Outcome& outcome) const;

 private:
  struct Impl;
  explicit Checker(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// One line of rejects.jsonl, without newline: {"verdict","detail","raw","source","row"}.
void append_reject(Verdict verdict, const Expectation& expectation, const Candidate& candidate,
                   std::string& out);

}  // namespace validators
