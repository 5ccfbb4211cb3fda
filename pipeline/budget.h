// Money and time. Before a request is sent, the most it can cost is set aside (a prompt has no more
// tokens than bytes, but for kFramingTokens of chat format and schema; an answer no more than
// max_tokens); when its reply comes, what it really cost takes the place of that. So the budget is never
// overshot, however many are in flight. What brought no reply and may be billed all the same stays
// charged: a try that timed out or broke off (and the next try is set aside anew), a request that was
// given up, and all that was on its way when the process was killed. For the last, the most that is set
// aside is pledged, that is written down, before it is.
//
// A provider that counts more than was set aside (thinking beyond max_tokens) is charged what it says;
// from then on as many times more is set aside for its requests. Only what was on its way at the first
// such reply can pass the limit.
//
// Any thread.
#pragma once

#include <cstddef>
#include <functional>
#include <mutex>
#include <vector>

#include "base/result.h"
#include "model/request.h"
#include "prompts/job.h"

namespace pipeline {

constexpr double kFramingTokens = 256;

/// The price of so many tokens, none of them cached.
double cost_of_tokens(const prompts::Price& price, double prompt, double completion);
/// The price of what a reply used, in the price's currency. Fewer than no tokens are none, and no more are
/// cached than there are.
double cost_of(const prompts::Price& price, const model::Usage& usage);
/// The most that a request can cost.
double most_cost_of(const prompts::Price& price, const model::Sampling& sampling, std::size_t prompt_bytes);
/// What a reply is charged: cost_of() its usage, with the most for the part of it that isn't said.
double reply_cost(const prompts::Price& price, const model::Sampling& sampling, std::size_t prompt_bytes,
                  const model::Outcome& reply);

/// What is set aside for one request, from its first sending to its outcome.
struct Charge {
  std::size_t model = 0;
  double bound = 0;  // as the price says
  double most = 0;   // of one try, as the model was seen to count
  double aside = 0;  // of all tries
  /// Of those before the last.
  double lost() const { return aside - most; }
};

class Budget {
 public:
  /// Writes down what may be on its way; see Journal::set_aside.
  using Pledge = std::function<base::Status(double)>;

  /// `limit` 0: unlimited. `spent`: what earlier calls of this directory cost.
  Budget(double limit, double spent, std::size_t models, Pledge pledge);

  /// Sets aside what a request can cost at `bound` by its price. False if the limit could be passed; then
  /// nothing is set aside. An error: it could not be written down.
  base::Result<bool> begin(Charge& charge, std::size_t model, double bound);
  /// The same for one more try, when the last one may be billed.
  base::Result<bool> again(Charge& charge);
  /// Its outcome is on disk; `cost` was really spent.
  void settle(Charge& charge, double cost);
  /// All is settled.
  base::Status close();

  double spent() const;
  /// How many times more than set aside the model was seen to count; 1: never more.
  double excess(std::size_t model) const;

 private:
  base::Result<bool> set_aside(double amount);

  mutable std::mutex mutex_;
  const double limit_;
  const Pledge pledge_;
  double spent_;
  double aside_ = 0;
  double pledged_ = 0;  // at least aside_
  std::vector<double> excess_;
};

}  // namespace pipeline
