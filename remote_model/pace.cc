#include "remote_model/pace.h"

#include <algorithm>
#include <cmath>

namespace remote_model {
namespace {

constexpr double kCapShare = 0.35;
constexpr double kWallShare = 0.8;
constexpr double kFewestPassed = 8;     // fewer are no measurement
constexpr double kGrowth = 0.02;        // a round
constexpr double kFasterGrowth = 1.25;  // of each round, until a cut
constexpr double kFastGrowth = 0.7;     // e^0.7: twice
constexpr double kBelow = 0.03;
constexpr double kMostCut = 0.5;
constexpr double kExcess = 0.02;  // a smaller one is borne
constexpr double kStrayWeight = 0.5;
constexpr double kRoundMs = 1000;
constexpr double kRoundSendings = 32;
constexpr double kSlowest = 1.0 / 6000;  // a request each six seconds
constexpr double kCatchUpMs = 10;        // what a late timer may have lost
constexpr base::Milliseconds kLongestFill{1000};

double count(base::Milliseconds time) { return static_cast<double>(time.count()); }

}  // namespace

Pace::Pace(std::size_t in_flight) : in_flight_(in_flight) {}

base::Milliseconds Pace::opens() const {
  return base::Milliseconds(static_cast<base::Milliseconds::rep>(std::ceil(next_ms_)));
}

void Pace::set(double per_ms) {
  per_ms_ = std::max(per_ms, kSlowest);
  filling_ = 0;
}

void Pace::fill(base::Milliseconds now, base::Milliseconds latency) {
  if (capped_) return;
  set(static_cast<double>(in_flight_) / count(std::clamp(latency, base::Milliseconds(1), kLongestFill)));
  filling_ = in_flight_;
  next_ms_ = count(now);
}

void Pace::start_over() {
  Pace fresh(in_flight_);
  fresh.sendings_ = fresh.counts_from_ = sendings_;
  *this = fresh;
}

std::uint64_t Pace::sent(base::Milliseconds now) {
  if (per_ms_ > 0) {
    // Only what the pace held back shows that more might be borne.
    const bool held_back = next_ms_ + 1 / per_ms_ >= count(now);
    next_ms_ = std::max(next_ms_, count(now) - kCatchUpMs) + 1 / per_ms_;
    if (capped_ && held_back) per_ms_ *= 1 + growth_ / round_sendings();
    if (filling_ > 0 && --filling_ == 0) per_ms_ = next_ms_ = 0;
  }
  ++sendings_;
  if (capped_ && static_cast<double>(sendings_ - round_from_) >= round_sendings()) {
    begin_round(false);
    growth_ = std::min(growth_ * kFasterGrowth, kFastGrowth);
  }
  return sendings_ - 1;
}

double Pace::round_sendings() const { return std::max(kRoundMs * per_ms_, kRoundSendings); }

void Pace::begin_round(bool after_cut) {
  if (const auto sendings = static_cast<double>(sendings_ - round_from_); after_cut_ && sendings > 0) {
    const double weight = kStrayWeight * std::min(1.0, sendings / round_sendings());
    stray_share_ += weight * (static_cast<double>(round_refusals_) / sendings - stray_share_);
  }
  round_from_ = sendings_;
  round_refusals_ = 0;
  after_cut_ = after_cut;
}

/// Sending `number` was refused. True if the round has now refused more than strays do, and the pace is cut.
bool Pace::round_refused(std::uint64_t number) {
  if (number < round_from_) return false;
  if (round_refusals_++ == 0) round_first_ = number;
  const double sendings = round_sendings();
  const double strays = stray_share_ * sendings;
  if (static_cast<double>(round_refusals_) <= strays + 2 * std::sqrt(strays) + kExcess * sendings)
    return false;
  const double share = number > round_first_ ? static_cast<double>(round_refusals_ - 1) /
                                                   static_cast<double>(number - round_first_)
                                             : 0;
  set(per_ms_ * (1 - std::min(share + kBelow, kMostCut)));
  looking_ = false;
  growth_ = kGrowth;
  counts_from_ = sendings_;
  begin_round(true);
  return true;
}

Pace::Refusal Pace::refused(base::Milliseconds now, std::uint64_t number, base::Milliseconds sent,
                            bool at_once) {
  if (number < counts_from_) return Refusal::stray;
  if (!looking_) {
    looking_ = true;
    first_ = number;
    first_sent_ = sent;
    refusals_ = 0;
    return capped_ && round_refused(number) ? Refusal::cap : Refusal::stray;
  }
  if (number <= first_) return Refusal::stray;
  ++refusals_;
  // Refusals come back in the order of sending, or nearly: what was sent before this one and isn't refused
  // passed.
  const auto sendings = static_cast<double>(std::max<std::uint64_t>(number - first_, refusals_));
  const auto refusals = static_cast<double>(refusals_);
  const auto enough = at_once ? 1.0 : static_cast<double>(std::clamp<std::size_t>(2 * in_flight_, 8, 64));
  const double others = 1 - stray_share_;  // what strays don't refuse anyway
  if (refusals < (1 - (1 - kCapShare) * others) * enough) {
    if (sendings >= enough) looking_ = false;  // strays
    return capped_ && round_refused(number) ? Refusal::cap : Refusal::stray;
  }
  const double passed = sendings - refusals;
  looking_ = false;
  counts_from_ = sendings_;
  capped_ = true;
  const double measured = std::max(passed, 0.5) / std::max(count(sent - first_sent_), 1.0);
  set(at_once && per_ms_ > 0 ? std::min(measured, per_ms_ / 2) : measured);
  growth_ = passed < kFewestPassed ? kFastGrowth : kGrowth;
  next_ms_ = count(now) + 1 / per_ms_;
  begin_round(true);
  return passed <= (1 - kWallShare) * others * sendings ? Refusal::wall : Refusal::cap;
}

}  // namespace remote_model
