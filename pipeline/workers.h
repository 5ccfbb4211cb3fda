// How many of oneTBB's workers take part. A worker that has run out of tasks looks for more for a while
// (yielding, up to some hundred microseconds) before it sleeps. Where replies come one by one, each wakes all
// of them, and two spend more on looking than on replies: 400 CPU ms per 1,000 replies instead of 270 with 64
// in flight. So one works alone as long as it keeps up with what arrives, all when it doesn't; and none where
// there is so little to do that the thread which brings a reply does the rest with it.
#pragma once

#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <mutex>
#include <optional>

namespace pipeline {

class Workers {
 public:
  using Moment = std::chrono::steady_clock::time_point;

  /// At most `most`, beside the thread that waits for them. 0: one, and whoever has a task does it.
  Workers(std::size_t most, Moment now);

  tbb::task_arena& arena() { return arena_; }

  /// Any thread: there is a task more, there is one less.
  void begin(Moment now);
  void end(Moment now);
  /// One thread at a time, often: none, one or all from now on, by the share of the last period with a task
  /// to do.
  void adjust(Moment now);
  /// Any thread: none is needed, whoever has a task does it.
  bool rest() const { return rest_; }
  /// All, until the next adjust().
  void call_all() { alone_.reset(); }

 private:
  /// The share of the period that ends now; begins another one.
  std::optional<double> busy_share(Moment now);

  const bool always_rest_;
  const tbb::global_control most_;
  tbb::task_arena arena_;
  std::optional<tbb::global_control> alone_;
  std::atomic<bool> rest_{false};

  std::mutex mutex_;  // guards all below
  std::size_t tasks_ = 0;
  Moment busy_since_;
  Moment period_began_;
  std::chrono::nanoseconds busy_{0};  // of the period, until busy_since_
};

}  // namespace pipeline
