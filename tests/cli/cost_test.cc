// Money, against a provider that keeps its own books: what it says it delivered is never more than what was
// charged, and what was charged never more than the budget, whatever it says about tokens, wherever it
// breaks off, and whenever the run is killed.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <atomic>
#include <csignal>
#include <mutex>
#include <random>

#include "tests/cli/workspace.h"
#include "tests/support/http_server.h"
#include "tests/support/soon.h"

namespace cli_testing {
namespace {

using ::testing::HasSubstr;
using testing_support::HttpAnswer;
using testing_support::HttpExchange;
using testing_support::HttpServer;

constexpr double kInput = 100;  // per million tokens
constexpr double kCached = 20;
constexpr double kOutput = 1000;
constexpr int kMaxTokens = 200;

double price(double input, double cached, double output) {
  return (kInput * (input - cached) + kCached * cached + kOutput * output) / 1e6;
}

// The same amounts in another order of adding.
constexpr double kRounding = 1e-9;

double number(const std::string& json, const std::string& pointer) {
  simdjson::dom::parser parser;
  double value = -1;
  EXPECT_EQ(parser.parse(json).at_pointer(pointer).get(value), simdjson::SUCCESS) << pointer << json;
  return value;
}

std::string completion(const std::string& usage) {
  return R"({"choices":[{"message":{"role":"assistant","content":"{\"utterances\":[\"好\"]}"},)"
         R"("finish_reason":"stop"}],"usage":)" +
         usage + "}";
}

/// Bills what each request really took; what it says about it is another matter.
class Books {
 public:
  enum class Say { truth, nothing, half, zeros, negative, nonsense, excess };

  HttpAnswer answer(const HttpExchange& request) {
    const double prompt = static_cast<double>(request.body.size()) / 3;
    const double output = 20 + static_cast<double>(random_() % (kMaxTokens - 20));
    const double factor = say == Say::excess ? 3 : 1;
    delivered += price(prompt * factor, 0, output * factor);
    ++requests;
    HttpAnswer answer;
    answer.broken = broken > 0 && random_() % 100 < static_cast<unsigned>(broken);
    answer.body = completion(usage(std::ceil(prompt * factor), output * factor));
    return answer;
  }

  Say say = Say::truth;
  int broken = 0;  // percent
  std::atomic<double> delivered = 0;
  std::atomic<int> requests = 0;

 private:
  std::string usage(double prompt, double output) const {
    switch (say) {
      case Say::nothing:
        return "null";
      case Say::half:
        return fmt::format(R"({{"prompt_tokens":{}}})", prompt);
      case Say::zeros:
        return R"({"prompt_tokens":0,"completion_tokens":0})";
      case Say::negative:
        return R"({"prompt_tokens":-1000000,"completion_tokens":-1000000})";
      case Say::nonsense:
        return R"({"prompt_tokens":"many","completion_tokens":[1e300]})";
      case Say::truth:
      case Say::excess:
        break;
    }
    return fmt::format(R"({{"prompt_tokens":{},"completion_tokens":{}}})", prompt, output);
  }
  std::mt19937 random_{7};
};

std::string priced_job(const std::string& base_url, double budget, int in_flight = 8) {
  std::string yaml = remote_job(
      base_url, 400,
      fmt::format(
          "price: {{input: {}, cached_input: {}, output: {}, currency: CNY}}, sampling: {{max_tokens: "
          "{}}}, limits: {{in_flight: {}}}, timeout: 5s",
          kInput, kCached, kOutput, kMaxTokens, in_flight));
  if (budget > 0) yaml.replace(yaml.find("budget: {"), 9, fmt::format("budget: {{cost: {} CNY, ", budget));
  return yaml;
}

struct Case {
  const char* name;
  Books::Say say;
  int broken;
};

class Cost : public ::testing::TestWithParam<Case> {};

TEST_P(Cost, ChargedIsAtLeastWhatWasDeliveredAndAtMostTheBudget) {
  constexpr double kBudget = 8;
  Books books;
  books.say = GetParam().say;
  books.broken = GetParam().broken;
  Workspace workspace;
  {
    const HttpServer server([&](const HttpExchange& request) { return books.answer(request); });
    workspace.write("job.yaml", priced_job(server.base_url(), kBudget));
    const auto finished = workspace.slotmill({"run", workspace.path("job.yaml").string()});
    EXPECT_EQ(finished.code, 3) << finished.errors;
    EXPECT_THAT(finished.errors, HasSubstr("budget.cost is used up"));
  }
  const double cost = number(workspace.read("out/remote/run.json"), "/cost");
  EXPECT_GE(cost, books.delivered.load() - kRounding);
  EXPECT_LE(cost, kBudget + kRounding);
  EXPECT_GT(cost, kBudget * 0.8);
}

INSTANTIATE_TEST_SUITE_P(
    All, Cost,
    ::testing::Values(Case{"truth", Books::Say::truth, 0}, Case{"resets", Books::Say::truth, 20},
                      Case{"nothing", Books::Say::nothing, 0}, Case{"half", Books::Say::half, 5},
                      Case{"zeros", Books::Say::zeros, 0}, Case{"negative", Books::Say::negative, 0},
                      Case{"nonsense", Books::Say::nonsense, 10}),
    [](const auto& tested) { return tested.param.name; });

TEST(Cost, KillsStayCharged) {
  constexpr double kBudget = 12;
  Books books;
  books.broken = 5;
  Workspace workspace;
  int kills = 0;
  {
    const HttpServer server([&](const HttpExchange& request) { return books.answer(request); });
    workspace.write("job.yaml", priced_job(server.base_url(), kBudget));
    const std::vector<std::string> command{SLOTMILL, "run", workspace.path("job.yaml").string()};
    const unsigned seed = std::random_device()();
    RecordProperty("seed", std::to_string(seed));
    std::mt19937 random(seed);
    for (; kills < 6; ++kills) {
      const int enough = books.requests + 1 + static_cast<int>(random() % 8);
      testing_support::Process process(command);
      EXPECT_TRUE(testing_support::soon([&] { return books.requests >= enough || !process.running(); }));
      process.signal(SIGKILL);
      if (process.wait() != 128 + SIGKILL) break;
    }
    const auto finished = testing_support::run_program(command);
    EXPECT_EQ(finished.code, 3) << finished.errors;
  }
  const std::string report = workspace.read("out/remote/run.json");
  const double cost = number(report, "/cost");
  EXPECT_GE(cost, books.delivered.load() - kRounding) << kills << " kills";
  EXPECT_LE(cost, kBudget + kRounding);
  EXPECT_GT(number(report, "/cost_of_lost"), 0) << kills << " kills";
  std::printf("%d kills, %d requests: delivered %.3f, charged %.3f, of it lost %.3f\n", kills,
              books.requests.load(), books.delivered.load(), cost, number(report, "/cost_of_lost"));
}

TEST(Cost, WhatIsGivenUpStaysChargedInTheNextCallToo) {
  Books books;
  std::atomic<int> asked{0};
  Workspace workspace;
  std::mutex gate;
  std::unique_lock closed(gate);
  const HttpServer server([&](const HttpExchange& request) {
    ++asked;
    const std::lock_guard wait(gate);
    return books.answer(request);
  });
  workspace.write("job.yaml", priced_job(server.base_url(), 0));
  testing_support::Process process({SLOTMILL, "run", workspace.path("job.yaml").string()});
  EXPECT_TRUE(testing_support::soon([&] { return asked > 0; }));
  for (const char* said : {"waiting for requests in flight", "giving up"}) {
    process.signal(SIGINT);
    EXPECT_TRUE(testing_support::soon([&] { return process.errors().find(said) != std::string::npos; }));
  }
  EXPECT_EQ(process.wait(30), 130) << process.errors();
  const std::string first = workspace.read("out/remote/run.json");
  EXPECT_GT(number(first, "/cost_of_lost"), 0);
  EXPECT_EQ(number(first, "/cost"), number(first, "/cost_of_lost"));
  closed.unlock();
  workspace.write("job.yaml", priced_job(server.base_url(), 0.01));
  EXPECT_EQ(workspace.slotmill({"run", workspace.path("job.yaml").string()}).code, 3);
  EXPECT_EQ(number(workspace.read("out/remote/run.json"), "/cost_of_lost"), number(first, "/cost_of_lost"));
}

// Nobody can know before the first reply that a model thinks past max_tokens.
TEST(Cost, AModelThatCountsMorePassesTheBudgetOnlyByWhatWasOnItsWay) {
  constexpr double kBudget = 40;
  constexpr int kInFlight = 4;
  Books books;
  books.say = Books::Say::excess;
  Workspace workspace;
  const HttpServer server([&](const HttpExchange& request) { return books.answer(request); });
  workspace.write("job.yaml", priced_job(server.base_url(), kBudget, kInFlight));
  const auto finished = workspace.slotmill({"run", workspace.path("job.yaml").string()});
  EXPECT_EQ(finished.code, 3) << finished.errors;
  const double cost = number(workspace.read("out/remote/run.json"), "/cost");
  EXPECT_GE(cost, books.delivered.load() - kRounding);
  EXPECT_LE(cost, kBudget + kRounding);  // the first replies came long before it was used up
  EXPECT_THAT(finished.errors, HasSubstr("times the most that was set aside"));
}

TEST(Cost, IsSaidByModelAndPerRow) {
  const testing_support::Provider provider;
  Workspace workspace;
  std::string yaml = priced_job(provider.base_url(), 0);
  yaml.replace(yaml.find("per_intent: 400"), 15, "per_intent: 20");
  workspace.write("job.yaml", yaml);
  const auto planned = workspace.slotmill({"plan", workspace.path("job.yaml").string()});
  EXPECT_THAT(planned.output, ::testing::ContainsRegex("they cost about ¥[0-9.]+, ¥[0-9.]+ at most"));
  const auto finished = workspace.slotmill({"run", workspace.path("job.yaml").string()});
  EXPECT_EQ(finished.code, 0) << finished.errors;
  EXPECT_THAT(finished.errors,
              ::testing::ContainsRegex("requests to send, about ¥[0-9.]+, ¥[0-9.]+ at most"));
  EXPECT_THAT(finished.errors,
              ::testing::ContainsRegex("loop: [0-9]+ requests, [0-9,]+ prompt tokens .0 cached., [0-9,]+ "
                                       "completion tokens, ¥[0-9.]+, 60 rows, ¥[0-9.]+ per 1,000 rows"));
  const std::string report = workspace.read("out/remote/run.json");
  EXPECT_EQ(number(report, "/models/0/accepted"), 60);
  EXPECT_DOUBLE_EQ(number(report, "/cost_per_row"), number(report, "/cost") / 60);
  EXPECT_DOUBLE_EQ(number(report, "/models/0/cost_per_row"), number(report, "/cost_per_row"));
  EXPECT_EQ(number(report, "/cost_of_lost"), 0);
}

}  // namespace
}  // namespace cli_testing
