#include "remote_model/gate.h"

#include <gtest/gtest.h>

#include "remote_model/retry_policy.h"

namespace remote_model {
namespace {

using base::Milliseconds;
using namespace std::chrono_literals;

constexpr Milliseconds kNever = Milliseconds::max();
constexpr int kMaxTokens = 1200;

GateSpec places(std::size_t in_flight) {
  GateSpec spec;
  spec.in_flight = in_flight;
  spec.seed = 9;
  return spec;
}

/// The gate after its first answer, with the time of filling the window behind it.
Gate filled(const GateSpec& spec) {
  Gate gate(spec);
  gate.answered(10ms, gate.sent(0ms, 1000, kMaxTokens), {}, 1);
  for (std::size_t i = 0; i < spec.in_flight; ++i) gate.sent(1000ms, 1000, kMaxTokens);
  return gate;
}

TEST(Gate, SendsOneProbeThenFillsTheWindowWithinOneLatency) {
  Gate gate(places(64));
  ASSERT_EQ(gate.opens(0), 0ms);
  const Sending probe = gate.sent(0ms, 1000, kMaxTokens);
  EXPECT_EQ(gate.opens(1), kNever);
  gate.answered(200ms, probe, {}, 1);
  Milliseconds now = 200ms;
  for (std::size_t flying = 0; flying < 64; ++flying) {
    now = std::max(now, gate.opens(flying));
    gate.sent(now, 1000, kMaxTokens);
  }
  EXPECT_GE(now, 380ms);
  EXPECT_LE(now, 400ms);
  EXPECT_EQ(gate.opens(64), kNever);
  EXPECT_LE(gate.opens(63), now) << "from now on a place is all that it takes";
}

TEST(Gate, ARefusedProbeHoldsTheRest) {
  Gate gate(places(64));
  gate.refused(10ms, gate.sent(0ms, 1000, kMaxTokens), 1000ms, 1010ms);
  EXPECT_EQ(gate.opens(0), 1010ms);
  gate.sent(1010ms, 1000, kMaxTokens);
  EXPECT_EQ(gate.opens(1), kNever);
}

TEST(Gate, HoldsTheProbeUntilTheAddressWorks) {
  Gate gate(places(8));
  gate.failed(5ms, gate.sent(0ms, 1000, kMaxTokens), false, 500ms);
  EXPECT_EQ(gate.opens(0), 500ms);
  EXPECT_EQ(gate.outage_since(), -1ms) << "what never was can't be out";
  gate.answered(510ms, gate.sent(500ms, 1000, kMaxTokens), {}, 1);
  EXPECT_LE(gate.opens(0), 510ms);
}

TEST(Gate, PausesForRetryAfterWhenNothingPasses) {
  Gate gate = filled(places(64));
  int refusals = 0;
  while (gate.opens(0) < 3000ms) {
    gate.refused(1100ms, gate.sent(1090ms, 1000, kMaxTokens), 2000ms, 3100ms);
    ASSERT_LT(++refusals, 26);
  }
  EXPECT_GE(gate.opens(0), 3100ms);
  // One that was on its way says nothing new, but a longer wait counts.
  Sending late;
  late.at = 1095ms;
  gate.refused(1200ms, late, 0ms, 1500ms);
  EXPECT_GE(gate.opens(0), 3100ms);
  gate.refused(1300ms, late, 2000ms, 3300ms);
  EXPECT_EQ(gate.opens(0), 3300ms);
}

TEST(Gate, PausesInARowGrowWithoutRetryAfter) {
  Gate gate = filled(places(64));
  Milliseconds now = 2000ms;
  Milliseconds longest = 0ms;
  int refusals = 0;
  while (now < 600'000ms) {
    gate.refused(now, gate.sent(now, 1000, kMaxTokens), 0ms, now);
    ++refusals;
    const Milliseconds next = std::max(now + 1ms, gate.opens(0));
    EXPECT_LE(next - now, kBackoffCap);
    longest = std::max(longest, next - now);
    now = next;
  }
  EXPECT_GT(longest, 20'000ms);
  EXPECT_LT(refusals, 150);
}

TEST(Gate, WaitsForWhatTheServerSays) {
  Gate gate = filled(places(8));
  gate.spent(5000ms);
  gate.spent(4000ms);
  EXPECT_EQ(gate.opens(0), 5000ms);
}

TEST(Gate, ObeysTheJobsLimits) {
  GateSpec spec = places(64);
  spec.requests_per_minute = 600;
  Gate gate = filled(spec);
  const Milliseconds first = gate.opens(0);
  gate.sent(first, 1000, kMaxTokens);
  EXPECT_NEAR(static_cast<double>((gate.opens(1) - first).count()), 101, 1.5);
}

TEST(Gate, SendsOneProbeInAnOutage) {
  Gate gate = filled(places(64));
  std::vector<Sending> sent;
  for (int i = 0; i < 64; ++i) sent.push_back(gate.sent(2000ms, 1000, kMaxTokens));
  for (std::size_t i = 0; i < sent.size(); ++i) {
    EXPECT_EQ(gate.outage_since(), i < Outage::kRow ? -1ms : 2100ms);
    gate.failed(Milliseconds(2100 + static_cast<int>(i)), sent[i], false, 2500ms);
  }
  const Milliseconds due = gate.opens(0);
  ASSERT_GT(due, 2000ms);
  const Sending probe = gate.sent(due, 1000, kMaxTokens);
  EXPECT_EQ(gate.opens(1), kNever);
  gate.answered(due + 100ms, probe, {}, 1);
  EXPECT_EQ(gate.outage_since(), -1ms);
  EXPECT_LE(gate.opens(0), due + 100ms);
  EXPECT_GT(gate.sent(due + 100ms, 1000, kMaxTokens).number, probe.number);
  EXPECT_GT(gate.opens(1), due + 100ms) << "and the window is filled evenly again";
}

TEST(Gate, AnyAnswerEndsAnOutage) {
  for (const bool throttled : {true, false}) {
    Gate gate = filled(places(8));
    for (int i = 0; i < 12; ++i) gate.failed(2100ms, gate.sent(2000ms, 1000, kMaxTokens), false, 2500ms);
    ASSERT_GE(gate.outage_since(), 0ms);
    const Sending probe = gate.sent(gate.opens(0), 1000, kMaxTokens);
    if (throttled)
      gate.refused(5000ms, probe, 0ms, 5100ms);
    else
      gate.heard(5000ms, probe, 5100ms);
    EXPECT_EQ(gate.outage_since(), -1ms);
  }
}

TEST(Gate, StartsOverWithANewServer) {
  Gate gate = filled(places(8));
  for (int i = 0; i < 20; ++i) gate.refused(2010ms, gate.sent(2000ms, 1000, kMaxTokens), 60'000ms, 62'000ms);
  ASSERT_GT(gate.opens(0), 60'000ms);
  gate.start_over();
  EXPECT_EQ(gate.opens(0), 0ms);
}

}  // namespace
}  // namespace remote_model
