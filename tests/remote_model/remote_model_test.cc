// RemoteModel against the real provider program.
#include "remote_model/remote_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <future>
#include <map>
#include <mutex>

#include "remote_model/transport.h"
#include "tests/support/process.h"

namespace remote_model {
namespace {

using testing_support::Provider;
using testing_support::unused_port;

using model::Outcome;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

constexpr const char* kKeyVariable = "SLOTMILL_TEST_KEY";
constexpr const char* kKey = "sk-0123456789abcdef";

/// Collects outcomes and lets a test wait for them. Fails on a second outcome of one ticket.
class Collector final : public model::OutcomeSink {
 public:
  void deliver(model::Ticket ticket, Outcome outcome) override {
    const std::lock_guard lock(mutex_);
    EXPECT_TRUE(outcomes_.emplace(ticket, std::move(outcome)).second) << "two outcomes for " << ticket;
    changed_.notify_all();
  }
  void wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, std::chrono::seconds(60), [&] { return outcomes_.size() >= count; }))
        << outcomes_.size() << " of " << count;
  }
  std::map<model::Ticket, Outcome> outcomes() {
    const std::lock_guard lock(mutex_);
    return outcomes_;
  }
  std::size_t count(Outcome::Kind kind) {
    std::size_t count = 0;
    for (const auto& [ticket, outcome] : outcomes()) count += outcome.kind == kind ? 1 : 0;
    return count;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<model::Ticket, Outcome> outcomes_;
};

class RemoteModelTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    ASSERT_TRUE(init_transport_library());
    setenv(kKeyVariable, kKey, 1);
  }
  void SetUp() override { transport_ = std::move(Transport::start(1024).value()); }
  void TearDown() override {
    for (const auto& [ticket, outcome] : sink_.outcomes())
      EXPECT_THAT(outcome.body, Not(HasSubstr(kKey))) << "the key got out";
  }

  static RemoteSpec spec(const std::string& base_url, const std::string& model_name = "some-model") {
    RemoteSpec result;
    result.id = "qwen";
    result.identity.provider = "openai";
    result.identity.name = model_name;
    result.base_url = base_url;
    result.api_key_env = kKeyVariable;
    result.in_flight = 8;
    result.timeout_seconds = 20;
    result.deadline_seconds = 30;
    return result;
  }

  void start(const RemoteSpec& s) {
    auto made = RemoteModel::make(s, *transport_);
    ASSERT_TRUE(made) << made.error().message;
    model_ = std::move(*made);
  }

  void submit_in_mode(const std::string& mode) { submit(1, "\n#mode " + mode); }
  void submit(std::size_t count, const std::string& suffix = {}) {
    for (std::size_t i = 0; i < count; ++i) {
      model::Request& request = requests_.emplace_back();
      const std::size_t number = requests_.size();
      request.key.low = number;
      request.prefix = std::make_shared<const std::string>("你写训练数据");
      request.tail = "请求" + std::to_string(number) + "\n1. [device:主屏] | 口语\n2. | 礼貌" + suffix;
      request.utterances.resize(2);
      request.tags = {"device"};
      request.salt = number;
      model_->submit(number, request, sink_);
    }
  }
  /// Submits and waits for all outcomes so far.
  void run(std::size_t count) {
    submit(count);
    sink_.wait_for(requests_.size());
  }
  Outcome outcome(model::Ticket ticket) { return sink_.outcomes().at(ticket); }

  std::int64_t stat(const Provider& provider, const std::string& pointer) {
    auto endpoint = std::make_shared<Endpoint>();
    endpoint->url = "http://127.0.0.1:" + std::to_string(provider.port()) + "/stats";
    std::promise<std::string> body;
    transport_->send({endpoint, "", base::Milliseconds(20000)},
                     [&](HttpResponse response) { body.set_value(response.body); });
    const std::string json = body.get_future().get();
    simdjson::dom::parser parser;
    std::int64_t value = 0;
    if (parser.parse(json).at_pointer(pointer).get(value) != simdjson::SUCCESS) return 0;
    return value;
  }

  Collector sink_;  // outlives the transport, which may still answer aborted requests
  std::deque<model::Request> requests_;
  std::unique_ptr<Transport> transport_;
  std::unique_ptr<RemoteModel> model_;
};

TEST_F(RemoteModelTest, Replies) {
  const Provider provider;
  start(spec(provider.base_url()));
  run(1);
  const Outcome reply = outcome(1);
  EXPECT_EQ(reply.kind, Outcome::Kind::reply);
  EXPECT_THAT(reply.body, MatchesRegex(R"(\{"utterances":\[".*\[device:主屏\].*",".+"\]\})"));
  EXPECT_EQ(reply.finish, model::Finish::stop);
  EXPECT_GT(reply.usage.prompt_tokens, 0);
  EXPECT_GT(reply.usage.completion_tokens, 0);
  EXPECT_FALSE(reply.model_down);
  EXPECT_EQ(model_->credits(), 16U);
  EXPECT_EQ(model_->identity().name, "some-model");
  EXPECT_TRUE(model_->capabilities().reads_prompt);
}

TEST_F(RemoteModelTest, FillsTheWindowAndNeverMore) {
  const Provider provider({"--delay-ms", "100"});
  RemoteSpec s = spec(provider.base_url());
  s.in_flight = 64;
  start(s);
  run(400);
  EXPECT_EQ(sink_.count(Outcome::Kind::reply), 400U);
  EXPECT_EQ(stat(provider, "/requests"), 400);
  EXPECT_LE(stat(provider, "/max_in_flight"), 64);
  EXPECT_GT(stat(provider, "/max_in_flight"), 32);
}

TEST_F(RemoteModelTest, TheFirstRequestGoesAlone) {
  const Provider provider({"--mode", "unauthorized"});
  start(spec(provider.base_url()));
  run(100);
  EXPECT_EQ(stat(provider, "/requests"), 1);
}

TEST_F(RemoteModelTest, OddReplies) {
  const Provider provider;
  const struct {
    const char* mode;
    const char* body;  // a regular expression
    model::Finish finish;
  } cases[] = {
      {"gzip", R"(\{"utterances":\[".*\[device:主屏\].*",".+"\]\})", model::Finish::stop},
      {"parts", R"(\{"utterances":\[".*\[device:主屏\].*",".+"\]\})", model::Finish::stop},
      {"slow", R"(\{"utterances":\[".*\[device:主屏\].*",".+"\]\})", model::Finish::stop},
      {"close", R"(\{"utterances":\[".*\[device:主屏\].*",".+"\]\})", model::Finish::stop},
      {"refusal", "I can't help with that\\.", model::Finish::stop},
      {"null-content", "", model::Finish::stop},
      {"cut-off", R"(\{"utterances":.*[^}])", model::Finish::length},
      {"content-filter", "", model::Finish::content_filter},
  };
  for (const auto& c : cases) {
    start(spec(provider.base_url(), c.mode));
    run(3);
    const Outcome last = outcome(requests_.size());
    EXPECT_EQ(last.kind, Outcome::Kind::reply) << c.mode << ": " << last.body;
    EXPECT_THAT(last.body, MatchesRegex(c.body)) << c.mode;
    EXPECT_EQ(last.finish, c.finish) << c.mode;
  }
}

TEST_F(RemoteModelTest, ErrorsOnTheWayAreRetried) {
  const struct {
    std::vector<std::string> arguments;
    std::size_t requests;
  } cases[] = {
      {{"--status-rate", "429:0.2", "--retry-after", "0.05"}, 200},
      {{"--status-rate", "429:0.1"}, 60},
      {{"--status-rate", "500:0.1,502:0.1"}, 60},
      {{"--status-rate", "503:0.6", "--retry-after", "0.02"}, 60},
      {{"--first-status", "429:2", "--retry-after", "1"}, 20},
      {{"--first-status", "500:3"}, 20},
  };
  for (const auto& c : cases) {
    const Provider provider(c.arguments);
    start(spec(provider.base_url()));
    const std::size_t before = requests_.size();
    run(c.requests);
    EXPECT_EQ(sink_.count(Outcome::Kind::reply), before + c.requests) << c.arguments[1];
    EXPECT_EQ(stat(provider, "/answered/1"), static_cast<std::int64_t>(c.requests)) << "paid twice";
    EXPECT_GT(stat(provider, "/requests"), static_cast<std::int64_t>(c.requests));
  }
}

TEST_F(RemoteModelTest, RetryAfterIsWaitedFor) {
  const Provider provider({"--first-status", "429:1", "--retry-after", "1"});
  start(spec(provider.base_url()));
  const auto start_time = std::chrono::steady_clock::now();
  run(10);
  EXPECT_GE(std::chrono::steady_clock::now() - start_time, std::chrono::milliseconds(1000));
  EXPECT_EQ(stat(provider, "/requests"), 11) << "nothing else may be sent meanwhile";
}

TEST_F(RemoteModelTest, TheJobsLimitsAreKept) {
  const Provider provider({"--max-rate", "200", "--burst", "25"});
  RemoteSpec s = spec(provider.base_url());
  s.requests_per_minute = 200 * 60;
  start(s);
  const auto start_time = std::chrono::steady_clock::now();
  run(200);
  EXPECT_EQ(sink_.count(Outcome::Kind::reply), 200U);
  EXPECT_GE(std::chrono::steady_clock::now() - start_time, std::chrono::milliseconds(800));
  EXPECT_EQ(stat(provider, "/statuses/429"), 0);
}

TEST_F(RemoteModelTest, ATokenLimitHoldsRequestsBack) {
  const Provider provider;
  RemoteSpec s = spec(provider.base_url());
  s.identity.sampling.max_tokens = 100;
  s.tokens_per_minute = 60'000 * 10;  // ten a millisecond; each of these needs fewer than 200
  start(s);
  const auto start_time = std::chrono::steady_clock::now();
  run(100);
  std::int64_t used = 0;
  for (const auto& [ticket, outcome] : sink_.outcomes())
    used += outcome.usage.prompt_tokens + outcome.usage.completion_tokens;
  EXPECT_GE(std::chrono::steady_clock::now() - start_time + std::chrono::milliseconds(150),
            std::chrono::milliseconds(used / 10));
}

TEST_F(RemoteModelTest, ACapIsNoStorm) {
  const Provider provider({"--max-rate", "200", "--delay-ms", "20", "--retry-after", "0.1"});
  RemoteSpec s = spec(provider.base_url());
  s.in_flight = 64;
  start(s);
  run(500);
  EXPECT_EQ(sink_.count(Outcome::Kind::reply), 500U);
  EXPECT_LT(stat(provider, "/statuses/429"), 250);
}

TEST_F(RemoteModelTest, UnusableModelsAreDownWithOneMessage) {
  const Provider provider;
  const std::string moved =
      "http://127.0.0.1:" + std::to_string(provider.port()) + "/moved/v1/chat/completions";
  const struct {
    const char* mode;
    std::string said;
  } cases[] = {
      {"unauthorized",
       "401 Unauthorized: invalid key [invalid_api_key]; set SLOTMILL_TEST_KEY to a valid key and run the "
       "same "
       "command again"},
      {"echo-key",
       "401 Unauthorized: the key \"Bearer ***\" is wrong [Bearer ***]; set SLOTMILL_TEST_KEY to a valid key "
       "and "
       "run the same command again"},
      {"echo-key-text",
       "401 Unauthorized: a body that is not JSON: `" + std::string(180, 'x') +
           " Bearer *** is wrong`; set SLOTMILL_TEST_KEY to a valid key and run the same command again"},
      {"not-found",
       "404 Not Found: The model `not-found` does not exist. [model_not_found]; check model and base_url and "
       "run "
       "the same command again"},
      {"no-quota",
       "429 Too Many Requests: You exceeded your current quota. [insufficient_quota]; check the account's "
       "balance "
       "and quota and run the same command again"},
      {"bad-request",
       "400 Bad Request: unknown parameter [unknown_parameter]; check model, base_url and sampling and run "
       "the "
       "same command again"},
      {"redirect", "307 Temporary Redirect: moved to " + moved +
                       "; set base_url to the new address and run the same command "
                       "again"},
      {"html",
       "200: an HTML page, `502 Bad Gateway`; check model, base_url and sampling and run the same command "
       "again"},
      {"empty-body", "200: an empty body; check model, base_url and sampling and run the same command again"},
      {"error-in-200",
       "200: the backend is gone [internal]; check model, base_url and sampling and run the same command "
       "again"},
  };
  for (const auto& c : cases) {
    start(spec(provider.base_url(), c.mode));
    run(20);
    const std::string expected = "model qwen (" + provider.base_url() + ", " + c.mode + "): " + c.said;
    for (std::size_t i = 0; i < 20; ++i) {
      const Outcome last = outcome(requests_.size() - i);
      ASSERT_EQ(last.kind, Outcome::Kind::owed) << c.mode;
      ASSERT_TRUE(last.model_down) << c.mode;
      ASSERT_EQ(last.body, expected);
    }
    run(1);  // later ones too, at once
    EXPECT_EQ(outcome(requests_.size()).body, expected);
    EXPECT_TRUE(outcome(requests_.size()).model_down);
  }
}

TEST_F(RemoteModelTest, UnreachableAddresses) {
  const Provider provider;
  const std::string port = std::to_string(unused_port());
  const struct {
    std::string base_url;
    const char* says;
  } cases[] = {
      {"http://127.0.0.1:" + port + "/v1", "check that the server runs and base_url is right"},
      {"https://no-such-host.invalid/v1", "check the host in base_url"},
      {"https://127.0.0.1:" + std::to_string(provider.port()) + "/v1", "check the server's certificate"},
  };
  for (const auto& c : cases) {
    RemoteSpec s = spec(c.base_url);
    s.deadline_seconds = 1;
    start(s);
    run(10);
    const Outcome last = outcome(requests_.size());
    EXPECT_EQ(last.kind, Outcome::Kind::owed);
    EXPECT_TRUE(last.model_down);
    EXPECT_THAT(last.body, HasSubstr(c.says));
    EXPECT_THAT(last.body, HasSubstr("run the same command again"));
  }
}

TEST_F(RemoteModelTest, SilenceMakesTheModelDown) {
  const Provider provider({"--mode", "hang"});
  RemoteSpec s = spec(provider.base_url());
  s.timeout_seconds = 0.1;
  s.deadline_seconds = 0.5;
  start(s);
  run(10);
  EXPECT_EQ(sink_.count(Outcome::Kind::owed), 10U);
  EXPECT_TRUE(outcome(1).model_down);
  EXPECT_THAT(outcome(1).body, HasSubstr("raise timeout"));
}

TEST_F(RemoteModelTest, ARequestThatHangsWhileOthersAreAnsweredIsFailed) {
  const Provider provider;
  RemoteSpec s = spec(provider.base_url());
  s.timeout_seconds = 0.5;
  s.deadline_seconds = 1.2;
  start(s);
  run(1);
  submit_in_mode("hang");
  run(20);
  EXPECT_EQ(sink_.count(Outcome::Kind::reply), 21U);
  const Outcome failed = outcome(2);
  EXPECT_EQ(failed.kind, Outcome::Kind::failed);
  EXPECT_FALSE(failed.model_down);
  EXPECT_THAT(failed.body,
              MatchesRegex("model qwen \\(" + provider.base_url() + ", some-model\\): .*timed out.*"));
}

TEST_F(RemoteModelTest, RefusedAndUnreadableRequestsFailAlone) {
  const Provider provider;
  start(spec(provider.base_url()));
  run(1);
  const struct {
    const char* mode;
    std::int64_t sent;
    const char* says;
  } cases[] = {
      {"bad-request", 1, "400 Bad Request: unknown parameter [unknown_parameter]"},
      {"html", 3, "200: an HTML page, `502 Bad Gateway`"},
      {"invalid-json", 3, "200: a body that is not JSON: `{"},
      {"error-in-200", 3, "200: the backend is gone [internal]"},
  };
  for (const auto& c : cases) {
    const std::int64_t before = stat(provider, "/requests");
    submit_in_mode(c.mode);
    sink_.wait_for(requests_.size());
    EXPECT_EQ(outcome(requests_.size()).kind, Outcome::Kind::failed) << c.mode;
    EXPECT_THAT(outcome(requests_.size()).body, HasSubstr(c.says));
    EXPECT_EQ(stat(provider, "/requests") - before, c.sent) << c.mode;
  }
  run(1);
  EXPECT_EQ(outcome(requests_.size()).kind, Outcome::Kind::reply) << "the model is well";
}

TEST_F(RemoteModelTest, BrokenConnectionsAreRetried) {
  const Provider provider;
  RemoteSpec s = spec(provider.base_url());
  s.deadline_seconds = 2;
  start(s);
  run(1);
  for (const char* mode : {"half-body", "wrong-length"}) {
    const std::int64_t before = stat(provider, "/requests");
    submit_in_mode(mode);
    run(5);
    EXPECT_GT(stat(provider, "/requests") - before, 6) << mode;
    EXPECT_EQ(outcome(requests_.size() - 5).kind, Outcome::Kind::failed) << "never half a reply";
  }
}

TEST_F(RemoteModelTest, AbortDeliversEverythingAtOnce) {
  const Provider provider({"--delay-ms", "1"});
  start(spec(provider.base_url()));
  run(1);  // past the probe
  const Provider silent({"--mode", "hang"});
  start(spec(silent.base_url()));
  submit(50);
  model_->abort();
  sink_.wait_for(51);
  EXPECT_EQ(sink_.count(Outcome::Kind::owed), 50U);
  EXPECT_FALSE(outcome(2).model_down);
  EXPECT_EQ(outcome(2).body, "stopped");
  run(1);
  EXPECT_EQ(outcome(52).kind, Outcome::Kind::owed);
  model_->abort();
}

TEST_F(RemoteModelTest, DrainLetsWhatIsInFlightArrive) {
  const Provider provider({"--delay-ms", "300"});
  start(spec(provider.base_url()));  // 8 in flight
  run(1);                            // past the probe
  submit(30);
  while (stat(provider, "/in_flight") < 8) {
  }
  model_->drain();
  sink_.wait_for(31);
  EXPECT_EQ(sink_.count(Outcome::Kind::reply), 9U);
  EXPECT_EQ(sink_.count(Outcome::Kind::owed), 22U);
  run(1);
  EXPECT_EQ(sink_.count(Outcome::Kind::owed), 23U);
}

TEST_F(RemoteModelTest, AbortWhileWaitingForARetry) {
  const Provider provider({"--first-status", "429:1", "--retry-after", "20"});
  start(spec(provider.base_url()));
  submit(20);
  while (stat(provider, "/statuses/429") == 0) {
  }
  model_->abort();
  sink_.wait_for(20);
  EXPECT_EQ(sink_.count(Outcome::Kind::owed), 20U);
}

TEST_F(RemoteModelTest, StoppingTheTransportDeliversEverything) {
  const Provider silent({"--mode", "hang"});
  start(spec(silent.base_url()));
  submit(20);
  transport_.reset(nullptr);
  sink_.wait_for(20);
  EXPECT_EQ(sink_.count(Outcome::Kind::owed), 20U);
}

TEST_F(RemoteModelTest, MakeRefuses) {
  setenv("SLOTMILL_TEST_EMPTY", "  ", 1);
  setenv("SLOTMILL_TEST_BROKEN", "sk-abc\r\nX-Evil: 1", 1);
  unsetenv("SLOTMILL_TEST_UNSET");
  const struct {
    const char* base_url;
    const char* key_env;
    const char* proxy;
    int http;
    const char* message;  // a part of it
  } cases[] = {
      {"https://h/v1", "SLOTMILL_TEST_UNSET", "", 1,
       "the environment variable SLOTMILL_TEST_UNSET is not set; set it to the key, for example with `export "
       "SLOTMILL_TEST_UNSET=…`"},
      {"https://h/v1", "SLOTMILL_TEST_EMPTY", "", 1, "SLOTMILL_TEST_EMPTY is empty"},
      {"https://h/v1", "SLOTMILL_TEST_BROKEN", "", 1,
       "the key in SLOTMILL_TEST_BROKEN has spaces, line breaks"},
      {"h/v1", "", "", 1, "base_url is not an address like https://"},
      {"ftp://h/v1", "", "", 1, "base_url is not an address like https://"},
      {"https://user:pass@h/v1", "", "", 1, "base_url https://h/v1 must have no user"},
      {"https://h/v1?api-version=1", "", "", 1, "must have no user, password, `?`"},
      {"http://example.com/v1", kKeyVariable, "", 1,
       "http://example.com/v1 would carry the key of SLOTMILL_TEST_KEY unencrypted"},
      {"http://127.0.0.1.example.com/v1", kKeyVariable, "", 1, "unencrypted"},
      {"http://localhost/v1", kKeyVariable, "", 2, "HTTP/2 needs https://"},
      {"https://h/v1", kKeyVariable, "ftp://proxy", 1, "proxy is not a URL"},
      {"https://h/v1", kKeyVariable, "http://user:pass word@", 1, "proxy is not a URL"},
  };
  for (const auto& c : cases) {
    RemoteSpec s = spec(c.base_url);
    s.api_key_env = c.key_env;
    s.proxy = c.proxy;
    s.http = c.http;
    const auto made = RemoteModel::make(s, *transport_);
    ASSERT_FALSE(made) << c.message;
    EXPECT_EQ(made.error().kind, base::ErrorKind::bad_input);
    EXPECT_THAT(made.error().message, HasSubstr("model qwen: "));
    EXPECT_THAT(made.error().message, HasSubstr(c.message));
    EXPECT_THAT(made.error().message, Not(HasSubstr("sk-")));
    EXPECT_THAT(made.error().message, Not(HasSubstr("pass word")));
  }
}

TEST_F(RemoteModelTest, MakeAccepts) {
  const struct {
    const char* base_url;
    const char* key_env;
    const char* proxy;
    int http;
  } cases[] = {
      {"https://h/v1", kKeyVariable, "", 1},          {"https://h/v1/", kKeyVariable, "", 2},
      {"http://localhost:1/v1", kKeyVariable, "", 1}, {"http://[::1]:1/v1", kKeyVariable, "", 1},
      {"http://10.0.0.5:8000/v1", "", "", 1},         {"https://h/v1", "", "proxy:3128", 1},
      {"https://h/v1", "", "socks5h://u:p@h:1", 1},
  };
  for (const auto& c : cases) {
    RemoteSpec s = spec(c.base_url);
    s.api_key_env = c.key_env;
    s.proxy = c.proxy;
    s.http = c.http;
    const auto made = RemoteModel::make(s, *transport_);
    EXPECT_TRUE(made) << made.error().message;
  }
}

TEST_F(RemoteModelTest, TakesThePastedAddressOfTheCall) {
  const Provider provider;
  start(spec(provider.base_url() + "/chat/completions"));
  run(1);
  EXPECT_EQ(outcome(1).kind, Outcome::Kind::reply);
}

/// A server of this run's own, as a test wants it.
class Switch final : public model::Availability {
 public:
  void need() override { needed = true; }
  State state() const override { return now; }
  std::string why() const override { return "it died five times"; }
  std::atomic<bool> needed{false};
  std::atomic<State> now{State::coming};
};

class OwnServerTest : public RemoteModelTest {
 protected:
  RemoteSpec own(const std::string& base_url) {
    RemoteSpec result = spec(base_url);
    result.availability = &server_;
    return result;
  }
  /// Ends the transport before the switch that its tasks ask.
  void TearDown() override {
    model_.reset();
    transport_.reset();
    RemoteModelTest::TearDown();
  }
  using State = model::Availability::State;
  Switch server_;
};

TEST_F(OwnServerTest, IsStartedByTheFirstRequestAndWaitedFor) {
  const std::string port = std::to_string(unused_port());
  start(own("http://127.0.0.1:" + port + "/v1"));
  EXPECT_FALSE(server_.needed);
  submit(20);
  EXPECT_TRUE(server_.needed);
  const Provider provider({"--port", port});
  server_.now = State::up;
  sink_.wait_for(20);
  EXPECT_EQ(sink_.count(Outcome::Kind::reply), 20U);
  EXPECT_EQ(stat(provider, "/requests"), 20) << "nothing was sent twice";
}

TEST_F(OwnServerTest, ThatDiesAndComesBackCostsNothing) {
  const std::string port = std::to_string(unused_port());
  auto first = std::make_unique<Provider>(std::vector<std::string>{"--port", port, "--delay-ms", "20"});
  server_.now = State::up;
  start(own("http://127.0.0.1:" + port + "/v1"));
  submit(100);
  sink_.wait_for(20);
  server_.now = State::coming;
  first.reset();  // with eight requests on their way
  const Provider second({"--port", port});
  server_.now = State::up;
  sink_.wait_for(100);
  EXPECT_EQ(sink_.count(Outcome::Kind::reply), 100U);
}

TEST_F(OwnServerTest, ThatIsGoneIsTheEndOfTheModel) {
  start(own("http://127.0.0.1:" + std::to_string(unused_port()) + "/v1"));
  submit(20);
  server_.now = State::gone;
  sink_.wait_for(20);
  submit(1);
  sink_.wait_for(21);
  for (const auto& [ticket, outcome] : sink_.outcomes()) {
    EXPECT_EQ(outcome.kind, Outcome::Kind::owed);
    EXPECT_TRUE(outcome.model_down);
    EXPECT_THAT(outcome.body, MatchesRegex("model qwen \\(.*\\): it died five times"));
  }
}

TEST_F(OwnServerTest, IsNotWaitedForByWhoIsStopped) {
  start(own("http://127.0.0.1:" + std::to_string(unused_port()) + "/v1"));
  submit(20);
  model_->drain();
  sink_.wait_for(20);
  EXPECT_EQ(sink_.count(Outcome::Kind::owed), 20U);
  EXPECT_FALSE(outcome(1).model_down);
}

}  // namespace
}  // namespace remote_model
