#include "validators/duplicates/lane_index.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace validators {
namespace {

base::Hash128 text(std::uint64_t i) { return {base::mix(i, 1), base::mix(i, 2)}; }

TEST(LaneIndex, FindsTextsExactly) {
  LaneIndex index;
  EXPECT_FALSE(index.find(text(0)));
  for (std::uint32_t i = 0; i < 20'000; ++i) {
    ASSERT_FALSE(index.find(text(i)));
    ASSERT_EQ(index.add(text(i), i), i);
  }
  EXPECT_EQ(index.size(), 20'000u);
  for (std::uint32_t i = 0; i < 20'000; ++i) ASSERT_EQ(index.find(text(i)), i);
  for (std::uint32_t i = 20'000; i < 40'000; ++i) ASSERT_FALSE(index.find(text(i)));
}

TEST(LaneIndex, TellsTextsApartThatShareSlotAndTag) {
  LaneIndex index;
  const base::Hash128 a{0x1100000000000001, 5};
  const base::Hash128 b{0x1100000000000002, 5};
  const base::Hash128 c{0x1100000000000001, 5 + (std::uint64_t{1} << 40)};
  EXPECT_EQ(index.add(a, 1), 0u);
  EXPECT_FALSE(index.find(b));
  EXPECT_EQ(index.add(b, 1), 1u);
  EXPECT_FALSE(index.find(c));
  EXPECT_EQ(index.find(a), 0u);
  EXPECT_EQ(index.find(b), 1u);
}

TEST(LaneIndex, CountsTemplates) {
  LaneIndex index;
  std::map<std::uint64_t, std::uint32_t> expected;
  for (std::uint64_t i = 0; i < 10'000; ++i) {
    const std::uint64_t hash = base::mix(i % 3'000);
    index.add(text(i), hash);
    ++expected[hash];
  }
  for (const auto& [hash, count] : expected) ASSERT_EQ(index.template_count(hash), count);
  EXPECT_EQ(index.template_count(base::mix(3'000)), 0u);
}

TEST(LaneIndex, AConflictGivesItsPlaceBackButStaysKnown) {
  LaneIndex index;
  index.add(text(1), 42);
  index.add(text(2), 42);
  index.release_template(42);
  EXPECT_EQ(index.template_count(42), 1u);
  EXPECT_EQ(index.find(text(1)), 0u);
  index.release_template(42);
  index.release_template(42);
  EXPECT_EQ(index.template_count(42), 0u);
  index.release_template(99);
  EXPECT_EQ(index.template_count(99), 0u);
  index.add(text(3), 42);
  EXPECT_EQ(index.template_count(42), 1u);
}

TEST(LaneIndex, TemplateZeroIsATemplate) {
  LaneIndex index;
  EXPECT_EQ(index.template_count(0), 0u);
  index.add(text(1), 0);
  EXPECT_EQ(index.template_count(0), 1u);
}

TEST(LaneIndex, NeedsAboutThirtyBytesARow) {
  LaneIndex index;
  double most = 0;
  for (std::uint64_t i = 0; i < 400'000; ++i) {
    index.add(text(i), base::mix(i / 2));
    if (i > 1000) most = std::max(most, static_cast<double>(index.memory()) / static_cast<double>(i));
  }
  EXPECT_LT(most, 46);  // just after a table has grown
  EXPECT_LT(static_cast<double>(index.memory()) / 400'000, 34);
}

}  // namespace
}  // namespace validators
