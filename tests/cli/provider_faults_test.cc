// The whole program against a provider that misbehaves.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <ostream>
#include <thread>

#include "tests/cli/workspace.h"

namespace cli_testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testing_support::Provider;

constexpr const char* kKey = "sk-very-secret-4711";

struct RemoteRun {
  explicit RemoteRun(const std::vector<std::string>& options, const std::string& keys = "")
      : provider(options) {
    workspace.write("job.yaml",
                    remote_job(provider.base_url(), 40,
                               "api_key_env: SLOTMILL_TEST_KEY" + (keys.empty() ? "" : ", " + keys)));
  }
  testing_support::Finished run() const {
    return workspace.slotmill({"run", workspace.path("job.yaml").string()}, {{"SLOTMILL_TEST_KEY", kKey}});
  }
  const Provider provider;
  const Workspace workspace;
};

struct Fault {
  const char* name;
  std::vector<std::string> options;
  std::string message;
};

void PrintTo(const Fault& fault, std::ostream* out) { *out << fault.name; }

class ModelDown : public ::testing::TestWithParam<Fault> {};

TEST_P(ModelDown, EndsWithTheModelAndTheWayOutAndOwesItsAttempts) {
  const RemoteRun setup(GetParam().options, "deadline: 3s, timeout: 1s");
  const auto finished = setup.run();
  EXPECT_EQ(finished.code, 1) << finished.errors;
  EXPECT_THAT(finished.errors, HasSubstr("model loop ("));
  EXPECT_THAT(finished.errors, HasSubstr(GetParam().message));
  EXPECT_THAT(finished.errors, HasSubstr("attempts stay owed"));
  EXPECT_THAT(finished.errors, Not(HasSubstr(kKey)));
  EXPECT_FALSE(std::filesystem::exists(setup.workspace.path("out/remote/releases")));

  // The same command against a provider that works finishes the work; only the address changed.
  const Provider healthy;
  setup.workspace.write("job.yaml", remote_job(healthy.base_url(), 40, "api_key_env: SLOTMILL_TEST_KEY"));
  const auto again = setup.run();
  EXPECT_EQ(again.code, 0) << again.errors;
  EXPECT_EQ(setup.workspace.rows("out/remote").size(), 120U);
}

INSTANTIATE_TEST_SUITE_P(All, ModelDown,
                         ::testing::Values(Fault{"unauthorized", {"--mode", "unauthorized"}, "401"},
                                           Fault{"not_found", {"--mode", "not-found"}, "404"},
                                           Fault{"html", {"--mode", "html"}, "HTML"},
                                           Fault{"echo_key", {"--mode", "echo-key"}, "***"},
                                           Fault{"error_in_200", {"--mode", "error-in-200"}, "200"},
                                           Fault{"half_body", {"--mode", "half-body"}, "reset by peer"},
                                           Fault{"no_quota", {"--mode", "no-quota"}, "429"},
                                           Fault{"hang", {"--mode", "hang"}, "timed out"},
                                           Fault{"redirect", {"--mode", "redirect"}, "30"}),
                         [](const auto& tested) { return tested.param.name; });

TEST(ProviderFaults, ThrottlingErrorsAndResetsCostNoRow) {
  const RemoteRun setup({"--status-rate", "429:0.1,500:0.05,503:0.05", "--retry-after", "0.05"});
  const auto finished = setup.run();
  EXPECT_EQ(finished.code, 0) << finished.errors;
  EXPECT_EQ(setup.workspace.rows("out/remote").size(), 120U);
  EXPECT_THAT(setup.workspace.read("out/remote/run.json"), Not(HasSubstr(kKey)));
  EXPECT_THAT(setup.workspace.read("out/remote/journal/run.jsonl"), Not(HasSubstr(kKey)));
}

TEST(ProviderFaults, AMissingKeyIsBadInput) {
  const RemoteRun setup({});
  const auto finished = setup.workspace.slotmill({"run", setup.workspace.path("job.yaml").string()});
  EXPECT_EQ(finished.code, 2);
  EXPECT_THAT(finished.errors, HasSubstr("SLOTMILL_TEST_KEY"));
}

TEST(ProviderFaults, FaultyRepliesAreRefilled) {
  const RemoteRun setup({"--fault-rate", "0.3"});
  const auto finished = setup.run();
  EXPECT_EQ(finished.code, 0) << finished.errors;
  EXPECT_EQ(setup.workspace.rows("out/remote").size(), 120U);
  EXPECT_THAT(setup.workspace.read("out/remote/rejects.jsonl"), HasSubstr("\"verdict\":\"value_changed\""));
}

TEST(ProviderFaults, TheFirstCtrlCLetsPaidWorkArriveTheSecondGivesItUp) {
  for (const int interrupts : {1, 2}) {
    const RemoteRun setup({"--delay-ms", interrupts == 1 ? "300" : "60000"}, "limits: {in_flight: 4}");
    testing_support::Process process({SLOTMILL, "run", setup.workspace.path("job.yaml").string()},
                                     {{"SLOTMILL_TEST_KEY", kKey}});
    while (setup.provider.get("/stats").find("\"requests\":0") != std::string::npos)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    for (int i = 0; i < interrupts; ++i) {
      process.signal(SIGINT);
      const char* said = i == 0 ? "waiting for requests in flight" : "giving up";
      while (process.running() && process.errors().find(said) == std::string::npos)
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    EXPECT_EQ(process.wait(30), 130) << process.errors();
    EXPECT_THAT(process.errors(), HasSubstr("attempts stay owed; run the same command again to go on"));
    const std::string journal = setup.workspace.read("out/remote/journal/run.jsonl");
    EXPECT_EQ(journal.find("{\"reply\"") != std::string::npos, interrupts == 1);
  }
}

TEST(ProviderFaults, ACostBudgetIsUsedUpAndNotOvershot) {
  const RemoteRun setup({"--delay-ms", "5"},
                        "price: {input: 10, output: 100, currency: CNY}, sampling: {max_tokens: 500}");
  const std::string whole = setup.workspace.read("job.yaml");
  std::string yaml = whole;
  yaml.replace(yaml.find("budget: {"), 9, "budget: {cost: 0.3 CNY, ");
  setup.workspace.write("job.yaml", yaml);
  const auto finished = setup.run();
  EXPECT_EQ(finished.code, 3) << finished.errors;
  EXPECT_THAT(finished.errors, HasSubstr("budget.cost is used up"));
  EXPECT_FALSE(std::filesystem::exists(setup.workspace.path("out/remote/releases")));
  const std::string report = setup.workspace.read("out/remote/run.json");
  const double cost = std::strtod(report.c_str() + report.find("\"cost\":") + 7, nullptr);
  EXPECT_GT(cost, 0.2);  // less than one request's reservation of 0.07 may be left
  EXPECT_LE(cost, 0.3);
  EXPECT_EQ(setup.run().code, 3);  // what was spent stays spent
  setup.workspace.write("job.yaml", whole);
  EXPECT_EQ(setup.run().code, 0);
}

TEST(ProviderFaults, PingSaysThatAModelDoesNotAnswerAndWhy) {
  const RemoteRun setup({"--mode", "unauthorized"});
  const auto pinged = setup.workspace.slotmill({"plan", "--ping", setup.workspace.path("job.yaml").string()},
                                               {{"SLOTMILL_TEST_KEY", kKey}});
  EXPECT_EQ(pinged.code, 1) << pinged.errors;
  EXPECT_THAT(pinged.output, HasSubstr("doesn't answer: "));
  EXPECT_THAT(pinged.output, HasSubstr("401"));
  EXPECT_FALSE(std::filesystem::exists(setup.workspace.path("out")));
}

TEST(ProviderFaults, PingSaysWhichModelsThereAre) {
  const Provider provider({"--mode", "not-found"});
  const Workspace workspace;
  workspace.write("job.yaml", remote_job(provider.base_url(), 4));
  const auto pinged = workspace.slotmill({"plan", "--ping", workspace.path("job.yaml").string()});
  EXPECT_EQ(pinged.code, 1) << pinged.errors;
  EXPECT_THAT(pinged.output, HasSubstr("; its list has no test-model, but provider\n"));
}

TEST(ProviderFaults, AServerThatDoesNotKeepToTheFormatIsNoticed) {
  const RemoteRun setup({"--mode", "broken-content"});
  const std::string message =
      "job.yaml:25:5: model loop: 21 of the first 21 replies are not the JSON that was asked for (21 "
      "salvaged); ";
  for (int call = 0; call < 2; ++call) {  // the second one takes them from the journal
    const auto finished = setup.run();
    EXPECT_EQ(finished.code, 0) << finished.errors;
    EXPECT_THAT(finished.errors, HasSubstr(message));
    EXPECT_THAT(setup.workspace.read("out/remote/run.json"), HasSubstr(message));
  }
  const RemoteRun sound({});
  EXPECT_THAT(sound.run().errors, Not(HasSubstr("asked for")));
  EXPECT_THAT(sound.workspace.read("out/remote/run.json"), HasSubstr("\"warnings\":[],"));
}

TEST(ProviderFaults, ValuesOfHeadersAreSecret) {
  const RemoteRun setup({"--mode", "unauthorized"}, "headers_env: {X-Workspace: SLOTMILL_TEST_WORKSPACE}");
  const auto missing = setup.run();
  EXPECT_EQ(missing.code, 2);
  EXPECT_THAT(missing.errors, HasSubstr("SLOTMILL_TEST_WORKSPACE of the header X-Workspace is not set"));
  const auto finished =
      setup.workspace.slotmill({"run", setup.workspace.path("job.yaml").string()},
                               {{"SLOTMILL_TEST_KEY", kKey}, {"SLOTMILL_TEST_WORKSPACE", "invalid key"}});
  EXPECT_EQ(finished.code, 1) << finished.errors;
  EXPECT_THAT(finished.errors, HasSubstr("401 Unauthorized: *** [invalid_api_key]"));

  const Provider echo({"--mode", "echo-key"});
  setup.workspace.write(
      "job.yaml",
      remote_job(echo.base_url(), 4, "api_key_env: '', headers_env: {Authorization: SLOTMILL_TEST_KEY}"));
  EXPECT_THAT(setup.run().errors, HasSubstr("401 Unauthorized: the key \"***\" is wrong"));
}

TEST(ProviderFaults, NothingIsChargedForWhatWasNeverAnswered) {
  const RemoteRun setup({"--mode", "unauthorized"}, "price: {input: 10, output: 100, currency: CNY}");
  EXPECT_EQ(setup.run().code, 1);
  EXPECT_THAT(setup.workspace.read("out/remote/run.json"), HasSubstr("\"cost\":0,"));
}

// A refusal that is left over from an earlier call must not stop the model that answered then.
TEST(ProviderFaults, OneRefusedRequestDoesNotStopAJob) {
  const RemoteRun setup({"--delay-ms", "100"}, "limits: {in_flight: 2}");
  testing_support::Process process({SLOTMILL, "run", setup.workspace.path("job.yaml").string()},
                                   {{"SLOTMILL_TEST_KEY", kKey}});
  const base::Path journal = setup.workspace.path("out/remote/journal/run.jsonl");
  while (process.running() && base::read_file(journal).value_or("").find("{\"reply\"") == std::string::npos)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  process.signal(SIGKILL);
  process.wait();
  const Provider refusing({"--first-status", "400:1"});
  setup.workspace.write("job.yaml", remote_job(refusing.base_url(), 40,
                                               "api_key_env: SLOTMILL_TEST_KEY, limits: {in_flight: 2}"));
  const auto again = setup.run();
  EXPECT_EQ(again.code, 0) << again.errors;
  EXPECT_THAT(setup.workspace.read("out/remote/journal/run.jsonl"), HasSubstr("{\"failed\""));
}

}  // namespace
}  // namespace cli_testing
