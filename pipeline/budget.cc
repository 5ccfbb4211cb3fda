#include "pipeline/budget.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace pipeline {
namespace {

constexpr double kTokensPerPrice = 1e6;

double tokens(std::int64_t count) { return static_cast<double>(count); }

// What is paid of a price.
double share(const prompts::Price& price) { return (1 - price.batch_discount) / kTokensPerPrice; }

double input_cost(const prompts::Price& price, const model::Usage& usage) {
  const double cached = std::min(tokens(usage.cached_tokens), tokens(usage.prompt_tokens));
  return (price.input * (tokens(usage.prompt_tokens) - cached) + price.cached_input * cached) * share(price);
}

double most_prompt_tokens(std::size_t prompt_bytes) {
  return static_cast<double>(prompt_bytes) + kFramingTokens;
}

}  // namespace

double cost_of_tokens(const prompts::Price& price, double prompt, double completion) {
  return (price.input * prompt + price.output * completion) * share(price);
}

double cost_of(const prompts::Price& price, const model::Usage& usage) {
  return input_cost(price, usage) + cost_of_tokens(price, 0, tokens(usage.completion_tokens));
}

double most_cost_of(const prompts::Price& price, const model::Sampling& sampling, std::size_t prompt_bytes) {
  return cost_of_tokens(price, most_prompt_tokens(prompt_bytes), sampling.max_tokens);
}

double reply_cost(const prompts::Price& price, const model::Sampling& sampling, std::size_t prompt_bytes,
                  const model::Outcome& reply) {
  const bool says_input = reply.usage.prompt_tokens > 0;
  // A filtered prompt has an answer of no tokens.
  const bool says_output = reply.usage.completion_tokens > 0 || (says_input && reply.body.empty());
  return (says_input ? input_cost(price, reply.usage)
                     : cost_of_tokens(price, most_prompt_tokens(prompt_bytes), 0)) +
         cost_of_tokens(price, 0, says_output ? tokens(reply.usage.completion_tokens) : sampling.max_tokens);
}

Budget::Budget(double limit, double spent, std::size_t models, Pledge pledge)
    : limit_(limit), pledge_(std::move(pledge)), spent_(spent), excess_(models, 1.0) {}

base::Result<bool> Budget::set_aside(double amount) {
  if (amount <= 0) return true;
  if (limit_ > 0 && spent_ + aside_ + amount > limit_) return false;
  if (aside_ + amount > pledged_) {
    if (auto status = pledge_(aside_ + amount); !status) return base::pass(status);
    pledged_ = aside_ + amount;
  }
  aside_ += amount;
  return true;
}

base::Result<bool> Budget::begin(Charge& charge, std::size_t model, double bound) {
  const std::lock_guard lock(mutex_);
  const double most = bound * excess_[model];
  auto granted = set_aside(most);
  if (granted && *granted) charge = {model, bound, most, most};
  return granted;
}

base::Result<bool> Budget::again(Charge& charge) {
  const std::lock_guard lock(mutex_);
  auto granted = set_aside(charge.most);
  if (granted && *granted) charge.aside += charge.most;
  return granted;
}

void Budget::settle(Charge& charge, double cost) {
  const std::lock_guard lock(mutex_);
  const double last = cost - charge.lost();
  if (last > charge.most) excess_[charge.model] = std::max(excess_[charge.model], last / charge.bound);
  aside_ -= charge.aside;
  spent_ += cost;
  charge = {};
}

base::Status Budget::close() {
  const std::lock_guard lock(mutex_);
  if (pledged_ == 0) return {};
  pledged_ = 0;
  return pledge_(0);
}

double Budget::spent() const {
  const std::lock_guard lock(mutex_);
  return spent_;
}

double Budget::excess(std::size_t model) const {
  const std::lock_guard lock(mutex_);
  return excess_[model];
}

}  // namespace pipeline
