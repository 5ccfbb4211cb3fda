// How well the gate uses what servers bear, in simulated time (tests/remote_model/simulation.h): limits that
// the job names, caps that nobody names, stray refusals, engines that queue, outages.
//
//   limits_simulation
//
// Prints, for several windows, what the best possible sender would need as a share of what was needed, the
// refusals, and how many were on their way at the end.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "tests/remote_model/simulation.h"

namespace {

using namespace remote_model;

void show(const char* what, std::size_t in_flight, double best_seconds, const SimulationResult& r) {
  fmt::print("{:<44} {:>5} {:>9.1f} s {:>6.3f} {:>7} {:>7} {:>7} {:>8.0f} {:>6}\n", what, in_flight,
             r.seconds, best_seconds / r.seconds, r.refused, r.most_refused_in_a_second, r.broken,
             r.mean_latency_ms, r.last_window);
}

void api(const char* what, std::size_t in_flight, std::size_t requests, const ApiSpec& server,
         double requests_per_minute, double tokens_per_minute, double best_seconds) {
  GateSpec gate;
  gate.in_flight = in_flight;
  gate.requests_per_minute = requests_per_minute;
  gate.tokens_per_minute = tokens_per_minute;
  const auto simulated = make_api(server);
  show(what, in_flight, best_seconds, simulate(gate, *simulated, requests, 7));
}

void engine(const char* what, std::size_t in_flight, std::size_t requests, const EngineSpec& server) {
  GateSpec gate;
  gate.in_flight = in_flight;
  const auto simulated = make_engine(server);
  const auto busy = static_cast<double>(std::min(in_flight, server.slots));
  const double mean_ms = server.alone_ms *
                         (1 + (server.slowdown - 1) * busy / static_cast<double>(server.slots)) *
                         std::exp(server.sigma * server.sigma / 2);
  show(what, in_flight, static_cast<double>(requests) / busy * mean_ms / 1000,
       simulate(gate, *simulated, requests, 7));
}

}  // namespace

int main() {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  fmt::print("{:<44} {:>5} {:>11} {:>6} {:>7} {:>7} {:>7} {:>8} {:>6}\n", "", "at 1", "wall", "share",
             "refused", "in 1 s", "broken", "latency", "window");
  for (const std::size_t in_flight : {16U, 64U, 256U, 1024U}) {
    const auto window = static_cast<double>(in_flight);
    // 600 a minute, named in the job; the provider's bucket holds one second's worth.
    api("600 a minute, named, 100,000", in_flight, 100'000, {1000, 0.3, 0, 10, 10, 0, 0, 0}, 600, 0, 10'000);
    api("330,000 tokens a minute, named, 20,000", in_flight, 20'000, {1000, 0.3, 0, 0, 0, 0, 0, 0}, 0,
        330'000, 20'000 / 10.0);
    api("600 a minute, not named, 20,000", in_flight, 20'000, {1000, 0.3, 0, 10, 10, 0, 0, 0}, 0, 0, 2'000);
    api("the same, Retry-After 1", in_flight, 20'000, {1000, 0.3, 0, 10, 10, 1000, 0, 0}, 0, 0, 2'000);
    api("160 a second, burst 16, Retry-After 1, 2,000", in_flight, 2'000, {200, 0, 0, 160, 16, 1000, 0, 0}, 0,
        0, std::max(12.5, 2000 / window * 0.2));
    api("the same, 20,000, latency varies", in_flight, 20'000, {200, 0.5, 0, 160, 16, 1000, 0, 0}, 0, 0,
        std::max(125.0, 20'000 / window * 0.227));
    api("429 on 10 %, Retry-After 1, 2,000", in_flight, 2'000, {200, 0, 0.1, 0, 0, 1000, 0, 0}, 0, 0,
        2000 / window * 0.2);
    api("429 on 10 %, Retry-After 1, 200,000", in_flight, 200'000, {200, 0.5, 0.1, 0, 0, 1000, 0, 0}, 0, 0,
        200'000 / window * 0.227);
    api("160 a second and 429 on 10 %, 20,000", in_flight, 20'000, {200, 0.3, 0.1, 160, 16, 1000, 0, 0}, 0, 0,
        std::max(125.0, 20'000 / window * 0.209));
    api("down for 30 s, 20,000", in_flight, 20'000, {200, 0.3, 0, 0, 0, 0, 2'000, 32'000}, 0, 0,
        30 + 20'000 / window * 0.209);
    engine("32 slots, the rest is queued, 20,000", in_flight, 20'000, {32, 2000, 1, 0.3, 0});
    engine("32 slots, batching (4 times slower), 20,000", in_flight, 20'000, {32, 500, 4, 0.3, 0});
    engine("512 slots, batching (4 times slower), 20,000", in_flight, 20'000, {512, 500, 4, 0.5, 0});
    engine("32 slots, queue of 32, then 503, 20,000", in_flight, 20'000, {32, 2000, 1, 0.3, 32});
  }
  return 0;
}
