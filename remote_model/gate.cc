#include "remote_model/gate.h"

#include <algorithm>

#include "remote_model/retry_policy.h"

namespace remote_model {
namespace {

// One refusal in ten keeps the share at 0.1 with a standard deviation of 0.04 (32 and more in flight);
// a full refusal brings it from 0 past 0.35 in 14 answers.
constexpr double kCapShare = 0.35;
// Where the share starts after a pause: two refusals without an answer between pause again.
constexpr double kShareAfterPause = 0.9 * kCapShare;
constexpr double kSlowGrowth = 1.0 / 16;

double fewest(std::size_t in_flight) { return std::max(1.0, static_cast<double>(in_flight) / 8); }

}  // namespace

Gate::Gate(std::size_t in_flight, std::uint64_t seed)
    : in_flight_(in_flight),
      weight_(1.0 / static_cast<double>(std::clamp<std::size_t>(in_flight, 4, 32))),
      seed_(seed),
      window_(static_cast<double>(in_flight)),
      fast_until_(window_) {}

std::size_t Gate::allowed(base::Milliseconds now) const {
  if (now < paused_until_) return 0;
  return answered_ever_ ? static_cast<std::size_t>(window_) : 1;
}

void Gate::answered(base::Milliseconds sent) {
  answered_ever_ = true;
  share_ *= 1 - weight_;
  if (sent < paused_until_) return;  // sent before the pause: says nothing about the time after it
  pauses_ = 0;
  window_ = std::min(static_cast<double>(in_flight_), window_ + (window_ < fast_until_ ? 1 : kSlowGrowth));
}

void Gate::refused(base::Milliseconds now, base::Milliseconds sent, base::Milliseconds retry_after,
                   std::size_t on_their_way) {
  if (sent < paused_until_) {  // one of those that were on their way when the pause began
    if (now < paused_until_ && retry_after.count() > 0) pause(now + retry_after);
    return;
  }
  share_ += weight_ * (1 - share_);
  if (answered_ever_ && share_ <= kCapShare) return;
  fast_until_ = std::max(fewest(in_flight_), static_cast<double>(on_their_way) / 2);
  window_ = fewest(in_flight_);
  share_ = kShareAfterPause;
  pause(now + (retry_after.count() > 0 ? retry_after : backoff(pauses_, seed_)));
  ++pauses_;
}

void Gate::hold_probe(base::Milliseconds until) {
  if (!answered_ever_) pause(until);
}

void Gate::start_over() {
  paused_until_ = base::Milliseconds(0);
  share_ = 0;
  window_ = fast_until_ = static_cast<double>(in_flight_);
  pauses_ = 0;
}

void Gate::pause(base::Milliseconds until) { paused_until_ = std::max(paused_until_, until); }

}  // namespace remote_model
