// How many requests at once a server makes use of. One that computes some at a time and queues the rest gives
// the same answers a second with fewer on their way, and none of them times out in its queue. Pure: told the
// times; the owner's lock guards it.
//
// Latency alone can't tell a queue: a server that batches answers each request more slowly the more there
// are, and all of them faster. So it is tried: three quarters of the window for a round (a window to settle,
// then two windows, at least 128 answers, measured). If the answers a second stay the same (93 % of the whole
// window's, however often it shrinks), the smaller window stays and the next try follows at once; else the
// window is as before, and the next try comes after 8, then 16, then 32 rounds … A smaller window is tried at
// four thirds in turn, and grows if a tenth more answers come. Tried is only what might be a queue: the
// window was full throughout, and the mean latency is half as much again as the least ever seen. When all
// time out, the window is halved at once. Gradients of latency (Vegas, gradient2) were simulated too: they
// take a batching server's slope for a queue.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/clock.h"

namespace remote_model {

class Knee {
 public:
  explicit Knee(std::size_t in_flight);

  std::size_t window() const { return window_; }
  /// `full`: the window was full when the answer came.
  void answered(base::Milliseconds now, base::Milliseconds latency, bool full);
  /// Nothing is answered in time any more.
  void halve();

 private:
  enum class Trial { none, fewer, more };
  void end_round(double rate, double mean_latency);
  void begin_trial();

  std::size_t in_flight_;
  std::size_t window_;
  std::size_t kept_;  // the window outside of trials
  Trial trial_ = Trial::none;
  Trial next_trial_ = Trial::fewer;
  int wait_;              // rounds until then
  int next_wait_;         // after a trial that fails
  double rate_ = 0;       // answers per ms, of the last round with window kept_
  double best_rate_ = 0;  // of the largest window that paid
  double least_latency_ = 0;

  std::size_t seen_ = 0;  // answers of this round
  base::Milliseconds measured_from_{0};
  double latencies_ = 0;  // their sum, since then
};

}  // namespace remote_model
