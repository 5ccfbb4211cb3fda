#include "remote_model/gate.h"

#include <algorithm>

#include "remote_model/retry_policy.h"

namespace remote_model {

Gate::Gate(const GateSpec& spec)
    : spec_(spec),
      limit_(spec.requests_per_minute, spec.tokens_per_minute),
      pace_(spec.in_flight),
      knee_(spec.in_flight),
      outage_(spec.in_flight, spec.seed) {}

base::Milliseconds Gate::opens(std::size_t on_their_way) const {
  if (on_their_way >= knee_.window()) return base::Milliseconds::max();
  const base::Milliseconds time = std::max({paused_until_, spent_until_, limit_.opens(), pace_.opens()});
  return outage_.open() ? std::max(time, outage_.opens()) : time;
}

Sending Gate::sent(base::Milliseconds now, std::size_t prompt_bytes, int max_tokens) {
  Sending sending{pace_.sent(now), now, prompt_bytes, limit_.estimate(prompt_bytes, max_tokens)};
  limit_.sent(now, sending.tokens);
  outage_.sent();
  return sending;
}

void Gate::answered(base::Milliseconds now, const Sending& sending, const model::Usage& usage,
                    std::size_t on_their_way) {
  limit_.answered(sending.tokens, sending.prompt_bytes, usage);
  knee_.answered(now, now - sending.at, on_their_way >= knee_.window());
  outage_.earn_retry();
  if (sending.at >= paused_until_) pauses_ = 0;
  if (outage_.answered()) pace_.fill(now, now - sending.at);
}

void Gate::refused(base::Milliseconds now, const Sending& sending, base::Milliseconds retry_after,
                   base::Milliseconds due) {
  limit_.refused(sending.tokens);
  heard(now, sending, due);
  if (!answered_ever()) return;
  if (sending.at < paused_until_) {  // one of those that were on their way when the pause began
    if (now < paused_until_) paused_until_ = std::max(paused_until_, now + retry_after);
    return;
  }
  if (pace_.refused(now, sending.number, sending.at, pauses_ > 0) != Pace::Refusal::wall) return;
  paused_until_ = now + (retry_after.count() > 0 ? retry_after : backoff(pauses_, spec_.seed));
  ++pauses_;
}

void Gate::failed(base::Milliseconds now, const Sending& sending, bool timed_out, base::Milliseconds due) {
  if (outage_.failed(now, sending.at, due) && timed_out) knee_.halve();
}

void Gate::heard(base::Milliseconds now, const Sending& sending, base::Milliseconds due) {
  if (answered_ever())
    outage_.answered();
  else
    outage_.failed(now, sending.at, due);
}

void Gate::start_over() {
  paused_until_ = spent_until_ = base::Milliseconds(0);
  pauses_ = 0;
  pace_.start_over();
  knee_ = Knee(spec_.in_flight);
  outage_.start_over();
}

}  // namespace remote_model
