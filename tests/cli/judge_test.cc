// A job with a judge, end to end: what it is against, what it reads in bare texts, what the next run asks.
#include <gtest/gtest.h>

#include "base/text.h"
#include "tests/cli/workspace.h"

namespace cli_testing {
namespace {

std::string judged_job(const testing_support::Provider& provider, const std::string& judge,
                       const std::string& judge_model = "max") {
  return remote_job(provider.base_url(), 30,
                    "}\n  - {id: max, provider: openai, model: " + judge_model + ", share: 0, base_url: \"" +
                        provider.base_url() + "\"",
                    judge + "\n");
}

std::size_t lines(const std::string& text) {
  std::size_t count = 0;
  for (const std::string_view line : base::split(text, '\n')) count += line.empty() ? 0 : 1;
  return count;
}

TEST(Judge, RejectsWhatItIsAgainst) {
  const testing_support::Provider provider({"--against-rate", "0.2"});
  const Workspace work;
  work.write("job.yaml", judged_job(provider, "judge: {model: max, use: accept}"));
  const auto run = work.slotmill({"run", work.path("job.yaml").string()});
  ASSERT_EQ(run.code, 0) << run.errors;
  EXPECT_NE(run.errors.find("judged by max (reading): "), std::string::npos) << run.errors;
  EXPECT_NE(run.errors.find("judged_wrong"), std::string::npos);
  const auto rows = work.rows("out/remote");
  EXPECT_EQ(rows.size(), 90U);
  for (const datasets::Row& row : rows)
    EXPECT_EQ(row.votes, (std::vector<datasets::Vote>{{"max", "reading", "yes", {}}}));
  EXPECT_NE(
      work.read("out/remote/rejects.jsonl").find(R"("verdict":"judged_wrong","detail":"max (reading): )"),
      std::string::npos);
  EXPECT_EQ(work.read("out/remote/review.jsonl"), "");
  EXPECT_NE(work.read("out/remote/journal/run.jsonl").find(R"("purpose":"judge")"), std::string::npos);

  const std::int64_t asked = provider.statistic("/requests");
  ASSERT_EQ(work.slotmill({"run", work.path("job.yaml").string()}).code, 0);
  EXPECT_EQ(provider.statistic("/requests"), asked);
  // Another use of the same votes asks nothing, and nothing is rejected any more.
  work.write("job.yaml", judged_job(provider, "judge: {model: max}"));
  ASSERT_EQ(work.slotmill({"run", work.path("job.yaml").string()}).code, 0);
  EXPECT_EQ(provider.statistic("/requests"), asked);
  EXPECT_EQ(work.read("out/remote/rejects.jsonl").find("judged_wrong"), std::string::npos);
  EXPECT_GT(lines(work.read("out/remote/review.jsonl")), 5U);
}

TEST(Judge, ReadsTheBareTextAgain) {
  const testing_support::Provider provider({"--against-rate", "0.2", "--remember"});
  const Workspace work;
  work.write("job.yaml", judged_job(provider, "judge: {model: max, ask: [], round_trip: true, use: accept}"));
  const auto run = work.slotmill({"run", work.path("job.yaml").string()});
  ASSERT_EQ(run.code, 0) << run.errors;
  for (const datasets::Row& row : work.rows("out/remote"))
    EXPECT_EQ(row.votes, (std::vector<datasets::Vote>{{"max", "round_trip", "yes", {}}})) << row.text;
  EXPECT_NE(work.read("out/remote/rejects.jsonl").find("max (round_trip): intent"), std::string::npos);
}

TEST(Judge, OneThatIsDownLeavesPaidRepliesForTheNextRun) {
  const testing_support::Provider provider;
  const Workspace work;
  work.write("job.yaml", judged_job(provider, "judge: {model: max}", "unauthorized"));
  const auto run = work.slotmill({"run", work.path("job.yaml").string()});
  EXPECT_EQ(run.code, 1) << run.errors;
  EXPECT_NE(run.errors.find("stay owed"), std::string::npos) << run.errors;
  work.write("job.yaml", judged_job(provider, "judge: {model: max}"));
  const auto again = work.slotmill({"run", work.path("job.yaml").string()});
  ASSERT_EQ(again.code, 0) << again.errors;
  EXPECT_EQ(work.rows("out/remote").size(), 90U);
  EXPECT_EQ(provider.statistic("/asked_after_answer"), 0);
}

TEST(Judge, StandsInPlanPreviewAndPing) {
  const testing_support::Provider provider;
  const Workspace work;
  work.write("job.yaml", judged_job(provider, "judge: {model: max, round_trip: true}"));
  const auto plan = work.slotmill({"plan", work.path("job.yaml").string(), "--ping"});
  ASSERT_EQ(plan.code, 0) << plan.errors;
  EXPECT_NE(plan.output.find(" requests more, of judges"), std::string::npos) << plan.output;
  EXPECT_NE(plan.output.find(R"({"votes":["1 ok")"), std::string::npos) << plan.output;
  const auto preview = work.slotmill({"preview", work.path("job.yaml").string()});
  EXPECT_NE(preview.output.find("=== judge, reading, model max"), std::string::npos);
  EXPECT_NE(preview.output.find("=== judge, round_trip, model max"), std::string::npos);
}

}  // namespace
}  // namespace cli_testing
