#include "remote_model/outage.h"

#include <gtest/gtest.h>

#include "remote_model/retry_policy.h"

namespace remote_model {
namespace {

using base::Milliseconds;
using namespace std::chrono_literals;

constexpr Milliseconds kNever = Milliseconds::max();

Outage well(std::size_t in_flight) {
  Outage outage(in_flight, 5);
  outage.sent();
  EXPECT_TRUE(outage.answered());
  return outage;
}

TEST(Outage, ARowOfFailuresOpensTheBreaker) {
  Outage outage = well(64);
  for (int i = 0; i < Outage::kRow - 1; ++i) EXPECT_FALSE(outage.failed(100ms, 50ms, 200ms));
  EXPECT_FALSE(outage.answered());
  for (int i = 0; i < Outage::kRow - 1; ++i) EXPECT_FALSE(outage.failed(300ms, 250ms, 400ms));
  EXPECT_FALSE(outage.open()) << "an answer stood between";
  EXPECT_TRUE(outage.failed(310ms, 250ms, 400ms));
  EXPECT_TRUE(outage.open());
  EXPECT_EQ(outage.since(), 300ms);
}

TEST(Outage, ProbesOneByOneWithGrowingPauses) {
  Outage outage = well(64);
  for (int i = 0; i < Outage::kRow; ++i) outage.failed(1000ms, 900ms, 1100ms);
  Milliseconds now = outage.opens();
  Milliseconds longest = 0ms;
  for (int probe = 1; probe < 12; ++probe) {
    outage.sent();
    EXPECT_EQ(outage.opens(), kNever);
    outage.failed(now, 950ms, now);
    EXPECT_EQ(outage.opens(), kNever) << "that one was on its way before";
    EXPECT_FALSE(outage.failed(now + 10ms, now, now));
    EXPECT_LE(outage.opens() - now - 10ms, std::min<Milliseconds>(kBackoffCap, kBackoffBase * (1 << probe)));
    longest = std::max(longest, outage.opens() - now);
    now = std::max(now + 10ms, outage.opens());
  }
  EXPECT_GT(longest, 4000ms);
  EXPECT_TRUE(outage.answered());
  EXPECT_FALSE(outage.open());
  EXPECT_EQ(outage.since(), -1ms);
}

TEST(Outage, RetriesAreAShareOfWhatIsAnswered) {
  Outage outage = well(64);
  Milliseconds now = 1'000'000ms;
  for (int i = 0; i < 64; ++i) EXPECT_EQ(outage.take_retry(now), 0ms) << i;
  EXPECT_EQ(outage.take_retry(now), 250ms) << "a sixteenth of the window a second";
  EXPECT_EQ(outage.take_retry(now), 500ms);
  now += 500ms;
  EXPECT_EQ(outage.take_retry(now), 250ms);
  for (int i = 0; i < 10; ++i) outage.earn_retry();
  for (int i = 0; i < 4; ++i) EXPECT_EQ(outage.take_retry(now), 0ms);
  EXPECT_EQ(outage.take_retry(now), 250ms);
}

TEST(Outage, AServerThatAnswersTwoOfThreeIsAskedAgainAtOnce) {
  Outage outage = well(16);
  const Milliseconds now = 1'000'000ms;
  for (int i = 0; i < 3000; ++i) {
    outage.earn_retry();
    outage.earn_retry();
    ASSERT_EQ(outage.take_retry(now), 0ms);
  }
}

TEST(Outage, ASmallWindowRetriesOnceASecond) {
  Outage outage = well(1);
  EXPECT_EQ(outage.take_retry(5000ms), 0ms);
  EXPECT_EQ(outage.take_retry(5000ms), 1000ms);
}

}  // namespace
}  // namespace remote_model
