// How many requests of one model may be on their way: the valve between what is ready and what the
// server bears. A pure function of the times and answers it is told; the owner's lock guards it.
//
// Until the first answer one request goes out, alone. Then the whole window at once.
//
// Servers refuse (429) for two reasons that need opposite treatment. A stray refusal says nothing about
// the next request: pausing for it would cost a hundred others. A cap refuses everybody: going on is a
// storm. They are told apart by the share of refusals among recent answers, an exponentially weighted
// mean. Below kCapShare only the refused request waits. Above it nothing is sent until Retry-After (or a
// backoff that doubles with each pause in a row); then an eighth of the window goes out, and each
// answer lets one more go (doubling per round trip) up to half of what was on its way when the cap
// was hit, later one more per sixteen answers.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/clock.h"

namespace remote_model {

class Gate {
 public:
  Gate(std::size_t in_flight, std::uint64_t seed);

  /// How many may be on their way at `now`; 0 while paused.
  std::size_t allowed(base::Milliseconds now) const;
  /// Nothing is sent before this.
  base::Milliseconds paused_until() const { return paused_until_; }
  bool answered_ever() const { return answered_ever_; }

  /// A request sent at `sent` was answered.
  void answered(base::Milliseconds sent);
  /// A request sent at `sent` was told to come later; `retry_after` 0: not when. `on_their_way`
  /// counts it.
  void refused(base::Milliseconds now, base::Milliseconds sent, base::Milliseconds retry_after,
               std::size_t on_their_way);
  /// Before the first answer: the address doesn't work yet, try again at `until`.
  void hold_probe(base::Milliseconds until);
  /// The server was started anew: what the old one couldn't bear says nothing about it.
  void start_over();

 private:
  void pause(base::Milliseconds until);

  const std::size_t in_flight_;
  const double weight_;  // of one answer in the share
  const std::uint64_t seed_;
  bool answered_ever_ = false;
  base::Milliseconds paused_until_{0};
  double share_ = 0;
  double window_;
  double fast_until_;  // window up to which every answer adds one
  int pauses_ = 0;     // in a row, without an answer between
};

}  // namespace remote_model
