#include "pipeline/follow_ups.h"

#include <fmt/format.h>

#include <algorithm>

#include "datasets/row.h"

namespace pipeline {
namespace {

using validators::Ballot;
using validators::Verdict;

/// Every slot of the job, as tags have them.
std::vector<std::string> all_tags(const prompts::Job& job) {
  std::vector<std::string> tags;
  for (const prompts::Intent& intent : job.intents)
    for (const prompts::IntentSlot& slot : intent.slots) {
      tags.push_back(slot.name);
      if (job.rows.multi_intent > 0) tags.push_back(intent.name + "." + slot.name);
    }
  std::sort(tags.begin(), tags.end());
  tags.erase(std::unique(tags.begin(), tags.end()), tags.end());
  return tags;
}

/// The rows of those candidates; a row that can't be read back, which none is, is left empty.
std::vector<datasets::Row> rows_of(const validators::CheckedReply& reply,
                                   const std::vector<std::uint32_t>& candidates) {
  std::vector<datasets::Row> rows;
  for (const std::uint32_t i : candidates)
    rows.push_back(datasets::parse_row(reply.candidates[i].row).value_or(datasets::Row{}));
  return rows;
}

}  // namespace

std::vector<Voice> voices_of(const prompts::Job& job) {
  std::vector<Voice> voices;
  for (const std::size_t model : job.judge.models) {
    if (!job.judge.ask.empty()) voices.push_back({model, prompts::Opinion::reading});
    if (job.judge.round_trip) voices.push_back({model, prompts::Opinion::round_trip});
  }
  return voices;
}

model::Request judge_request(const prompts::Job& job, const prompts::JudgePrompt& prompt,
                             prompts::Opinion opinion, const std::shared_ptr<const std::string>& prefix,
                             const model::Model& model, const std::vector<datasets::Row>& rows) {
  const bool reading = opinion == prompts::Opinion::reading;
  model::Request request;
  request.purpose = model::Purpose::judge;
  request.wire = reading ? model::Wire::votes : model::Wire::readings;
  request.prefix = prefix;
  request.tail = prompt.tail(opinion, rows);
  request.utterances.resize(rows.size());
  request.tags = reading ? job.judge.ask : all_tags(job);
  request.key = model::request_key(model.identity(), request);
  return request;
}

model::Request sample_judge_request(const prompts::Job& job, const prompts::Renderer& renderer,
                                    const prompts::Plan& plan, prompts::Opinion opinion,
                                    const model::Model& model, std::uint64_t attempt) {
  const prompts::Cell& cell = plan.lanes.front().cells.front();
  const auto rows =
      prompts::expected_rows(job, cell, prompts::plan_attempt(job, cell, attempt, cell.per_request));
  return judge_request(job, renderer.judge(), opinion,
                       std::make_shared<const std::string>(renderer.judge().prefix(opinion)), model, rows);
}

FollowUps::FollowUps(const prompts::Job& job, const prompts::JudgePrompt& prompt,
                     std::vector<model::Model*> models)
    : job_(job), prompt_(prompt), models_(std::move(models)), voices_(voices_of(job)) {
  for (const Voice& voice : voices_)
    prefixes_.push_back(std::make_shared<const std::string>(prompt_.prefix(voice.opinion)));
}

std::vector<Question> FollowUps::ask(const prompts::Lane& lane, const validators::CheckedReply& reply) const {
  std::vector<Question> questions;
  if (voices_.empty() || lane.cells.front().catalogue) return questions;
  std::vector<std::uint32_t> valid;
  for (std::size_t i = 0; i < reply.candidates.size(); ++i)
    if (reply.candidates[i].verdict == Verdict::accepted) valid.push_back(static_cast<std::uint32_t>(i));
  if (valid.empty()) return questions;
  const std::vector<datasets::Row> rows = rows_of(reply, valid);
  for (std::size_t voice = 0; voice < voices_.size(); ++voice) {
    Question& question = questions.emplace_back();
    question.model = voices_[voice].model;
    question.voice = voice;
    question.candidates = valid;
    question.request = judge_request(job_, prompt_, voices_[voice].opinion, prefixes_[voice],
                                     *models_[question.model], rows);
    question.key = question.request.key;
  }
  return questions;
}

void FollowUps::read(const model::Outcome& outcome, const validators::CheckedReply& reply,
                     Question& question) const {
  question.ballots = validators::read_ballots(voices_[question.voice].opinion, outcome,
                                              rows_of(reply, question.candidates), job_);
  question.answered = true;
}

std::vector<CastVote> FollowUps::apply(const std::vector<Question>& questions,
                                       validators::CheckedReply& reply) const {
  std::vector<CastVote> cast;
  if (questions.empty()) return cast;
  std::vector<std::vector<datasets::Vote>> votes(reply.candidates.size());
  std::vector<int> balance(reply.candidates.size(), 0);  // votes for, less those against
  for (const Question& question : questions)
    for (std::size_t i = 0; i < question.candidates.size(); ++i) {
      const std::uint32_t candidate = question.candidates[i];
      const Ballot& ballot = question.ballots[i];
      const Voice& voice = voices_[question.voice];
      cast.push_back({question.voice, ballot});
      votes[candidate].push_back({job_.models[voice.model].id, prompts::opinion_name(voice.opinion),
                                  std::string(validators::vote_name(ballot)),
                                  validators::fault_names(ballot)});
      if (ballot.given) balance[candidate] += ballot.faults == 0 ? 1 : -1;
    }
  for (std::size_t i = 0; i < votes.size(); ++i) {
    if (votes[i].empty()) continue;
    validators::Candidate& candidate = reply.candidates[i];
    datasets::set_votes(votes[i], candidate.row);
    if (!job_.judge.accept || balance[i] >= 0) continue;
    candidate.verdict = Verdict::judged_wrong;
    for (const datasets::Vote& vote : votes[i])
      if (vote.vote == "no")
        candidate.detail += fmt::format("{}{} ({}): {}", candidate.detail.empty() ? "" : "; ", vote.model,
                                        vote.by, fmt::join(vote.faults, ", "));
  }
  return cast;
}

}  // namespace pipeline
