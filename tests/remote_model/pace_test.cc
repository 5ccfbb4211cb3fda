#include "remote_model/pace.h"

#include <gtest/gtest.h>

#include <cmath>
#include <deque>

#include "base/hash.h"

namespace remote_model {
namespace {

using base::Milliseconds;
using namespace std::chrono_literals;

TEST(Pace, NothingHoldsBackAtFirst) {
  Pace pace(16);
  for (std::uint64_t i = 0; i < 1000; ++i) EXPECT_EQ(pace.sent(7ms), i);
  EXPECT_LE(pace.opens(), 0ms);
}

TEST(Pace, FillsTheWindowOverOneLatencyASecondAtMost) {
  const struct {
    Milliseconds latency;
    Milliseconds fills;
  } cases[] = {{200ms, 200ms}, {30'000ms, 1000ms}, {0ms, 1ms}};
  for (const auto& c : cases) {
    Pace pace(50);
    pace.fill(100ms, c.latency);
    Milliseconds now = 100ms;
    for (int i = 0; i < 50; ++i) {
      now = std::max(now, pace.opens());
      pace.sent(now);
    }
    EXPECT_NEAR(static_cast<double>((now - 100ms).count()), static_cast<double>(c.fills.count()) * 0.98, 3);
    EXPECT_LE(pace.opens(), now) << "no pace after that";
  }
}

TEST(Pace, StrayRefusalsSlowNobodyDown) {
  for (const std::size_t window : {16U, 64U, 1024U}) {
    Pace pace(window);
    for (int i = 0; i < 20'000; ++i) {
      const Milliseconds now(1000 + i);
      const std::uint64_t number = pace.sent(now);
      if (base::unit_interval(base::mix(5, number)) < 0.1) pace.refused(now + 5ms, number, now, false);
      ASSERT_LE(pace.opens(), now) << window;
    }
  }
}

TEST(Pace, RefusalsThatComeBeforeAnyAnswerAreCountedByWhatWasSent) {
  // A thousand at once, and the refusals of a tenth of them come back first.
  Pace pace(1024);
  for (int i = 0; i < 1024; ++i) pace.sent(1000ms);
  for (std::uint64_t number = 0; number < 1024; number += 10)
    EXPECT_EQ(pace.refused(1005ms, number, 1000ms, false), Pace::Refusal::stray);
}

TEST(Pace, AWallIsSeenAfterAFewRefusals) {
  const struct {
    std::size_t in_flight;
    int most;
  } cases[] = {{1, 4}, {4, 4}, {8, 7}, {16, 13}, {1024, 24}};
  for (const auto& c : cases) {
    Pace pace(c.in_flight);
    int refusals = 0;
    for (Pace::Refusal said = Pace::Refusal::stray; said != Pace::Refusal::wall; ++refusals) {
      ASSERT_LE(refusals, c.most) << c.in_flight;
      const Milliseconds now(1000 + refusals);
      said = pace.refused(now, pace.sent(now), now, false);
    }
    EXPECT_EQ(refusals, c.most) << c.in_flight;
  }
}

TEST(Pace, ASecondRefusalIsEnoughWhereNothingPassedBefore) {
  Pace pace(64);
  EXPECT_EQ(pace.refused(1000ms, pace.sent(1000ms), 1000ms, true), Pace::Refusal::stray);
  EXPECT_EQ(pace.refused(1001ms, pace.sent(1001ms), 1001ms, true), Pace::Refusal::wall);
}

TEST(Pace, FindsACapAndStaysAtIt) {
  for (const double cap : {0.4, 10.0, 160.0, 1000.0}) {  // a second
    Pace pace(64);
    double level = 4;
    double filled = 0;
    double passed = 0;
    int refused = 0;
    Milliseconds now = 0ms;
    const Milliseconds end(static_cast<Milliseconds::rep>(4000 / cap * 1000));
    std::deque<std::pair<std::uint64_t, Milliseconds>> refusals;  // known 5 ms later
    while (now < end) {
      while (!refusals.empty() && refusals.front().second + 5ms <= now) {
        const auto [number, sent] = refusals.front();
        refusals.pop_front();
        pace.refused(now, number, sent, false);
      }
      if (pace.opens() <= now) {
        const std::uint64_t number = pace.sent(now);
        const auto ms = static_cast<double>(now.count());
        level = std::min(4.0, level + (ms - filled) * cap / 1000);
        filled = ms;
        if (level >= 1) {
          level -= 1;
          ++passed;
        } else {
          refusals.emplace_back(number, now);
          ++refused;
        }
      }
      now += std::max(1ms, std::min(pace.opens() - now, 5ms));
    }
    EXPECT_GE(passed, 4000 * 0.93) << cap;
    EXPECT_LE(refused, 4000 * 0.12) << cap;
  }
}

}  // namespace
}  // namespace remote_model
