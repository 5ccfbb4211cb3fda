// Gate against servers that don't exist, in time that doesn't pass: the owner's loop (send what may be sent,
// take what comes back, try again what was refused) without threads, sockets or clocks. A million requests
// take some seconds. All draws come from a seed.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "remote_model/gate.h"

namespace remote_model {

/// What a server does with a request that arrives.
struct Fate {
  enum class Kind { reply, refused, broken };
  Kind kind = Kind::reply;
  double after_ms = 0;        // until the client knows
  double retry_after_ms = 0;  // refused: what it says; 0: nothing
};

/// Asked in the order of arrival; `draw` is a well-mixed number.
class SimulatedServer {
 public:
  virtual ~SimulatedServer() = default;
  virtual Fate ask(double now_ms, std::uint64_t draw) = 0;
};

/// Answers after a log-normal time (median, sigma of the logarithm), and refuses within 5 ms: a share at
/// random, and what a bucket doesn't hold.
struct ApiSpec {
  double median_ms = 200;
  double sigma = 0;
  double stray_share = 0;
  double per_second = 0;  // 0: no limit
  double burst = 0;       // of its bucket
  double retry_after_ms = 0;
  double down_from_ms = 0;  // from then to down_until_ms everything breaks
  double down_until_ms = 0;
};
std::unique_ptr<SimulatedServer> make_api(const ApiSpec& spec);

/// Computes up to `slots` requests at once and queues the rest. One takes `alone_ms`, and `slowdown` times as
/// long when all slots are busy, in proportion. Beyond `queue` waiting ones it answers 503; 0: never.
struct EngineSpec {
  std::size_t slots = 32;
  double alone_ms = 2000;
  double slowdown = 1;
  double sigma = 0;
  std::size_t queue = 0;
};
std::unique_ptr<SimulatedServer> make_engine(const EngineSpec& spec);

struct SimulationResult {
  double seconds = 0;
  std::size_t sent = 0;
  std::size_t replies = 0;
  std::size_t refused = 0;
  std::size_t broken = 0;
  std::size_t most_refused_in_a_second = 0;
  double mean_latency_ms = 0;   // of replies
  std::size_t last_window = 0;  // mean number on their way in the last tenth of the replies
  std::vector<std::size_t> replies_by_second;
};

/// Fills the gate's window with `requests` requests, twice in_flight of them at hand at a time.
SimulationResult simulate(const GateSpec& spec, SimulatedServer& server, std::size_t requests,
                          std::uint64_t seed);

}  // namespace remote_model
