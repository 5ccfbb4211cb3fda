// The limits that a job names: requests and tokens a minute, as two leaky buckets. Pure: told the time; the
// owner's lock guards it.
//
// Providers that promise N a minute also enforce it by the second, so requests are spread evenly: one every
// 60/N seconds. What a late timer lost is caught up, up to kCatchUp; no other burst. Used is kShare of the
// limit: the network moves requests about, and one more a minute than allowed would be refused.
//
// Tokens are reserved when a request is sent and settled when its usage is known. What is reserved: the
// prompt's bytes times the tokens per byte seen so far (before: a third, more than any tokenizer needs on
// average for Chinese or English), and for the answer the mean of those seen so far, at most max_tokens
// (before: max_tokens). Not max_tokens throughout: answers need an eighth of it, and so would be the use of
// the limit. A request may cost more than the bucket holds: it goes when nothing is owed, and the next ones
// wait for its debt.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/clock.h"
#include "model/request.h"

namespace remote_model {

class RateLimit {
 public:
  static constexpr double kShare = 0.99;
  static constexpr double kCatchUpMs = 100;

  /// 0: no such limit.
  RateLimit(double requests_per_minute, double tokens_per_minute);

  /// No request may go before this.
  base::Milliseconds opens() const;
  /// Tokens to be reserved for a request with so many bytes of prompt.
  double estimate(std::size_t prompt_bytes, int max_tokens) const;
  void sent(base::Milliseconds now, double reserved);
  /// An answer to a request for which `reserved` was: what it used. No usage was reported: the reservation
  /// stands.
  void answered(double reserved, std::size_t prompt_bytes, const model::Usage& usage);
  /// It was turned away: no tokens were used.
  void refused(double reserved);

 private:
  /// Generic cell rate algorithm (ITU-T I.371): the moment up to which all that was sent is paid for.
  struct Bucket {
    explicit Bucket(double per_minute) : ms_per_unit(per_minute > 0 ? 60'000 / (per_minute * kShare) : 0) {}
    double ms_per_unit;  // 0: no limit
    double paid_at = 0;
    void take(base::Milliseconds now, double units);
    void give_back(double units) { paid_at -= units * ms_per_unit; }
  };

  Bucket requests_;
  Bucket tokens_;
  double tokens_per_byte_ = 1.0 / 3;
  double answer_tokens_ = -1;  // -1: none seen yet
};

}  // namespace remote_model
