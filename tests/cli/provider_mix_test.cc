// The whole program against a provider that fails three requests of ten in all of its ways. What must hold
// whatever happens: an attempt has one outcome in the journal, what was delivered is not asked for again, the
// quotas are met, nothing grows but what has to.
//
// The large forms are targets of their own, fault_run and soak_run (CONTRIBUTING.md).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "tests/cli/outcomes.h"
#include "tests/cli/workspace.h"

namespace cli_testing {
namespace {

using testing_support::Process;
using testing_support::Provider;

constexpr int kInFlight = 64;
constexpr double kLongestSeconds = 3600;

int requests_wanted(const char* variable, int usual) {
  const char* wish = std::getenv(variable);
  return wish != nullptr ? std::atoi(wish) : usual;
}

std::vector<std::string> command(const Workspace& workspace) {
  return {SLOTMILL, "run", "-q", workspace.path("job.yaml").string()};
}

/// Of three intents, so many that about 85 % of the requests' utterances are needed.
std::size_t rows_wanted(int requests, int per_request) {
  return static_cast<std::size_t>(requests * per_request * 85 / 100 / 3) * 3;
}

/// Writes a job that needs about so many requests.
void write_job(const Workspace& workspace, const Provider& provider, int requests, int per_request) {
  std::string job =
      remote_job(provider.base_url(), static_cast<int>(rows_wanted(requests, per_request) / 3),
                 "timeout: 2s, deadline: 1m, limits: {in_flight: " + std::to_string(kInFlight) + "}");
  const std::string usual = "per_request: 8";
  job.replace(job.find(usual), usual.size(), "per_request: " + std::to_string(per_request));
  workspace.write("job.yaml", job);
}

double run_seconds(const Workspace& workspace, const Provider& provider, int requests) {
  write_job(workspace, provider, requests, 8);
  const auto begin = std::chrono::steady_clock::now();
  Process process(command(workspace));
  EXPECT_EQ(process.wait(kLongestSeconds), 0) << process.errors();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

TEST(ProviderMix, EveryAttemptHasOneOutcomeAndAllQuotasAreMet) {
  const int requests = requests_wanted("SLOTMILL_FAULT_REQUESTS", 1000);
  const std::vector<std::string> latency{"--latency", "log-normal:200:0.4", "--seed", "3"};
  std::vector<std::string> faults = latency;
  faults.insert(faults.end(), {"--mode-rate", "passing:0.2,lost:0.05,odd:0.05"});
  const Provider mixed(faults);
  const Workspace workspace;
  const double with = run_seconds(workspace, mixed, requests);
  EXPECT_EQ(workspace.rows("out/remote").size(), rows_wanted(requests, 8));
  const Outcomes outcomes = read_outcomes(workspace);
  expect_one_outcome_each(mixed, outcomes);
  std::printf("%.1f s, %lld requests, %zu replies, %zu failed\n", with,
              static_cast<long long>(mixed.statistic("/requests")), outcomes.replies, outcomes.failed);
  if (std::getenv("SLOTMILL_FAULT_REQUESTS") == nullptr) return;

  const Provider calm(latency);
  const Workspace undisturbed;
  const double without = run_seconds(undisturbed, calm, requests);
  std::printf("%.1f s and %lld requests without faults: ratio %.2f\n", without,
              static_cast<long long>(calm.statistic("/requests")), with / without);
}

TEST(ProviderMix, BurstsOf503LoseNothing) {
  const Provider provider({"--delay-ms", "10", "--burst-status", "503:100:10"});
  const Workspace workspace;
  run_seconds(workspace, provider, 300);
  expect_one_outcome_each(provider, read_outcomes(workspace));
}

struct Sample {
  std::int64_t requests = 0;
  std::size_t resident = 0;     // bytes
  std::size_t descriptors = 0;  // open
};

Sample sample(const Process& process, const Provider& provider) {
  const std::filesystem::path proc = "/proc/" + std::to_string(process.id());
  Sample now;
  now.requests = provider.statistic("/requests");
  std::ifstream status(proc / "status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmRSS:")) now.resident = std::stoull(line.substr(6)) << 10;
  std::error_code gone;
  for (auto entry = std::filesystem::directory_iterator(proc / "fd", gone); !gone && entry != end(entry);
       entry.increment(gone))
    ++now.descriptors;
  return now;
}

// Sanitizers keep freed memory for a while.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

// A row and its reply may cost what ARCHITECTURE.md says, some 130 bytes; the rest is room for the allocator.
TEST(ProviderMix, MemoryAndDescriptorsStayWhereTheyAre) {
  constexpr std::size_t kBytesPerRequest = 400;
  constexpr std::size_t kRoom = std::size_t{16} << 20;
  constexpr std::size_t kOwnDescriptors = 40;
  const int requests = requests_wanted("SLOTMILL_SOAK_REQUESTS", 3000);
  const Provider provider({"--latency", "log-normal:5:0.5", "--mode-rate", "passing:0.05,lost:0.1,odd:0.15"});
  const Workspace workspace;
  write_job(workspace, provider, requests, 1);
  Process process(command(workspace));
  std::vector<Sample> samples;
  while (process.running()) {
    if (const Sample now = sample(process, provider); now.resident > 0) samples.push_back(now);
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  EXPECT_EQ(process.wait(), 0) << process.errors();
  ASSERT_FALSE(samples.empty());
  expect_one_outcome_each(provider, read_outcomes(workspace));

  std::size_t most_descriptors = 0;
  for (const Sample& s : samples) most_descriptors = std::max(most_descriptors, s.descriptors);
  EXPECT_LE(most_descriptors, kInFlight + kOwnDescriptors);
  const auto warm = std::find_if(samples.begin(), samples.end() - 1,
                                 [&](const Sample& s) { return s.requests * 5 > requests; });
  const Sample& last = samples.back();
  if (!kSanitized) {
    EXPECT_LE(last.resident, warm->resident + kRoom +
                                 kBytesPerRequest * static_cast<std::size_t>(last.requests - warm->requests));
  }
  std::printf("%zu MiB after %lld requests, %zu MiB after %lld; at most %zu descriptors\n",
              warm->resident >> 20, static_cast<long long>(warm->requests), last.resident >> 20,
              static_cast<long long>(last.requests), most_descriptors);
}

}  // namespace
}  // namespace cli_testing
