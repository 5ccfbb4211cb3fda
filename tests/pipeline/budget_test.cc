#include "pipeline/budget.h"

#include <gtest/gtest.h>

namespace pipeline {
namespace {

struct Ledger {
  std::vector<double> written;
  Budget::Pledge pledge() {
    return [this](double cost) {
      written.push_back(cost);
      return base::Status{};
    };
  }
};

TEST(Budget, NeverLetsReservationsPassTheLimit) {
  Ledger ledger;
  Budget budget(10, 4, 1, ledger.pledge());
  Charge first;
  Charge second;
  Charge third;
  EXPECT_TRUE(*budget.begin(first, 0, 5));
  EXPECT_FALSE(*budget.begin(second, 0, 1.5));
  EXPECT_TRUE(*budget.begin(second, 0, 1));
  budget.settle(first, 2);
  EXPECT_DOUBLE_EQ(budget.spent(), 6);
  EXPECT_TRUE(*budget.begin(third, 0, 3));
  EXPECT_FALSE(*budget.begin(first, 0, 0.5));
  EXPECT_TRUE(*budget.begin(first, 0, 0));  // what costs nothing may always be sent
}

TEST(Budget, WithoutALimitOnlyCounts) {
  Ledger ledger;
  Budget budget(0, 0, 1, ledger.pledge());
  Charge charge;
  EXPECT_TRUE(*budget.begin(charge, 0, 1e9));
  budget.settle(charge, 3);
  EXPECT_DOUBLE_EQ(budget.spent(), 3);
}

TEST(Budget, WritesDownTheMostThatWasEverOnItsWay) {
  Ledger ledger;
  Budget budget(0, 0, 1, ledger.pledge());
  Charge a;
  Charge b;
  ASSERT_TRUE(*budget.begin(a, 0, 2));
  ASSERT_TRUE(*budget.begin(b, 0, 2));
  budget.settle(a, 1);
  ASSERT_TRUE(*budget.begin(a, 0, 1));
  budget.settle(a, 1);
  budget.settle(b, 1);
  ASSERT_TRUE(budget.close());
  ASSERT_TRUE(budget.close());
  EXPECT_EQ(ledger.written, (std::vector<double>{2, 4, 0}));
}

TEST(Budget, WhatCannotBeWrittenDownIsNotSent) {
  Budget budget(0, 0, 1, [](double) -> base::Status { return base::failed("disk full"); });
  Charge charge;
  const auto granted = budget.begin(charge, 0, 1);
  ASSERT_FALSE(granted);
  EXPECT_EQ(granted.error().message, "disk full");
  EXPECT_TRUE(*budget.begin(charge, 0, 0));
}

TEST(Budget, ATryThatBroughtNothingStaysCharged) {
  Ledger ledger;
  Budget budget(5, 0, 1, ledger.pledge());
  Charge charge;
  ASSERT_TRUE(*budget.begin(charge, 0, 2));
  EXPECT_EQ(charge.lost(), 0);
  EXPECT_TRUE(*budget.again(charge));
  EXPECT_EQ(charge.lost(), 2);
  EXPECT_FALSE(*budget.again(charge));
  EXPECT_EQ(charge.lost(), 2);
  budget.settle(charge, charge.lost() + 1);
  EXPECT_DOUBLE_EQ(budget.spent(), 3);
}

TEST(Budget, SetsMoreAsideForAModelThatCountsMore) {
  Ledger ledger;
  Budget budget(100, 0, 2, ledger.pledge());
  Charge charge;
  ASSERT_TRUE(*budget.begin(charge, 1, 2));
  budget.settle(charge, 5);
  EXPECT_DOUBLE_EQ(budget.excess(1), 2.5);
  ASSERT_TRUE(*budget.begin(charge, 1, 2));
  EXPECT_DOUBLE_EQ(charge.most, 5);
  budget.settle(charge, 4);
  EXPECT_DOUBLE_EQ(budget.excess(1), 2.5);
  ASSERT_TRUE(*budget.begin(charge, 0, 2));
  EXPECT_DOUBLE_EQ(charge.most, 2);
}

TEST(Budget, PricesArePerMillionTokens) {
  prompts::Price price;
  price.input = 2.4;
  price.output = 9.6;
  price.cached_input = 0.4;
  EXPECT_DOUBLE_EQ(cost_of(price, {1'000'000, 500'000}), 2.4 + 4.8);
  EXPECT_DOUBLE_EQ(cost_of(price, {1'000'000, 0, 750'000}), 0.6 + 0.3);
  model::Sampling sampling;
  sampling.max_tokens = 1000;
  EXPECT_DOUBLE_EQ(most_cost_of(price, sampling, 2000), (2.4 * (2000 + kFramingTokens) + 9.6 * 1000) / 1e6);
}

TEST(Budget, WhatAReplyDoesNotSayIsChargedInFull) {
  prompts::Price price;
  price.input = 1e6;
  price.output = 1e6;
  price.cached_input = 5e5;
  model::Sampling sampling;
  sampling.max_tokens = 1000;
  const double input = 100 + kFramingTokens;
  const struct {
    const char* what;
    model::Usage usage;
    const char* body;
    double cost;
  } cases[] = {
      {"all", {50, 20}, "x", 70},
      {"nothing", {}, "x", input + 1000},
      {"no output", {50, 0}, "x", 50 + 1000},
      {"no input", {0, 20}, "x", input + 20},
      {"an empty reply", {50, 0}, "", 50},
      {"cached", {50, 20, 10}, "x", 45 + 20},
      {"more cached than there is", {50, 20, 1000}, "x", 25 + 20},
  };
  for (const auto& c : cases) {
    model::Outcome reply;
    reply.usage = c.usage;
    reply.body = c.body;
    EXPECT_DOUBLE_EQ(reply_cost(price, sampling, 100, reply), c.cost) << c.what;
  }
}

TEST(Budget, ABatchTakesItsDiscountOff) {
  prompts::Price price{2.4, 9.6, 2.4, "CNY", 0.4};
  EXPECT_DOUBLE_EQ(cost_of(price, {1'000'000, 500'000}), 0.6 * (2.4 + 4.8));
  model::Sampling sampling;
  sampling.max_tokens = 1000;
  EXPECT_DOUBLE_EQ(most_cost_of(price, sampling, 2000),
                   0.6 * (2.4 * (2000 + kFramingTokens) + 9.6 * 1000) / 1e6);
}

}  // namespace
}  // namespace pipeline
