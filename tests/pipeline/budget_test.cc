#include "pipeline/budget.h"

#include <gtest/gtest.h>

namespace pipeline {
namespace {

TEST(Budget, NeverLetsReservationsPassTheLimit) {
  Budget budget(10, 4);
  EXPECT_TRUE(budget.reserve(5));
  EXPECT_FALSE(budget.reserve(1.5));
  EXPECT_TRUE(budget.reserve(1));
  budget.settle(5, 2);
  EXPECT_DOUBLE_EQ(budget.spent(), 6);
  EXPECT_TRUE(budget.reserve(3));
  EXPECT_FALSE(budget.reserve(0.5));
}

TEST(Budget, WithoutALimitOnlyCounts) {
  Budget budget(0, 0);
  EXPECT_TRUE(budget.reserve(1e9));
  budget.settle(1e9, 3);
  EXPECT_DOUBLE_EQ(budget.spent(), 3);
}

TEST(Budget, PricesArePerMillionTokens) {
  const prompts::Price price{2.4, 9.6, "CNY"};
  EXPECT_DOUBLE_EQ(cost_of(price, {1'000'000, 500'000}), 2.4 + 4.8);
  model::Sampling sampling;
  sampling.max_tokens = 1000;
  EXPECT_DOUBLE_EQ(most_cost_of(price, sampling, 2000), (2.4 * 2000 + 9.6 * 1000) / 1e6);
}

TEST(Budget, ABatchTakesItsDiscountOff) {
  prompts::Price price{2.4, 9.6, "CNY"};
  price.batch_discount = 0.4;
  EXPECT_DOUBLE_EQ(cost_of(price, {1'000'000, 500'000}), 0.6 * (2.4 + 4.8));
  model::Sampling sampling;
  sampling.max_tokens = 1000;
  EXPECT_DOUBLE_EQ(most_cost_of(price, sampling, 2000), 0.6 * (2.4 * 2000 + 9.6 * 1000) / 1e6);
}

}  // namespace
}  // namespace pipeline
