// When the next request of one model may go: the valve between what is ready and what the server bears. It
// asks
//   RateLimit  what the job says about requests and tokens a minute,
//   Pace       what the server was found to bear (429, 503),
//   Knee       how many at once the server makes use of,
//   Outage     whether the server answers at all, and how many retries that allows,
// and what the server says itself: Retry-After, and the headers that nothing is left until a reset. A pure
// function of the times and answers it is told; the owner's lock guards it.
//
// Until the first answer one request goes out, alone. Then the window is filled within one latency.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/clock.h"
#include "model/request.h"
#include "remote_model/knee.h"
#include "remote_model/outage.h"
#include "remote_model/pace.h"
#include "remote_model/rate_limit.h"

namespace remote_model {

struct GateSpec {
  std::size_t in_flight = 16;
  double requests_per_minute = 0;  // 0: no limit
  double tokens_per_minute = 0;
  std::uint64_t seed = 0;  // of backoffs
};

/// One sending of a request, as the gate remembers it.
struct Sending {
  std::uint64_t number = 0;
  base::Milliseconds at{0};
  std::size_t prompt_bytes = 0;
  double tokens = 0;  // reserved
};

class Gate {
 public:
  explicit Gate(const GateSpec& spec);

  /// The next request may go then, with so many on their way; Milliseconds::max(): not before one comes back.
  base::Milliseconds opens(std::size_t on_their_way) const;
  bool answered_ever() const { return outage_.answered_ever(); }
  /// When an outage that goes on began; -1: there is none.
  base::Milliseconds outage_since() const { return outage_.since(); }

  Sending sent(base::Milliseconds now, std::size_t prompt_bytes, int max_tokens);
  /// A reply. `on_their_way` counts it.
  void answered(base::Milliseconds now, const Sending& sending, const model::Usage& usage,
                std::size_t on_their_way);
  /// Told to come later; `retry_after` 0: not when. It will be tried again at `due`.
  void refused(base::Milliseconds now, const Sending& sending, base::Milliseconds retry_after,
               base::Milliseconds due);
  /// Broken off, or an error of the server.
  void failed(base::Milliseconds now, const Sending& sending, bool timed_out, base::Milliseconds due);
  /// An answer that says nothing of load and is no reply.
  void heard(base::Milliseconds now, const Sending& sending, base::Milliseconds due);
  /// The server says that nothing is left until then.
  void spent(base::Milliseconds until) { spent_until_ = std::max(spent_until_, until); }
  /// How much longer than its backoff a retry waits.
  base::Milliseconds take_retry(base::Milliseconds now) { return outage_.take_retry(now); }
  /// The server was started anew: what the old one couldn't bear says nothing about it.
  void start_over();

 private:
  const GateSpec spec_;
  RateLimit limit_;
  Pace pace_;
  Knee knee_;
  Outage outage_;
  base::Milliseconds paused_until_{0};
  base::Milliseconds spent_until_{0};
  int pauses_ = 0;  // in a row, without an answer between
};

}  // namespace remote_model
