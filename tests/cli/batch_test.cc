// `mode: batch` with the whole program: a provider's batch API in this process, whose answers come from the
// loopback provider, and a client that is killed at every step.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <csignal>

#include "tests/cli/workspace.h"
#include "tests/support/batch_provider.h"

namespace cli_testing {
namespace {

using ::testing::HasSubstr;
using testing_support::BatchProvider;
using testing_support::Process;

class BatchRun : public ::testing::Test {
 protected:
  BatchRun()
      : batches_([this](const std::string&, const std::string& body) {
          httplib::Client client("127.0.0.1", chat_.port());
          const auto answer = client.Post("/v1/chat/completions", body, "application/json");
          return answer ? BatchProvider::Answer{answer->status, answer->body} : BatchProvider::Answer{-1, ""};
        }) {
    workspace_.write("job.yaml", remote_job(batches_.base_url(), 30,
                                            "mode: batch, price: {input: 2, output: 8, currency: CNY}"));
  }
  testing_support::Finished run(std::vector<std::string> options = {}) const {
    options.insert(options.begin(), "run");
    options.push_back(job());
    return workspace_.slotmill(options);
  }
  std::string job() const { return workspace_.path("job.yaml").string(); }
  void expect_nothing_twice() const {
    for (const auto& [id, times] : batches_.submitted()) EXPECT_EQ(times, 1) << id;
  }

  const testing_support::Provider chat_;
  BatchProvider batches_;
  const Workspace workspace_;
};

TEST_F(BatchRun, KilledAtEveryStepSubmitsNothingTwiceAndEndsWithTheSameBytes) {
  for (const char* step : {"file", "filed", "batch", "created", "look", "results", "fetched"}) {
    batches_.pause(step);
    Process process({SLOTMILL, "run", job()});
    ASSERT_TRUE(batches_.wait_paused()) << step << ": " << process.errors();
    process.signal(SIGKILL);
    EXPECT_EQ(process.wait(), 128 + SIGKILL);
    batches_.release();
  }
  const auto finished = run();
  EXPECT_EQ(finished.code, 0) << finished.errors;
  EXPECT_EQ(workspace_.rows("out/remote").size(), 90U);
  expect_nothing_twice();

  const Workspace direct;
  direct.write("job.yaml", remote_job(chat_.base_url(), 30));
  ASSERT_EQ(direct.slotmill({"run", direct.path("job.yaml").string()}).code, 0);
  EXPECT_TRUE(workspace_.results("out/remote") == direct.results("out/remote"));
}

TEST_F(BatchRun, CtrlCLeavesTheBatchAndCancellingEndsIt) {
  batches_.ends("completed", 1000000);
  batches_.pause("look");
  Process process({SLOTMILL, "run", job()});
  ASSERT_TRUE(batches_.wait_paused()) << process.errors();
  process.signal(SIGINT);
  EXPECT_EQ(process.wait(), 130);
  EXPECT_THAT(process.errors(), HasSubstr("are under way; run the same command again to fetch them"));
  batches_.release();

  const auto cancelled = run({"--cancel-batches"});
  EXPECT_THAT(cancelled.errors, HasSubstr("model loop: batch batch_1 is being cancelled"));
  EXPECT_THAT(cancelled.errors, HasSubstr("model loop: batch batch_1 cancelled: "));
  EXPECT_THAT(workspace_.read("out/remote/journal/run.jsonl"), HasSubstr("\"reply\""))
      << "they were finished";
  EXPECT_EQ(batches_.batches(), 1U);
  expect_nothing_twice();
}

TEST_F(BatchRun, WallLeavesTheBatch) {
  batches_.ends("completed", 1000000);
  std::string text = remote_job(batches_.base_url(), 30, "mode: batch");
  text.insert(text.find("candidates_per_row"), "wall: 3s, ");
  workspace_.write("job.yaml", text);
  const auto finished = run();
  EXPECT_EQ(finished.code, 3) << finished.errors;
  EXPECT_THAT(finished.errors, HasSubstr("budget.wall is used up"));
  EXPECT_THAT(finished.errors, HasSubstr("under way; run the same command again"));
}

}  // namespace
}  // namespace cli_testing
