// What keeps an outage from being multiplied by those who wait for its end: a circuit breaker and a budget of
// retries. Pure: told the times; the owner's lock guards it. A 429 or 503 is no failure here: the server
// speaks, and Pace obeys.
//
// The breaker is open before the first answer ever, and after kRow failures (5xx, resets, time-outs) without
// an answer between them. While it is open one request at a time goes out; the pause before the next one
// grows with each that fails. The first answer of any kind closes it.
//
// The budget: each reply earns half a retry, up to as many as there may be requests at once, and as many
// there are at first. A retry beyond it isn't dropped, it waits: a sixteenth of the window a second (one at
// least) goes all the same. So a server that answers two of three is asked again at once, one that answers
// one of four gets little more than the fresh requests.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/clock.h"

namespace remote_model {

class Outage {
 public:
  static constexpr int kRow = 10;

  Outage(std::size_t in_flight, std::uint64_t seed);

  bool open() const { return open_; }
  bool answered_ever() const { return answered_ever_; }
  /// When the row of failures began; -1: there is no outage, or never was anything else.
  base::Milliseconds since() const { return open_ && answered_ever_ ? since_ : base::Milliseconds(-1); }
  /// open: the next probe may go then; Milliseconds::max(): one is on its way.
  base::Milliseconds opens() const { return probing_ ? base::Milliseconds::max() : next_probe_; }
  void sent() { probing_ = open_; }

  /// True if the breaker was open.
  bool answered();
  void earn_retry();
  /// A request sent at `sent` failed, or was turned away while the breaker is open; it will be tried again at
  /// `due`. True if that opens the breaker.
  bool failed(base::Milliseconds now, base::Milliseconds sent, base::Milliseconds due);
  /// How much longer than its backoff a retry has to wait; takes it from the budget.
  base::Milliseconds take_retry(base::Milliseconds now);
  /// The server was started anew.
  void start_over();

 private:
  const double most_retries_;
  const std::uint64_t seed_;
  bool answered_ever_ = false;
  bool open_ = true;
  bool probing_ = false;
  base::Milliseconds next_probe_{0};
  base::Milliseconds opened_{0};
  base::Milliseconds since_{0};
  int row_ = 0;
  int probes_ = 0;

  double retries_;  // below 0: promised in advance
  base::Milliseconds refilled_{0};
};

}  // namespace remote_model
