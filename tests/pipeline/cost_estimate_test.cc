#include "pipeline/cost_estimate.h"

#include <gtest/gtest.h>

#include "tests/pipeline/hard_job.h"
#include "tests/support/scratch.h"

namespace pipeline {
namespace {

TEST(CostEstimate, CountsTokensByRuleOfThumb) {
  EXPECT_DOUBLE_EQ(estimated_tokens(""), 0);
  EXPECT_DOUBLE_EQ(estimated_tokens("把主屏"), 3 * 0.7);
  EXPECT_DOUBLE_EQ(estimated_tokens("mute it"), 7 * 0.3);
  EXPECT_DOUBLE_EQ(estimated_tokens("é"), 2 * 0.3);
  EXPECT_DOUBLE_EQ(estimated_tokens("\xFF"), 0.3);
}

class CostEstimateTest : public ::testing::Test {
 protected:
  void SetUp() override {
    job_ = testing::load_hard_job(scratch_.path());
    plan_ = prompts::make_plan(job_).value();
    renderer_.emplace(prompts::Renderer::make(job_).value());
    for (prompts::ModelSpec& model : job_.models) model.price = {2, 8, 1, "CNY"};
  }
  CostEstimate estimate(std::int64_t count) const {
    return estimate_cost(job_, *renderer_, plan_.lanes[0], plan_.lanes[0].cells[0], 0, count);
  }
  const testing_support::Scratch scratch_;
  prompts::Job job_;
  prompts::Plan plan_;
  std::optional<prompts::Renderer> renderer_;
};

TEST_F(CostEstimateTest, LiesBelowTheBoundAndGrowsWithTheRequests) {
  const CostEstimate one = estimate(1);
  EXPECT_GT(one.likely, 0);
  EXPECT_LT(one.likely, one.most);
  const CostEstimate thousand = estimate(1000);
  EXPECT_NEAR(thousand.likely / one.likely, 1000, 200);
  EXPECT_NEAR(thousand.most / one.most, 1000, 200);
  EXPECT_EQ(estimate(0).most, 0);
}

TEST_F(CostEstimateTest, IsNoughtWithoutPrices) {
  for (prompts::ModelSpec& model : job_.models) model.price = {};
  EXPECT_EQ(estimate(10).likely, 0);
  EXPECT_EQ(estimate(10).most, 0);
}

TEST_F(CostEstimateTest, KnowsWhatABatchTakesOff) {
  const CostEstimate whole = estimate(10);
  for (prompts::ModelSpec& model : job_.models) model.price.batch_discount = 0.5;
  EXPECT_NEAR(estimate(10).likely, whole.likely / 2, 1e-12);
  EXPECT_NEAR(estimate(10).most, whole.most / 2, 1e-12);
}

TEST_F(CostEstimateTest, TakesTheLengthFromTheStyle) {
  const double usual = estimate(20).likely;
  job_.style = {{"length", {"60-80"}}};
  renderer_.emplace(prompts::Renderer::make(job_).value());
  EXPECT_GT(estimate(20).likely, usual);
}

}  // namespace
}  // namespace pipeline
