// BatchModel over real libcurl against a batch API on the loopback.
#include "remote_model/batch_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <functional>
#include <map>
#include <mutex>

#include "remote_model/transport.h"
#include "tests/support/batch_provider.h"
#include "tests/support/soon.h"

namespace remote_model {
namespace {

using model::Outcome;
using testing::Contains;
using testing::HasSubstr;
using testing_support::BatchProvider;
using testing_support::soon;
using Answer = BatchProvider::Answer;

constexpr const char* kKeyVariable = "SLOTMILL_TEST_KEY";

Answer reply(const std::string& text) {
  return {200, R"({"choices":[{"message":{"content":")" + text +
                   R"("},"finish_reason":"stop"}],"usage":{"prompt_tokens":7,"completion_tokens":3}})"};
}

/// A store as a run directory keeps it, in memory.
class MemoryStore final : public BatchStore {
 public:
  bool find(const base::Hash128& key, StoredBatch& batch) const override {
    const std::lock_guard lock(mutex_);
    const auto found = last_.find(key);
    if (found == last_.end()) return false;
    batch = entries_.at(found->second);
    return gone_.count(found->second) == 0;
  }
  std::vector<StoredBatch> unfinished(const std::string& /*model*/) const override {
    const std::lock_guard lock(mutex_);
    std::vector<StoredBatch> all;
    for (const auto& [reference, batch] : entries_)
      if (gone_.count(reference) == 0) all.push_back(batch);
    return all;
  }
  base::Status intend(const std::string& reference, const std::string& /*model*/,
                      const std::vector<base::Hash128>& keys) override {
    const std::lock_guard lock(mutex_);
    entries_[reference] = {reference, "", keys.size()};
    for (const base::Hash128& key : keys) last_[key] = reference;
    return fails_ ? base::failed("disk full") : base::Status{};
  }
  base::Status created(const std::string& reference, const std::string& id) override {
    const std::lock_guard lock(mutex_);
    entries_[reference].id = id;
    return {};
  }
  base::Status gone(const std::string& reference) override {
    const std::lock_guard lock(mutex_);
    gone_[reference] = true;
    return {};
  }
  void fail() { fails_ = true; }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, StoredBatch> entries_;
  std::map<base::Hash128, std::string> last_;
  std::map<std::string, bool> gone_;
  bool fails_ = false;
};

class BatchModelTest : public testing::Test, public model::OutcomeSink {
 protected:
  static void SetUpTestSuite() {
    ASSERT_TRUE(init_transport_library());
    setenv(kKeyVariable, "sk-0123456789abcdef", 1);
  }
  void TearDown() override { stop(); }

  void deliver(model::Ticket ticket, Outcome outcome) override {
    const std::lock_guard lock(mutex_);
    outcomes_[ticket].push_back(std::move(outcome));
    changed_.notify_all();
  }

  /// A process of its own, as it were: the same store, nothing else.
  void start(
      const BatchProvider& provider, const std::string& provider_name = "openai", std::size_t in_flight = 100,
      const std::function<void(RemoteSpec&)>& change = [](RemoteSpec&) {}) {
    stop();
    transport_ = std::move(Transport::start(4).value());
    BatchSpec spec;
    spec.remote.id = "cheap";
    spec.remote.identity.provider = provider_name;
    spec.remote.identity.name = "some-model";
    spec.remote.base_url = provider.base_url();
    spec.remote.api_key_env = kKeyVariable;
    spec.remote.in_flight = in_flight;
    spec.remote.timeout_seconds = 20;
    spec.pace = 0.005;
    change(spec.remote);
    auto made = BatchModel::make(std::move(spec), *transport_);
    ASSERT_TRUE(made) << made.error().message;
    model_ = std::move(*made);
    model_->begin(*store_, [this](const std::string& note) {
      const std::lock_guard lock(mutex_);
      notes_.push_back(note);
    });
  }
  /// As a kill: nothing of the model does anything any more.
  void stop() {
    if (model_) model_->end();
    transport_.reset();
    model_.reset();
    const std::lock_guard lock(mutex_);
    outcomes_.clear();
  }
  /// Another run directory.
  void forget() {
    stop();
    store_ = std::make_unique<MemoryStore>();
  }
  void submit(std::size_t count, std::size_t bytes = 0) {
    requests_.clear();
    for (std::size_t i = 0; i < count; ++i) {
      model::Request& request = requests_.emplace_back();
      request.key = {1, i + 1};
      request.prefix = std::make_shared<const std::string>("你写训练数据");
      request.tail = "请求" + std::to_string(i + 1) + std::string(bytes, 'x');
      request.salt = i;
    }
    for (std::size_t i = 0; i < count; ++i) model_->submit(i + 1, requests_[i], *this);
  }
  void wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, std::chrono::seconds(60), [&] { return outcomes_.size() >= count; }))
        << outcomes_.size() << " of " << count;
    for (const auto& [ticket, list] : outcomes_) EXPECT_EQ(list.size(), 1U) << ticket;
  }
  Outcome outcome(model::Ticket ticket) {
    const std::lock_guard lock(mutex_);
    const auto found = outcomes_.find(ticket);
    return found == outcomes_.end() ? Outcome{} : found->second.front();
  }
  std::size_t count(Outcome::Kind kind) {
    const std::lock_guard lock(mutex_);
    std::size_t sum = 0;
    for (const auto& [ticket, list] : outcomes_) sum += list.front().kind == kind ? 1 : 0;
    return sum;
  }
  std::vector<std::string> notes() {
    const std::lock_guard lock(mutex_);
    return notes_;
  }
  static void expect_each_once(const BatchProvider& provider, std::size_t count) {
    const auto submitted = provider.submitted();
    EXPECT_EQ(submitted.size(), count);
    for (const auto& [id, times] : submitted) EXPECT_EQ(times, 1) << id;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<model::Ticket, std::vector<Outcome>> outcomes_;
  std::vector<std::string> notes_;
  std::unique_ptr<MemoryStore> store_ = std::make_unique<MemoryStore>();
  std::deque<model::Request> requests_;
  std::unique_ptr<Transport> transport_;
  std::unique_ptr<BatchModel> model_;
};

TEST_F(BatchModelTest, Replies) {
  BatchProvider provider([](const std::string& id, const std::string&) { return reply("to " + id); });
  provider.ends("completed", 2);
  start(provider);
  submit(50);
  wait_for(50);
  EXPECT_EQ(count(Outcome::Kind::reply), 50U);
  expect_each_once(provider, 50);
  EXPECT_EQ(outcome(3).body, "to 00000000000000010000000000000003");
  EXPECT_EQ(outcome(3).usage.prompt_tokens, 7);
  EXPECT_THAT(provider.creations().at(0), HasSubstr(R"("metadata":{"slotmill":"slotmill-)"));
  EXPECT_THAT(notes(), Contains(HasSubstr("model cheap: batch batch_1 is submitted (")));
  EXPECT_EQ(model_->credits(), 100U);
  EXPECT_EQ(model_->progress().batches, 0U);
}

TEST_F(BatchModelTest, AFullFileIsClosedAtOnce) {
  BatchProvider provider([](const std::string&, const std::string&) { return reply("x"); });
  start(provider, "openai", 10);
  submit(40);
  wait_for(40);
  expect_each_once(provider, 40);
  EXPECT_GE(provider.batches(), 4U);
}

TEST_F(BatchModelTest, KilledAtAnyStepNothingIsSubmittedTwice) {
  for (const char* step : {"file", "filed", "batch", "created", "look", "results", "fetched"}) {
    forget();
    BatchProvider provider([](const std::string& id, const std::string&) { return reply(id); });
    start(provider, "openai", 20);
    provider.pause(step);
    submit(20);
    ASSERT_TRUE(provider.wait_paused()) << step;
    stop();
    provider.release();
    // `created` perhaps a moment later, as seen from the new one.
    start(provider, "openai", 20);
    submit(20);
    wait_for(20);
    EXPECT_EQ(count(Outcome::Kind::reply), 20U) << step;
    expect_each_once(provider, 20);
  }
}

TEST_F(BatchModelTest, ACreationWithoutAnAnswerIsLookedForFirst) {
  const struct {
    const char* step;  // `batch`: before it was created, `created`: behind it
    int status;
    int times;
  } cases[] = {{"batch", 500, 3}, {"created", 500, 1}, {"created", 504, 1}, {"batch", 429, 2}};
  for (const auto& c : cases) {
    forget();
    BatchProvider provider([](const std::string& id, const std::string&) { return reply(id); });
    start(provider, "openai", 20);
    provider.fail(c.step, c.status, c.times);
    submit(20);
    wait_for(20);
    EXPECT_EQ(count(Outcome::Kind::reply), 20U) << c.step << " " << c.status;
    expect_each_once(provider, 20);
  }
}

TEST_F(BatchModelTest, TroubleAtOtherStepsIsRetried) {
  for (const char* step : {"file", "look", "results"}) {
    forget();
    BatchProvider provider([](const std::string& id, const std::string&) { return reply(id); });
    start(provider, "openai", 20);
    provider.fail(step, 503, 3);
    submit(20);
    wait_for(20);
    EXPECT_EQ(count(Outcome::Kind::reply), 20U) << step;
    expect_each_once(provider, 20);
  }
}

TEST_F(BatchModelTest, APageInPlaceOfTheResultsIsNotTakenForThem) {
  BatchProvider provider([](const std::string& id, const std::string&) { return reply(id); });
  start(provider, "openai", 20);
  provider.fail("results", 200, 2, "<html>please log in</html>");
  submit(20);
  wait_for(20);
  EXPECT_EQ(count(Outcome::Kind::reply), 20U);
  expect_each_once(provider, 20);
}

TEST_F(BatchModelTest, WhatLinesSay) {
  const struct {
    std::vector<Answer> answers;  // of the first request, one batch after the other; the others get replies
    Outcome::Kind kind;
    const char* says;
    int submitted;
  } cases[] = {
      {{{400, R"({"error":{"message":"filtered","code":"content_filter"}})"}}, Outcome::Kind::reply, "", 1},
      {{{400, R"({"error":{"message":"too long","code":"context"}})"}},
       Outcome::Kind::failed,
       "400 Bad Request: too long [context]",
       1},
      {{{422, "{}"}}, Outcome::Kind::failed, "422", 1},
      {{{429, "{}"}, reply("late")}, Outcome::Kind::reply, "late", 2},
      {{{500, "{}"}, {0, R"({"code":"batch_expired","message":"m"})"}, reply("late")},
       Outcome::Kind::reply,
       "late",
       3},
      {{{-1, ""}, reply("late")}, Outcome::Kind::reply, "late", 2},
  };
  for (const auto& c : cases) {
    forget();
    std::size_t turn = 0;
    BatchProvider provider([&](const std::string& id, const std::string&) {
      return id.ends_with("01") ? c.answers.at(turn++) : reply("x");
    });
    start(provider);
    submit(5);
    wait_for(5);
    EXPECT_EQ(outcome(1).kind, c.kind) << c.says;
    EXPECT_THAT(outcome(1).body, HasSubstr(c.says));
    EXPECT_EQ(provider.submitted().at("00000000000000010000000000000001"), c.submitted) << c.says;
    for (model::Ticket other = 2; other <= 5; ++other) EXPECT_EQ(outcome(other).kind, Outcome::Kind::reply);
  }
}

TEST_F(BatchModelTest, LinesThatMakeTheModelUnusable) {
  const struct {
    Answer answer;
    const char* says;
  } cases[] = {
      {{401, R"({"error":{"message":"bad key"}})"},
       "401 Unauthorized: bad key; set SLOTMILL_TEST_KEY to a valid key"},
      {{404, R"({"error":{"message":"no model"}})"}, "404 Not Found: no model; check model and base_url"},
      {{400, R"({"error":{"message":"no schema"}})"},
       "400 Bad Request: no schema; check model, base_url and sampling"},
      {{0, R"({"code":"batch_expired","message":"too slow"})"},
       "3 batches left requests unanswered, the last for this: too slow [batch_expired]"},
  };
  for (const auto& c : cases) {
    forget();
    BatchProvider provider([&](const std::string&, const std::string&) { return c.answer; });
    start(provider);
    submit(5);
    wait_for(5);
    EXPECT_EQ(count(Outcome::Kind::owed), 5U) << c.says;
    EXPECT_TRUE(outcome(1).model_down);
    EXPECT_THAT(outcome(1).body, HasSubstr("model cheap (" + provider.base_url() + ", some-model): "));
    EXPECT_THAT(outcome(1).body, HasSubstr(c.says));
    // Put right, the same command goes on: what the old batch says isn't held against it.
    provider.answer_with([](const std::string& id, const std::string&) { return reply(id); });
    start(provider);
    submit(5);
    wait_for(5);
    EXPECT_EQ(count(Outcome::Kind::reply), 5U) << c.says;
  }
}

TEST_F(BatchModelTest, HttpErrorsSayTheSameAsOtherModels) {
  const struct {
    const char* step;
    int status;
    const char* says;
  } cases[] = {
      {"file", 401, "set SLOTMILL_TEST_KEY to a valid key and run the same command again"},
      {"file", 404, "check model and base_url"},
      {"batch", 400, "check model, base_url and sampling"},
      {"look", 404,
       "batch batch_1: 404 Not Found: why; ask with the address and the key with which it was submitted"},
  };
  for (const auto& c : cases) {
    forget();
    BatchProvider provider([](const std::string& id, const std::string&) { return reply(id); });
    start(provider);
    provider.fail(c.step, c.status, 1000, R"({"error":{"message":"why"}})");
    submit(5);
    wait_for(5);
    EXPECT_TRUE(outcome(1).model_down);
    EXPECT_THAT(outcome(1).body, HasSubstr(c.says));
  }
}

TEST_F(BatchModelTest, BatchesThatEndBadly) {
  const struct {
    const char* status;
    const char* says;
    int submitted;  // after the same command again
  } cases[] = {
      {"failed", "batch batch_1 was refused: queue is full [token_limit_exceeded]; check model", 1},
      {"cancelled", "was cancelled at the provider; run the same command again", 2},
  };
  for (const auto& c : cases) {
    forget();
    BatchProvider provider([](const std::string&, const std::string&) { return Answer{-1, ""}; });
    provider.ends(c.status, 1, R"({"data":[{"code":"token_limit_exceeded","message":"queue is full"}]})");
    start(provider, "openai", 5);
    submit(5);
    wait_for(5);
    EXPECT_TRUE(outcome(1).model_down);
    EXPECT_THAT(outcome(1).body, HasSubstr(c.says));
    provider.ends("completed");
    provider.answer_with([](const std::string& id, const std::string&) { return reply(id); });
    start(provider, "openai", 5);
    submit(5);
    wait_for(5);
    EXPECT_EQ(count(Outcome::Kind::reply), 5U) << c.status;
    for (const auto& [id, times] : provider.submitted()) EXPECT_EQ(times, c.submitted) << c.status;
  }
}

TEST_F(BatchModelTest, WhatAnExpiredBatchHadFinishedCounts) {
  int turn = 0;
  BatchProvider provider([&](const std::string& id, const std::string&) {
    return turn++ < 3 ? reply(id) : Answer{0, R"({"code":"batch_expired","message":"m"})"};
  });
  provider.ends("expired", 1);
  start(provider, "openai", 8);
  submit(8);
  ASSERT_TRUE(soon([&] { return provider.batches() >= 2; }));
  EXPECT_EQ(count(Outcome::Kind::reply), 3U);
  turn = -1000;
  wait_for(8);
}

TEST_F(BatchModelTest, StoppingLeavesBatchesAndTheNextOneFetchesThem) {
  BatchProvider provider([](const std::string& id, const std::string&) { return reply(id); });
  provider.ends("completed", 1000000);
  start(provider, "openai", 20);
  submit(20);
  ASSERT_TRUE(soon([&] { return model_->progress().batches == 1; }));
  EXPECT_EQ(model_->progress().requests, 20U);
  model_->drain();
  wait_for(20);
  EXPECT_EQ(count(Outcome::Kind::owed), 20U);
  EXPECT_FALSE(outcome(1).model_down);
  EXPECT_THAT(notes(),
              Contains(HasSubstr("20 requests in 1 batch are under way; run the same command again")));
  model_->abort();
  model_->submit(21, requests_[0], *this);
  wait_for(21);
  EXPECT_EQ(outcome(21).kind, Outcome::Kind::owed);

  provider.finish_all();
  start(provider, "openai", 20);
  submit(20);
  wait_for(20);
  EXPECT_EQ(count(Outcome::Kind::reply), 20U);
  expect_each_once(provider, 20);
  EXPECT_THAT(notes(), Contains("model cheap: waiting for batch batch_1 (20 requests)"));
}

TEST_F(BatchModelTest, CancellingFetchesWhatIsDoneAndSubmitsNothing) {
  BatchProvider provider([](const std::string& id, const std::string&) {
    return id.ends_with("1") ? reply(id) : Answer{-1, ""};
  });
  provider.ends("completed", 1000000);
  start(provider, "openai", 20);
  submit(20);
  ASSERT_TRUE(soon([&] { return model_->progress().batches == 1; }));
  start(provider, "openai", 20);
  ASSERT_TRUE(model_->cancel_all([] { return false; }));
  submit(25);  // five that were never submitted
  wait_for(25);
  EXPECT_EQ(count(Outcome::Kind::reply), 2U);
  EXPECT_EQ(count(Outcome::Kind::owed), 23U);
  EXPECT_FALSE(outcome(2).model_down);
  expect_each_once(provider, 20);
  ASSERT_TRUE(model_->cancel_all([] { return false; })) << "it is over";
}

TEST_F(BatchModelTest, ABatchThatTheProviderForgotCanBeGivenUp) {
  BatchProvider old([](const std::string& id, const std::string&) { return reply(id); });
  old.ends("completed", 1000000);
  start(old, "openai", 5);
  submit(5);
  ASSERT_TRUE(soon([&] { return model_->progress().batches == 1; }));
  BatchProvider provider([](const std::string& id, const std::string&) { return reply(id); });
  start(provider, "openai", 5);
  submit(5);
  wait_for(5);
  EXPECT_TRUE(outcome(1).model_down) << "never submitted again by itself";
  EXPECT_THAT(outcome(1).body, HasSubstr("--cancel-batches"));
  start(provider, "openai", 5);
  ASSERT_TRUE(model_->cancel_all([] { return false; }));
  start(provider, "openai", 5);
  submit(5);
  wait_for(5);
  EXPECT_EQ(count(Outcome::Kind::reply), 5U);
  expect_each_once(provider, 5);
}

TEST_F(BatchModelTest, DashScopesNameAndItsLimitOfALine) {
  BatchProvider provider([](const std::string& id, const std::string&) { return reply(id); });
  start(provider, "dashscope");
  submit(1, 6000000);
  wait_for(1);
  EXPECT_EQ(outcome(1).kind, Outcome::Kind::failed);
  EXPECT_THAT(outcome(1).body, HasSubstr("a line of a batch has at most 6000000; shorten"));
  stop();
  start(provider, "dashscope");
  submit(2);
  wait_for(2);
  EXPECT_THAT(provider.creations().at(0), HasSubstr(R"("metadata":{"ds_name":"slotmill-)"));
}

TEST_F(BatchModelTest, LinesAreInTheDialectOfTheProvider) {
  BatchProvider provider([](const std::string& id, const std::string&) { return reply(id); });
  start(provider, "dashscope", 100, [](RemoteSpec& spec) {
    spec.identity.response_format = model::ResponseFormat::json_object;
    spec.identity.thinking_off = true;
    spec.identity.extra_body = {{"top_k", "20"}};
  });
  submit(1);
  wait_for(1);
  EXPECT_EQ(outcome(1).kind, Outcome::Kind::reply);
  const std::string file = provider.files().at(0);
  EXPECT_THAT(file, HasSubstr(R"("max_completion_tokens":)"));
  EXPECT_THAT(file, HasSubstr(R"("response_format":{"type":"json_object"})"));
  EXPECT_THAT(file, HasSubstr(R"("enable_thinking":false)"));
  EXPECT_THAT(file, HasSubstr(R"("top_k":20)"));
}

TEST_F(BatchModelTest, AReplyThatRepeatsASecretIsMasked) {
  constexpr const char* kHeaderVariable = "SLOTMILL_TEST_BATCH_HEADER";
  setenv(kHeaderVariable, "team-0123456789", 1);
  BatchProvider provider([](const std::string&, const std::string&) {
    return BatchProvider::Answer{
        200, R"({"choices":[{"message":{"content":"a sk-0123456789abcdef b \u0074eam-0123456789 c"}}]})"};
  });
  start(provider, "openai", 100, [&](RemoteSpec& spec) { spec.headers_env = {{"X-Team", kHeaderVariable}}; });
  submit(1);
  wait_for(1);
  EXPECT_EQ(outcome(1).body, "a *** b *** c");
}

TEST_F(BatchModelTest, NothingIsSubmittedThatIsNotOnDisk) {
  BatchProvider provider([](const std::string& id, const std::string&) { return reply(id); });
  store_->fail();
  start(provider);
  submit(5);
  wait_for(5);
  EXPECT_TRUE(outcome(1).model_down);
  EXPECT_EQ(outcome(1).body, "disk full");
  EXPECT_TRUE(provider.files().empty());
}

TEST_F(BatchModelTest, RefusesProvidersWithoutBatches) {
  transport_ = std::move(Transport::start(4).value());
  BatchSpec spec;
  spec.remote.id = "local";
  spec.remote.identity.provider = "vllm";
  spec.remote.base_url = "http://127.0.0.1:1/v1";
  const auto made = BatchModel::make(std::move(spec), *transport_);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().message, "model local: provider vllm has no batches; remove mode: batch");
}

}  // namespace
}  // namespace remote_model
