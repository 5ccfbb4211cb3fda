// The prompts for a second opinion (`judge:`), from the templates judge.*.mustache, which ask what is wrong
// with annotated utterances, and annotate.*.mustache, which ask what the bare ones say. The prefix names all
// intents and slots of the job and is the same for all its requests; the tail has the utterances, one
// numbered line each. Const after make(); any thread; a tail of ten utterances takes some 10 microseconds.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "datasets/row.h"
#include "prompts/job.h"
#include "prompts/plan.h"

namespace prompts {

/// A judge sees what was written, or only reads the bare text.
enum class Opinion { reading, round_trip };
const char* opinion_name(Opinion opinion);

class JudgePrompt {
 public:
  /// `job` must outlive it.
  static base::Result<JudgePrompt> make(const Job& job);
  JudgePrompt(JudgePrompt&&) noexcept;
  JudgePrompt& operator=(JudgePrompt&&) noexcept;
  ~JudgePrompt();

  std::string prefix(Opinion opinion) const;
  std::string tail(Opinion opinion, const std::vector<datasets::Row>& rows) const;

 private:
  struct Impl;
  explicit JudgePrompt(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// The intents of a row as the prompts write them: `set_volume`, `set_volume + mute`, `none`.
std::string intents_text(const datasets::Row& row);
/// `把[device:主屏]音量调到[level:30]`; with two intents the tags have them: `[set_volume.level:30]`.
std::string annotated_text(const datasets::Row& row);
/// Rows as an attempt may bring them, with the planned values and few words around them: for estimates and
/// previews.
std::vector<datasets::Row> expected_rows(const Job& job, const Cell& cell, const AttemptPlan& plan);

}  // namespace prompts
