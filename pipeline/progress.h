// What a run shows while it goes on. Counters only: written by the graph, read by whoever draws them.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "validators/verdict.h"

namespace pipeline {

struct LaneProgress {
  std::atomic<std::int64_t> accepted{0};
  std::atomic<std::int64_t> passed{0};      // valid: accepted and surplus
  std::atomic<std::int64_t> candidates{0};  // asked for by committed attempts
  // The most frequent reason why candidates were rejected (validators::Verdict); accepted: none was.
  std::atomic<validators::Verdict> reason{validators::Verdict::accepted};
};

struct Progress {
  explicit Progress(std::size_t lane_count) : lanes(lane_count) {}

  std::vector<LaneProgress> lanes;  // in the order of the plan
  std::atomic<std::int64_t> in_flight{0};
  std::atomic<std::int64_t> replies{0};  // received in this call
  std::atomic<std::int64_t> reused{0};   // taken from the journal
  std::atomic<std::int64_t> prompt_tokens{0};
  std::atomic<std::int64_t> completion_tokens{0};
  // At providers, of all models that are asked in batches.
  std::atomic<std::size_t> batches{0};
  std::atomic<std::size_t> batch_requests{0};
  std::atomic<std::size_t> batch_done{0};
};

}  // namespace pipeline
