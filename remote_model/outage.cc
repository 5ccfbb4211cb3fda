#include "remote_model/outage.h"

#include <algorithm>
#include <utility>

#include "remote_model/retry_policy.h"

namespace remote_model {
namespace {

constexpr double kRetriesPerReply = 0.5;

double trickle(double most) { return std::max(1.0, most / 16) / 1000; }  // retries per ms

}  // namespace

Outage::Outage(std::size_t in_flight, std::uint64_t seed)
    : most_retries_(static_cast<double>(in_flight)), seed_(seed), retries_(most_retries_) {}

bool Outage::answered() {
  answered_ever_ = true;
  probing_ = false;
  row_ = probes_ = 0;
  return std::exchange(open_, false);
}

void Outage::earn_retry() { retries_ = std::min(most_retries_, retries_ + kRetriesPerReply); }

bool Outage::failed(base::Milliseconds now, base::Milliseconds sent, base::Milliseconds due) {
  if (row_++ == 0) since_ = now;
  if (!open_ && row_ < kRow) return false;
  if (open_ && sent < opened_) return false;  // on its way since before: no probe
  const bool opens = !std::exchange(open_, true);
  if (opens) opened_ = now;
  probing_ = false;
  next_probe_ = answered_ever_ ? now + backoff(probes_++, seed_) : due;
  return opens;
}

base::Milliseconds Outage::take_retry(base::Milliseconds now) {
  const double rate = trickle(most_retries_);
  retries_ = std::min(most_retries_, retries_ + rate * static_cast<double>((now - refilled_).count())) - 1;
  refilled_ = now;
  return base::Milliseconds(static_cast<base::Milliseconds::rep>(std::max(0.0, -retries_) / rate));
}

void Outage::start_over() {
  open_ = !answered_ever_;
  probing_ = false;
  next_probe_ = base::Milliseconds(0);
  row_ = probes_ = 0;
  retries_ = most_retries_;
}

}  // namespace remote_model
