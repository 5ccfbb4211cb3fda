// SIGKILL at random moments, the same command again: the bytes of the undisturbed run, no stored reply
// asked for again, and per kill at most what was in flight asked twice. SLOTMILL_KILL_REQUESTS makes it
// larger (docs/performance.md).
#include <gtest/gtest.h>
#include <simdjson.h>

#include <csignal>
#include <cstdlib>
#include <random>
#include <set>
#include <thread>

#include "base/text.h"
#include "tests/cli/workspace.h"

namespace cli_testing {
namespace {

constexpr int kKills = 10;
constexpr int kInFlight = 128;

std::uint64_t requests_counted(const testing_support::Provider& provider, const char* name) {
  simdjson::dom::parser parser;
  const std::string stats = provider.get("/stats");
  std::uint64_t number = 0;
  simdjson::dom::element document;
  EXPECT_EQ(parser.parse(stats).get(document), simdjson::SUCCESS) << stats;
  EXPECT_EQ(document[name].get(number), simdjson::SUCCESS) << stats;
  return number;
}

TEST(Kill, TenTimesAtRandomMomentsChangesNoByteAndPaysForNothingTwice) {
  const char* wish = std::getenv("SLOTMILL_KILL_REQUESTS");
  const int requests = wish != nullptr ? std::atoi(wish) : 1200;
  const int per_intent = requests * 8 * 85 / 100 / 3;  // about 85 % pass
  const unsigned seed = std::random_device()();
  RecordProperty("seed", std::to_string(seed));
  std::mt19937 random(seed);
  const std::vector<std::string> behaviour{"--delay-ms",     "40", "--fault-rate", "0.15",
                                           "--against-rate", "0.1"};
  const testing_support::Provider calm(behaviour);
  const testing_support::Provider provider(behaviour);
  // A judge beside the writer: what was in flight is of both.
  const auto keys = [](const testing_support::Provider& server) {
    const std::string limits = "limits: {in_flight: " + std::to_string(kInFlight / 2) + "}";
    return limits + "}\n  - {id: max, provider: openai, model: max, share: 0, base_url: \"" +
           server.base_url() + "\", " + limits;
  };
  const std::string judge = "judge: {model: max, use: accept}\n";

  const Workspace whole;
  whole.write("job.yaml", remote_job(calm.base_url(), per_intent, keys(calm), judge));
  const auto begin = std::chrono::steady_clock::now();
  const auto undisturbed = whole.slotmill({"run", whole.path("job.yaml").string()});
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  ASSERT_EQ(undisturbed.code, 0) << undisturbed.errors;
  EXPECT_EQ(requests_counted(calm, "requests"), requests_counted(calm, "distinct"));

  const Workspace killed;
  killed.write("job.yaml", remote_job(provider.base_url(), per_intent, keys(provider), judge));
  const std::vector<std::string> command{SLOTMILL, "run", killed.path("job.yaml").string()};
  int kills = 0;
  for (; kills < kKills; ++kills) {
    testing_support::Process process(command);
    std::uniform_real_distribution<double> moment(0.02, seconds / kKills);
    std::this_thread::sleep_for(std::chrono::duration<double>(moment(random)));
    process.signal(SIGKILL);
    if (process.wait() != 128 + SIGKILL) break;  // it was faster
  }
  EXPECT_GE(kills, kKills / 2) << "seed " << seed;
  const auto finished = testing_support::run_program(command);
  ASSERT_EQ(finished.code, 0) << finished.errors;

  EXPECT_NE(whole.read("out/remote/rejects.jsonl").find("judged_wrong"), std::string::npos);
  EXPECT_TRUE(killed.results("out/remote") == whole.results("out/remote")) << "seed " << seed;
  const std::uint64_t sent = requests_counted(provider, "requests");
  const std::uint64_t distinct = requests_counted(provider, "distinct");
  EXPECT_LE(sent - distinct, static_cast<std::uint64_t>(kills * kInFlight)) << "seed " << seed;
  std::set<std::string> stored;
  const std::string journal = killed.read("out/remote/journal/run.jsonl");
  for (const std::string_view line : base::split(journal, '\n')) {
    const std::size_t at = line.find("\"key\":\"");
    if (at == std::string_view::npos) continue;
    EXPECT_TRUE(stored.insert(std::string(line.substr(at + 7, 32))).second)
        << "asked for again: " << line.substr(0, 80);
  }
  std::printf("%llu requests undisturbed; with %d kills %llu, %llu of them asked twice\n",
              static_cast<unsigned long long>(requests_counted(calm, "requests")), kills,
              static_cast<unsigned long long>(sent), static_cast<unsigned long long>(sent - distinct));
}

}  // namespace
}  // namespace cli_testing
