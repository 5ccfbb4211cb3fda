// Who answers when a model doesn't, and that it makes no difference when.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <functional>
#include <mutex>
#include <set>

#include "base/json_writer.h"
#include "pipeline/run.h"
#include "tests/support/scratch.h"

namespace pipeline {
namespace {

using testing_support::Scratch;

constexpr const char* kJob = R"(slotmill: 1
name: chain
language: zh-Hans
per_request: 2
intents:
  greet: {description: 打招呼}
rows: {per_intent: 40}
models:
  - {id: one, provider: openai, model: m1, base_url: "http://127.0.0.1:9/v1", fallback: [two]}
  - {id: two, provider: openai, model: m2, base_url: "http://127.0.0.1:9/v1", share: 0}
)";

enum class Mood { well, fails, fails_some, down, dies_under_way };

/// Answers at once, as its mood is.
class MoodyModel final : public model::Model {
 public:
  MoodyModel(std::string name, Mood mood) : mood_(mood) { identity_.name = std::move(name); }
  const model::ModelIdentity& identity() const override { return identity_; }
  model::Capabilities capabilities() const override { return {}; }
  std::string describe() const override { return "a test"; }
  std::size_t credits() const override { return 4; }
  void drain() override {}
  void abort() override {}
  int asked() const { return asked_; }

  void submit(model::Ticket ticket, const model::Request& request, model::OutcomeSink& sink) override {
    const int number = [&] {
      const std::lock_guard lock(mutex_);
      return ++asked_;
    }();
    model::Outcome outcome;
    if (mood_ == Mood::down || (mood_ == Mood::dies_under_way && number > 6)) {
      outcome.body = identity_.name + " is down";
      outcome.model_down = true;
    } else if (mood_ == Mood::fails || (mood_ == Mood::fails_some && request.key.high % 3 == 0)) {
      outcome.kind = model::Outcome::Kind::failed;
      outcome.body = "past its deadline";
    } else {
      outcome.kind = model::Outcome::Kind::reply;
      base::JsonWriter w(outcome.body);
      w.begin_object().key("utterances").begin_array();
      for (std::uint64_t i = 0; i < request.utterances.size(); ++i)
        w.value(fmt::format("你好{}", base::mix(request.key.low, i)));
      w.end_array().end_object();
    }
    sink.deliver(ticket, std::move(outcome));
  }

 private:
  model::ModelIdentity identity_;
  const Mood mood_;
  std::mutex mutex_;
  int asked_ = 0;
};

struct ChainRun {
  RunReport report;
  int asked_one = 0;
  int asked_two = 0;
  std::string rows;
  std::string rejects;

  bool has_rows_of(const std::string& model) const {
    return rows.find("\"model\":\"" + model + "\"") != std::string::npos;
  }
};

ChainRun run_chain(const base::Path& directory, Mood one, Mood two, std::size_t threads = 2) {
  ChainRun result;
  EXPECT_TRUE(base::make_directories(directory));
  EXPECT_TRUE(base::replace_file(directory / "job.yaml", kJob));
  auto loaded = prompts::load_job(directory / "job.yaml");
  if (!loaded) {
    ADD_FAILURE() << loaded.error().message;
    return result;
  }
  prompts::Job& job = loaded->job;
  const auto plan = prompts::make_plan(job);
  const auto renderer = prompts::Renderer::make(job);
  EXPECT_TRUE(plan && renderer);
  auto first = std::make_unique<MoodyModel>("m1", one);
  auto second = std::make_unique<MoodyModel>("m2", two);
  const MoodyModel* const seen[] = {first.get(), second.get()};
  Models models;
  models.models.push_back(std::move(first));
  models.models.push_back(std::move(second));
  RunOptions options;
  options.threads = threads;
  auto report = run(job, *plan, models, *renderer, options);
  EXPECT_TRUE(report) << report.error().message;
  if (report) result.report = std::move(*report);
  result.asked_one = seen[0]->asked();
  result.asked_two = seen[1]->asked();
  result.rows = *base::read_file(job.run_directory() / "rows.jsonl");
  result.rejects = *base::read_file(job.run_directory() / "rejects.jsonl");
  return result;
}

void expect_replayed(const base::Path& directory, const ChainRun& before) {
  for (const Mood one : {Mood::well, Mood::down}) {
    const ChainRun again = run_chain(directory, one, Mood::well);
    EXPECT_EQ(again.asked_one + again.asked_two, 0);
    EXPECT_EQ(again.rows, before.rows);
    EXPECT_EQ(again.rejects, before.rejects);
  }
}

TEST(Fallback, IsNotAskedAsLongAsAllIsWell) {
  const Scratch scratch;
  const ChainRun run = run_chain(scratch.path(), Mood::well, Mood::well);
  EXPECT_EQ(run.report.end, End::complete);
  EXPECT_EQ(run.asked_two, 0);
}

TEST(Fallback, AnswersAttemptsThatFailed) {
  const Scratch scratch;
  const ChainRun run = run_chain(scratch.path(), Mood::fails_some, Mood::well);
  EXPECT_EQ(run.report.end, End::complete);
  EXPECT_TRUE(run.has_rows_of("one"));
  EXPECT_TRUE(run.has_rows_of("two"));
  EXPECT_EQ(run.rejects.find("\"failed\""), std::string::npos);
  expect_replayed(scratch.path(), run);
  const Scratch other;
  EXPECT_EQ(run_chain(other.path(), Mood::fails_some, Mood::well, 8).rows, run.rows);
}

TEST(Fallback, TakesThePlaceOfAModelThatIsDownAndKeepsItWhenThatComesBack) {
  for (const Mood mood : {Mood::down, Mood::dies_under_way}) {
    const Scratch scratch;
    const ChainRun run = run_chain(scratch.path(), mood, Mood::well);
    EXPECT_EQ(run.report.end, End::complete);
    EXPECT_EQ(run.has_rows_of("one"), mood == Mood::dies_under_way);
    EXPECT_TRUE(run.has_rows_of("two"));
    expect_replayed(scratch.path(), run);
  }
}

TEST(Fallback, AnAttemptFailsWhenAllHaveFailedIt) {
  const Scratch scratch;
  const ChainRun run = run_chain(scratch.path(), Mood::fails, Mood::fails);
  EXPECT_EQ(run.report.end, End::exhausted);
  EXPECT_GT(run.asked_one, 0);
  EXPECT_EQ(run.asked_one, run.asked_two);
  EXPECT_NE(run.rejects.find("\"verdict\":\"failed\""), std::string::npos);
  expect_replayed(scratch.path(), run);
}

TEST(Fallback, WhileOneIsDownAndTheOthersFailTheAttemptIsOwed) {
  const Scratch scratch;
  const ChainRun down = run_chain(scratch.path(), Mood::down, Mood::fails);
  EXPECT_EQ(down.report.end, End::model_down);
  EXPECT_EQ(down.report.message, "m1 is down");
  EXPECT_GT(down.report.owed, 0U);
  const ChainRun both = run_chain(scratch.path(), Mood::down, Mood::down);
  EXPECT_EQ(both.report.end, End::model_down);
  EXPECT_EQ(both.asked_two, 0);  // it has failed them
  const ChainRun back = run_chain(scratch.path(), Mood::well, Mood::down);
  EXPECT_EQ(back.report.end, End::complete);
  EXPECT_FALSE(back.has_rows_of("two"));
  const Scratch other;
  EXPECT_EQ(run_chain(other.path(), Mood::well, Mood::well).rows, back.rows);
}

}  // namespace
}  // namespace pipeline
