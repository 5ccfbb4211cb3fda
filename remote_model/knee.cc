#include "remote_model/knee.h"

#include <algorithm>
#include <utility>

namespace remote_model {
namespace {

constexpr std::size_t kLeastMeasured = 128;
constexpr int kFirstWait = 8;
constexpr int kLongestWait = 128;
constexpr double kSameRate = 0.93;  // of what a larger window gave; a quarter less would be 0.75
constexpr double kMoreRate = 1.1;   // a third more would be 1.33
constexpr double kMayQueue = 1.5;   // times the least latency

}  // namespace

Knee::Knee(std::size_t in_flight)
    : in_flight_(in_flight),
      window_(in_flight),
      kept_(in_flight),
      wait_(kFirstWait),
      next_wait_(kFirstWait) {}

void Knee::answered(base::Milliseconds now, base::Milliseconds latency, bool full) {
  const auto ms = static_cast<double>(std::max<base::Milliseconds::rep>(latency.count(), 1));
  least_latency_ = least_latency_ == 0 ? ms : std::min(least_latency_, ms);
  if (!full) {  // what is answered now isn't all that the window gives
    seen_ = 0;
    return;
  }
  ++seen_;
  if (seen_ <= window_) {
    measured_from_ = now;
    latencies_ = 0;
    return;
  }
  latencies_ += ms;
  const std::size_t measured = seen_ - window_;
  if (measured < std::max(2 * window_, kLeastMeasured) || now <= measured_from_) return;
  seen_ = 0;
  end_round(static_cast<double>(measured) / static_cast<double>((now - measured_from_).count()),
            latencies_ / static_cast<double>(measured));
}

void Knee::end_round(double rate, double mean_latency) {
  const Trial trial = std::exchange(trial_, Trial::none);
  const bool won = (trial == Trial::fewer && rate >= kSameRate * best_rate_) ||
                   (trial == Trial::more && rate >= kMoreRate * rate_);
  if (won) {
    kept_ = window_;
    next_wait_ = kFirstWait;
  }
  if (won || trial == Trial::none) {
    rate_ = rate;
    best_rate_ = kept_ == in_flight_ || trial == Trial::more ? rate : std::max(best_rate_, rate);
  } else {
    window_ = kept_;
    wait_ = std::exchange(next_wait_, std::min(2 * next_wait_, kLongestWait));
    next_trial_ = trial == Trial::fewer ? Trial::more : Trial::fewer;
  }
  const bool may_queue = kept_ < in_flight_ || mean_latency > kMayQueue * least_latency_;
  if (won || (--wait_ < 0 && may_queue)) begin_trial();
}

void Knee::begin_trial() {
  if (in_flight_ == 1) return;
  if (kept_ == in_flight_) next_trial_ = Trial::fewer;
  if (kept_ == 1) next_trial_ = Trial::more;
  trial_ = next_trial_;
  window_ = trial_ == Trial::more ? std::min(in_flight_, kept_ + std::max<std::size_t>(kept_ / 3, 1))
                                  : kept_ - std::max<std::size_t>(kept_ / 4, 1);
}

void Knee::halve() {
  kept_ = window_ = std::max<std::size_t>(1, kept_ / 2);
  trial_ = Trial::none;
  next_trial_ = Trial::more;
  wait_ = 0;
  seen_ = 0;
}

}  // namespace remote_model
