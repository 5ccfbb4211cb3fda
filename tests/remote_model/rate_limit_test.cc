#include "remote_model/rate_limit.h"

#include <gtest/gtest.h>

#include <vector>

namespace remote_model {
namespace {

using base::Milliseconds;
using namespace std::chrono_literals;

TEST(RateLimit, WithoutOneNothingWaits) {
  RateLimit limit(0, 0);
  for (int i = 0; i < 100; ++i) limit.sent(5ms, 1e9);
  EXPECT_EQ(limit.opens(), 0ms);
}

TEST(RateLimit, SpreadsRequestsEvenlyAndUsesAlmostAll) {
  const struct {
    double per_minute;
    int requests;
  } cases[] = {{1, 30}, {600, 5000}, {60'000, 50'000}};
  for (const auto& c : cases) {
    RateLimit limit(c.per_minute, 0);
    std::vector<Milliseconds> sent;
    Milliseconds now = 1'000'000ms;
    for (int i = 0; i < c.requests; ++i) {
      now = std::max(now, limit.opens()) + (i % 7 == 0 ? 2ms : 0ms);  // timers are late
      limit.sent(now, 0);
      sent.push_back(now);
    }
    const double minutes = static_cast<double>((sent.back() - sent.front()).count()) / 60'000;
    const double used = static_cast<double>(c.requests - 1) / minutes / c.per_minute;
    EXPECT_GE(used, 0.97) << c.per_minute;
    EXPECT_LE(used, 1.0) << c.per_minute;
    // In no second more than its share, one, and what a tenth of a second catches up.
    const auto most = static_cast<std::size_t>(c.per_minute / 60 * 1.1 + 2);
    std::size_t first = 0;
    for (std::size_t i = 0; i < sent.size(); ++i) {
      while (sent[i] - sent[first] >= 1000ms) ++first;
      ASSERT_LE(i - first + 1, most) << c.per_minute;
    }
  }
}

TEST(RateLimit, ReservesTokensAndSettlesThem) {
  RateLimit limit(0, 60'000 / RateLimit::kShare);  // one token a millisecond
  const double reserved = limit.estimate(3000, 1200);
  EXPECT_EQ(reserved, 1000 + 1200) << "before the first answer";
  limit.sent(1000ms, reserved);
  const Milliseconds full = limit.opens();
  EXPECT_NEAR(static_cast<double>(full.count()), 1000 + 2200 - RateLimit::kCatchUpMs, 1.5);
  limit.answered(reserved, 3000, {600, 150});
  EXPECT_NEAR(static_cast<double>((full - limit.opens()).count()), 2200 - 750, 1.5);
  EXPECT_NEAR(limit.estimate(1500, 1200), 300 + 150, 0.5) << "as the answers were";
  EXPECT_NEAR(limit.estimate(1500, 100), 300 + 100, 0.5);
}

TEST(RateLimit, MoreThanReservedIsOwed) {
  RateLimit limit(0, 60'000 / RateLimit::kShare);
  limit.sent(1000ms, 100);
  const Milliseconds before = limit.opens();
  limit.answered(100, 300, {100, 900});
  EXPECT_NEAR(static_cast<double>((limit.opens() - before).count()), 900, 1.5);
}

TEST(RateLimit, ARefusalCostsNoTokensAndNoUsageLeavesTheReservation) {
  RateLimit limit(0, 60'000 / RateLimit::kShare);
  limit.sent(1000ms, 500);
  const Milliseconds one = limit.opens();
  limit.sent(1000ms, 500);
  limit.refused(500);
  EXPECT_EQ(limit.opens(), one);
  limit.answered(500, 1000, {});
  EXPECT_EQ(limit.opens(), one);
}

}  // namespace
}  // namespace remote_model
