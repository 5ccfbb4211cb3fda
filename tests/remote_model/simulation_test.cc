// What the gate promises, on servers that don't exist (simulation.h). bench/limits_simulation.cc has more of
// it.
#include "tests/remote_model/simulation.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace remote_model {
namespace {

GateSpec places(std::size_t in_flight) {
  GateSpec spec;
  spec.in_flight = in_flight;
  return spec;
}

class LimitsSimulation : public testing::TestWithParam<std::size_t> {};
INSTANTIATE_TEST_SUITE_P(Windows, LimitsSimulation, testing::Values(16, 64, 256, 1024));

TEST_P(LimitsSimulation, ANamedLimitIsUsedWithoutRefusals) {
  GateSpec spec = places(GetParam());
  spec.requests_per_minute = 600;
  ApiSpec server;
  server.median_ms = 1000;
  server.sigma = 0.3;
  server.per_second = 10;
  server.burst = 3;
  const SimulationResult result = simulate(spec, *make_api(server), 100'000, 7);
  EXPECT_EQ(result.replies, 100'000U);
  EXPECT_EQ(result.refused, 0U);
  EXPECT_GE(10'000 / result.seconds, 0.97);
}

TEST_P(LimitsSimulation, ATokenLimitIsUsed) {
  GateSpec spec = places(GetParam());
  spec.tokens_per_minute = 330'000;  // ten requests a second, once it is known what they need
  ApiSpec server;
  server.median_ms = 1000;
  const SimulationResult result = simulate(spec, *make_api(server), 20'000, 7);
  EXPECT_EQ(result.replies, 20'000U);
  EXPECT_GE(2'000 / result.seconds, 0.97);
  EXPECT_LE(2'000 / result.seconds, 1.0);
}

TEST_P(LimitsSimulation, AHiddenCapIsFoundWithoutAStorm) {
  for (const double retry_after_ms : {0.0, 1000.0}) {
    ApiSpec server;
    server.sigma = 0.5;
    server.per_second = 160;
    server.burst = 16;
    server.retry_after_ms = retry_after_ms;
    const SimulationResult result = simulate(places(GetParam()), *make_api(server), 20'000, 7);
    EXPECT_EQ(result.replies, 20'000U);
    const double best = std::max(125.0, 20'000 / static_cast<double>(GetParam()) * 0.227);
    EXPECT_GE(best / result.seconds, 0.96);
    EXPECT_LE(result.refused, 800U) << "4 %";
    EXPECT_LE(result.most_refused_in_a_second, 80U);
  }
}

TEST_P(LimitsSimulation, StrayRefusalsCostOnlyThemselves) {
  ApiSpec server;
  server.sigma = 0.3;
  server.stray_share = 0.1;
  server.retry_after_ms = 1000;
  const std::size_t requests = 1000 * GetParam();
  const SimulationResult result = simulate(places(GetParam()), *make_api(server), requests, 7);
  EXPECT_EQ(result.replies, requests);
  const double best = static_cast<double>(requests) / static_cast<double>(GetParam()) * 0.2092;
  EXPECT_GE(best / result.seconds, 0.94);
}

TEST_P(LimitsSimulation, ACapAmongStrayRefusals) {
  ApiSpec server;
  server.stray_share = 0.1;
  server.per_second = 160;
  server.burst = 16;
  server.retry_after_ms = 1000;
  const SimulationResult result = simulate(places(GetParam()), *make_api(server), 20'000, 7);
  EXPECT_EQ(result.replies, 20'000U);
  const double best = std::max(125.0, 20'000 / static_cast<double>(GetParam()) * 0.2);
  EXPECT_GE(best / result.seconds, 0.85);
}

TEST_P(LimitsSimulation, AnOutageIsNotMultiplied) {
  ApiSpec server;
  server.down_from_ms = 2'000;
  server.down_until_ms = 62'000;
  const std::size_t requests = 50 * GetParam();
  const SimulationResult result = simulate(places(GetParam()), *make_api(server), requests, 7);
  EXPECT_EQ(result.replies, requests);
  EXPECT_LE(result.broken, 4 * GetParam() + 30);
}

TEST(LimitsSimulation, AnEngineIsGivenWhatItUses) {
  EngineSpec server;
  server.slots = 32;
  server.alone_ms = 2000;
  server.sigma = 0.3;
  for (const std::size_t in_flight : {64U, 256U}) {
    const SimulationResult result = simulate(places(in_flight), *make_engine(server), 40'000, 7);
    EXPECT_GE(40'000 / 32 * 2.092 / result.seconds, 0.95) << in_flight;
    EXPECT_LE(result.last_window, 60U) << in_flight;
  }
}

TEST(LimitsSimulation, ABatchingEngineIsNotTakenForAQueue) {
  // Each request takes four times as long when all slots are busy; all of them are worth it.
  EngineSpec server;
  server.slots = 64;
  server.alone_ms = 500;
  server.slowdown = 4;
  server.sigma = 0.3;
  const SimulationResult result = simulate(places(64), *make_engine(server), 40'000, 7);
  EXPECT_GE(40'000.0 / 64 * 2.092 / result.seconds, 0.9);
}

TEST(LimitsSimulation, AFullQueueIsACap) {
  EngineSpec server;
  server.slots = 32;
  server.queue = 32;
  for (const std::size_t in_flight : {256U, 1024U}) {
    const SimulationResult result = simulate(places(in_flight), *make_engine(server), 10'000, 7);
    EXPECT_EQ(result.replies, 10'000U);
    EXPECT_GE(10'000.0 / 32 * 2 / result.seconds, 0.85) << in_flight;
    EXPECT_LE(result.refused, 2'000U) << in_flight;
  }
}

}  // namespace
}  // namespace remote_model
