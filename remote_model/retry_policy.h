// What follows from an answer, decided by pure functions of time and of what happened before: nothing
// here sends, sleeps or reads a clock.
//
//   answer                                          what follows
//   200 with a choice; content filters              reply
//   429, 503, 529; rate limits under other codes    throttled: tried again; see Gate
//   408, 409, 424, 425, other 5xx, resets, times    tried again after a backoff
//   200 that can't be read                          tried again, three times in all, then refused
//   400 of a server that says nothing else (swift)  the same
//   400, 413, 422, other 4xx, 501                   refused: this request fails, for good
//   no such host, connection refused, TLS           tried again; see kFirstContact
//   401, 402, 403, 404, 405, 3xx, no quota left,
//   a certificate that is refused                   the model is down
//
// A code that the provider's dialect knows says more than the status (dialect.cc).
//
// A request is refused only by a model that has answered others; before its first answer the same
// means that the model is down (wrong name, wrong address, wrong parameters).
//
// Time: a request has `deadline` from its first sending. Time in which it was throttled, or ready and held
// back, doesn't count: a cap isn't the request's fault. Past the deadline the request fails if the model
// answered others since it was first sent, else the model is down. A model that only throttles for longer
// than a deadline, or asks to wait longer than one, is down. In an outage no request fails; one that lasts
// for a deadline means that the model is down. A model that could never be connected to is down after
// kFirstContact: a wrong port shall not cost ten minutes.
//
// A server that this run started and that is away (model/availability.h) breaks connections; that is never
// the request's fault, nor does it make the model unusable: whoever started the server says when it is.
#pragma once

#include <cstdint>

#include "base/clock.h"
#include "remote_model/chat.h"
#include "remote_model/dialect.h"
#include "remote_model/transport.h"

namespace remote_model {

using base::Milliseconds;

constexpr Milliseconds kBackoffBase{500};
constexpr Milliseconds kBackoffCap{60000};
/// A try with less time than this left would be paid for and given up.
constexpr Milliseconds kLeastTry{1000};
constexpr Milliseconds kFirstContact{15000};
constexpr int kUnreadableTries = 3;

enum class Verdict { reply, throttled, retry, unreachable, unreadable, refused, down };

Verdict classify(const HttpResponse& response, const ChatAnswer& answer, const Dialect& dialect);

/// An error that means: the prompt or the reply was filtered. It is a reply, an empty one.
bool is_content_filter(const ChatAnswer& answer, const Dialect& dialect);

/// Whether the server may have done the work and bills it, though nothing that can be used came back: the
/// request was sent, and the connection broke, the time was up, or the reply can't be read. Errors aren't
/// billed.
bool may_be_billed(const HttpResponse& response, Verdict verdict);

/// Full jitter: a uniform draw from [0, min(cap, base x 2^failures)), fixed by the seed.
Milliseconds backoff(int failures, std::uint64_t seed);

/// What is known of a request when an answer to it is judged. Times are on one monotonic clock.
struct History {
  Milliseconds now{0};
  Milliseconds first_sent{0};
  Milliseconds deadline{0};      // a duration
  Milliseconds excused{0};       // how much of the time since first_sent was spent throttled or held back
  int failures = 0;              // answers before this one that led to a retry
  int unreadable = 0;            // of these, unreadable ones
  bool model_answered = false;   // ever, in this call or an earlier one
  Milliseconds last_answer{-1};  // when in this call; -1: not yet
  Milliseconds timeout{0};       // of one try: an answer longer ago than twice this is no sign of life
  bool server_away = false;      // a server of this run's own is being started, or gone
  /// Since then nothing was answered, and only probes go out (outage.h); -1: that isn't so.
  Milliseconds outage_since{-1};
};

struct Step {
  enum class Kind { reply, again, failed, down };
  Kind kind = Kind::reply;
  Milliseconds delay{0};  // again
};

Step next_step(Verdict verdict, const History& history, Milliseconds retry_after, std::uint64_t seed);

}  // namespace remote_model
