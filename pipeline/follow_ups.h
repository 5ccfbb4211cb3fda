// What is asked about a reply once it is checked: judges are asked about its valid candidates, all in one
// request (`judge:`). Each question is a request of its own, with a key of its own that knows nothing of the
// attempt: the same texts are never asked about twice, and an edited check asks again only about replies
// whose valid candidates it changed. Its outcome is journaled like every other, and the attempt is committed
// when all of its questions have theirs; so rows stay a function of job and outcomes.
//
// A question that failed (past its deadline while its model answered others) has no vote; one that is owed
// leaves its attempt owed, whose own reply is stored by then. A judge's `fallback:` isn't asked: whose vote
// it is must not depend on the day.
//
// Const; any thread. Making a question costs some 20 microseconds.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/hash.h"
#include "model/model.h"
#include "prompts/job.h"
#include "prompts/judge_prompt.h"
#include "prompts/plan.h"
#include "prompts/renderer.h"
#include "validators/checker.h"
#include "validators/votes.h"

namespace pipeline {

/// One kind of vote: of a model, by what it was shown.
struct Voice {
  std::size_t model = 0;  // index into Job::models
  prompts::Opinion opinion = prompts::Opinion::reading;
};

/// The votes that each candidate gets, in the order in which rows have them.
std::vector<Voice> voices_of(const prompts::Job& job);

/// One request about a checked reply, and what came of it.
struct Question {
  std::size_t model = 0;
  std::size_t voice = 0;                  // index into voices_of()
  std::vector<std::uint32_t> candidates;  // of the reply
  base::Hash128 key;
  model::Request request;
  bool answered = false;
  bool stored = false;                      // by the journal
  std::vector<validators::Ballot> ballots;  // answered: one for each of `candidates`
};

/// A vote about a candidate, whichever it was.
struct CastVote {
  std::size_t voice = 0;
  validators::Ballot ballot;
};

class FollowUps {
 public:
  /// All are borrowed.
  FollowUps(const prompts::Job& job, const prompts::JudgePrompt& prompt, std::vector<model::Model*> models);

  /// What is to be asked about a reply of the lane; none about values of a catalogue.
  std::vector<Question> ask(const prompts::Lane& lane, const validators::CheckedReply& reply) const;
  /// Answers the question with its outcome, reply or failed.
  void read(const model::Outcome& outcome, const validators::CheckedReply& reply, Question& question) const;
  /// All are answered: puts the votes into the rows, and rejects what they are against if the job says so.
  std::vector<CastVote> apply(const std::vector<Question>& questions, validators::CheckedReply& reply) const;

 private:
  const prompts::Job& job_;
  const prompts::JudgePrompt& prompt_;
  const std::vector<model::Model*> models_;
  const std::vector<Voice> voices_;
  std::vector<std::shared_ptr<const std::string>> prefixes_;  // by voice
};

/// The request that asks for an opinion on rows.
model::Request judge_request(const prompts::Job& job, const prompts::JudgePrompt& prompt,
                             prompts::Opinion opinion, const std::shared_ptr<const std::string>& prefix,
                             const model::Model& model, const std::vector<datasets::Row>& rows);

/// The same about what an attempt of the first lane may bring: for pings and previews.
model::Request sample_judge_request(const prompts::Job& job, const prompts::Renderer& renderer,
                                    const prompts::Plan& plan, prompts::Opinion opinion,
                                    const model::Model& model, std::uint64_t attempt);

}  // namespace pipeline
