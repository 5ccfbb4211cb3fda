// Money and time. Before a request is sent, the most it can cost is set aside (a prompt has no more
// tokens than bytes, an answer no more than max_tokens); when its reply comes, what it really cost
// takes the place of that. So the budget is never overshot, however many are in flight. A request
// that ended without a reply stays charged, since the provider may have billed it.
//
// Any thread.
#pragma once

#include <cstdint>
#include <mutex>

#include "model/request.h"
#include "prompts/job.h"

namespace pipeline {

/// The price of what a reply used, in the price's currency.
double cost_of(const prompts::Price& price, const model::Usage& usage);
/// The most that a request can cost.
double most_cost_of(const prompts::Price& price, const model::Sampling& sampling, std::size_t prompt_bytes);

class Budget {
 public:
  /// `limit` 0: unlimited. `spent`: what earlier calls of this directory cost.
  Budget(double limit, double spent) : limit_(limit), spent_(spent) {}

  /// False if the limit could be passed; then nothing is set aside.
  bool reserve(double most);
  /// The reservation is over; `cost` was really spent.
  void settle(double most, double cost);
  double spent() const;

 private:
  mutable std::mutex mutex_;
  const double limit_;
  double spent_;
  double reserved_ = 0;
};

}  // namespace pipeline
