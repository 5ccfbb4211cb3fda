// How fast requests may leave: it finds out what a server bears of which nobody said so. Pure: told the
// times; the owner's lock guards it.
//
// Nothing holds requests back until the server refuses some (429, 503). A stray refusal says nothing about
// the next request: slowing down for it would cost a hundred others. A cap refuses whatever exceeds it.
// They are told apart by the share of refusals among up to 64 requests sent after a refused one: kCapShare
// and more, of what strays leave, is a cap. If some of them passed, the pace is what passed, from then on.
// If (nearly) none did, the caller pauses, for Retry-After if the server says so; afterwards the pace starts
// at what passed and doubles each second until too much is refused.
//
// Under a cap the pace grows by 2 % a round (a second, and 32 requests at least). When a round has refused
// more than strays do, the pace is cut at once to a little less than what passed. What the round after that
// refuses, which is below the cap, is what strays do; without knowing that, strays would wear the pace down.
//
// A pace and no window, because a cap is a rate: a window finds it only where latency is steady, and lets
// bursts out that a small bucket refuses. For the same reason the window is filled evenly over one latency
// (a second at most) at first: a cap then shows while most requests still pass, and the answers come back
// spread.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/clock.h"

namespace remote_model {

class Pace {
 public:
  explicit Pace(std::size_t in_flight);

  /// No request may go before this.
  base::Milliseconds opens() const;
  /// The number of this sending, for refused().
  std::uint64_t sent(base::Milliseconds now);
  /// The server answers, after `latency`: fill the window, evenly.
  void fill(base::Milliseconds now, base::Milliseconds latency);

  /// Another server: what was found out is void.
  void start_over();

  enum class Refusal {
    stray,  // or too early to say
    cap,    // the pace is now what passed
    wall,   // nothing passes: pause
  };
  /// Sending `number`, at `sent`, was refused. `at_once`: a second refusal is enough, since the last thing
  /// known is that nothing passed.
  Refusal refused(base::Milliseconds now, std::uint64_t number, base::Milliseconds sent, bool at_once);

 private:
  void set(double per_ms);
  void begin_round(bool after_cut);
  double round_sendings() const;
  bool round_refused(std::uint64_t number);

  std::size_t in_flight_;
  std::uint64_t sendings_ = 0;
  std::uint64_t counts_from_ = 0;  // refusals of earlier sendings belong to an earlier pace
  double per_ms_ = 0;              // 0: any pace
  double next_ms_ = 0;             // when the next one is due
  std::uint64_t filling_ = 0;      // sendings that fill() still spreads

  // The look at the sendings since a refused one.
  bool looking_ = false;
  std::uint64_t first_ = 0;
  base::Milliseconds first_sent_{0};
  std::uint64_t refusals_ = 0;  // after it

  bool capped_ = false;
  double growth_ = 0;  // in a round
  std::uint64_t round_from_ = 0;
  std::uint64_t round_refusals_ = 0;
  std::uint64_t round_first_ = 0;  // refused
  bool after_cut_ = false;
  double stray_share_ = 0;
};

}  // namespace remote_model
