#include "remote_model/gate.h"

#include <gtest/gtest.h>

#include "base/hash.h"
#include "remote_model/retry_policy.h"

namespace remote_model {
namespace {

using base::Milliseconds;
using namespace std::chrono_literals;

TEST(Gate, SendsOneProbeThenTheWholeWindow) {
  Gate gate(64, 1);
  EXPECT_EQ(gate.allowed(0ms), 1U);
  gate.answered(0ms);
  EXPECT_EQ(gate.allowed(200ms), 64U);
}

TEST(Gate, ARefusedProbeHoldsTheRest) {
  Gate gate(64, 1);
  gate.refused(10ms, 0ms, 1000ms, 1);
  EXPECT_EQ(gate.allowed(1009ms), 0U);
  EXPECT_EQ(gate.allowed(1010ms), 1U);
}

TEST(Gate, HoldsTheProbeUntilTheAddressWorks) {
  Gate gate(8, 1);
  gate.hold_probe(500ms);
  EXPECT_EQ(gate.allowed(499ms), 0U);
  EXPECT_EQ(gate.allowed(500ms), 1U);
  gate.answered(500ms);
  gate.hold_probe(900ms);  // too late to hold anything
  EXPECT_EQ(gate.allowed(600ms), 8U);
}

TEST(Gate, StrayRefusalsPauseNobody) {
  for (const std::size_t window : {16U, 64U, 1024U}) {
    Gate gate(window, 1);
    gate.answered(0ms);
    int pauses = 0;
    for (int i = 0; i < 2000; ++i) {
      const Milliseconds now(1000 + i);
      if (gate.allowed(now) == 0) ++pauses;
      if (base::unit_interval(base::mix(5, static_cast<std::uint64_t>(i))) < 0.1)
        gate.refused(now, now - 200ms, 1000ms, window);
      else
        gate.answered(now - 200ms);
    }
    EXPECT_EQ(pauses, 0) << window;
  }
}

TEST(Gate, ACapPausesAndReopensSlowly) {
  Gate gate(64, 1);
  gate.answered(0ms);
  int refusals = 0;
  while (gate.allowed(1000ms) != 0) {
    gate.refused(1000ms, 900ms, 2000ms, 64);
    ++refusals;
  }
  EXPECT_LE(refusals, 14);
  // Those that were on their way say nothing new, but a longer wait counts.
  gate.refused(1100ms, 950ms, 0ms, 50);
  EXPECT_EQ(gate.paused_until(), 3000ms);
  gate.refused(1200ms, 950ms, 2000ms, 50);
  EXPECT_EQ(gate.paused_until(), 3200ms);
  EXPECT_EQ(gate.allowed(3199ms), 0U);
  EXPECT_EQ(gate.allowed(3200ms), 8U);
  for (int i = 0; i < 8; ++i) gate.answered(3200ms);
  EXPECT_EQ(gate.allowed(3400ms), 16U) << "doubles per round trip";
  for (int i = 0; i < 16; ++i) gate.answered(3400ms);
  EXPECT_EQ(gate.allowed(3600ms), 32U);
  for (int i = 0; i < 32; ++i) gate.answered(3600ms);
  EXPECT_EQ(gate.allowed(3800ms), 34U) << "past half of what the cap refused, slowly";
  for (int i = 0; i < 10000; ++i) gate.answered(3800ms);
  EXPECT_EQ(gate.allowed(3800ms), 64U) << "never beyond in_flight";
}

TEST(Gate, PausesInARowGrowWithoutRetryAfter) {
  Gate gate(1, 9);
  gate.answered(0ms);
  Milliseconds now = 1000ms;
  Milliseconds longest = 0ms;
  for (int pause = 0; pause < 12; ++pause) {
    while (gate.allowed(now) != 0) gate.refused(now, now, 0ms, 1);
    const Milliseconds length = gate.paused_until() - now;
    EXPECT_LE(length, std::min<Milliseconds>(kBackoffCap, kBackoffBase * (1 << pause)));
    longest = std::max(longest, length);
    now = gate.paused_until();
  }
  EXPECT_GT(longest, 4000ms);
}

TEST(Gate, StartsOverWithANewServer) {
  Gate gate(8, 1);
  gate.answered(0ms);
  for (int i = 0; i < 8; ++i) gate.refused(10ms, 5ms, 60'000ms, 8);
  ASSERT_EQ(gate.allowed(20ms), 0U);
  gate.start_over();
  EXPECT_EQ(gate.allowed(20ms), 8U);
}

}  // namespace
}  // namespace remote_model
