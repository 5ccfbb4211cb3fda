#include "datasets/split.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace datasets {
namespace {

constexpr int kTemplates = 20000;

std::array<int, 3> count(std::uint64_t seed, const SplitShares& shares) {
  std::array<int, 3> counts{};
  for (int i = 0; i < kTemplates; ++i)
    ++counts[static_cast<std::size_t>(choose_split(seed, "把[device]调到" + std::to_string(i), shares))];
  return counts;
}

TEST(Split, SharesAreMet) {
  const SplitShares cases[] = {
      {0.8, 0.1, 0.1}, {0.5, 0.25, 0.25}, {0, 0.5, 0.5}, {0.9, 0, 0.1}, {0.34, 0.33, 0.33}};
  for (const SplitShares& shares : cases) {
    const auto counts = count(7, shares);
    EXPECT_NEAR(counts[0], shares.train * kTemplates, 300);
    EXPECT_NEAR(counts[1], shares.dev * kTemplates, 300);
    EXPECT_NEAR(counts[2], shares.test * kTemplates, 300);
  }
}

TEST(Split, ASideWithoutAShareIsEmpty) {
  // Sums that come out below 1, as sums of decimal fractions do.
  const double below = 0.9999;
  EXPECT_EQ(count(1, {below, 0, 0}), (std::array<int, 3>{kTemplates, 0, 0}));
  EXPECT_EQ(count(1, {0, below, 0}), (std::array<int, 3>{0, kTemplates, 0}));
  EXPECT_EQ(count(1, {0, 0, below}), (std::array<int, 3>{0, 0, kTemplates}));
  EXPECT_EQ(count(1, {0.5, below - 0.5, 0})[2], 0);
  EXPECT_EQ(count(1, {0.5, 0, below - 0.5})[1], 0);
}

TEST(Split, DependsOnSeedAndTemplateAlone) {
  const SplitShares shares{0.5, 0.25, 0.25};
  int moved = 0;
  for (int i = 0; i < 1000; ++i) {
    const std::string text = std::to_string(i);
    EXPECT_EQ(choose_split(1, text, shares), choose_split(1, text, shares));
    moved += choose_split(1, text, shares) != choose_split(2, text, shares);
  }
  EXPECT_GT(moved, 500);
}

// A larger share of train takes rows from dev and test, and never gives one back.
TEST(Split, GrowingTrainKeepsItsRows) {
  for (int i = 0; i < 2000; ++i) {
    const std::string text = std::to_string(i);
    if (choose_split(3, text, {0.7, 0.15, 0.15}) == Split::train) {
      EXPECT_EQ(choose_split(3, text, {0.8, 0.1, 0.1}), Split::train);
    }
  }
}

// Releases must agree with those that were made before.
TEST(Split, SidesNeverChange) {
  const SplitShares shares{0.4, 0.3, 0.3};
  std::string sides;
  for (int i = 0; i < 24; ++i) sides += split_name(choose_split(7, std::to_string(i), shares))[2];  // a, v, s
  EXPECT_EQ(sides, "vsassvssassavsvvasvasvav");
}

}  // namespace
}  // namespace datasets
