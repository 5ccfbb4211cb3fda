#include "pipeline/budget.h"

namespace pipeline {
namespace {

constexpr double kTokensPerPrice = 1e6;

double cost(const prompts::Price& price, double input_tokens, double output_tokens) {
  return (1 - price.batch_discount) * (price.input * input_tokens + price.output * output_tokens) /
         kTokensPerPrice;
}

}  // namespace

double cost_of(const prompts::Price& price, const model::Usage& usage) {
  return cost(price, static_cast<double>(usage.prompt_tokens), static_cast<double>(usage.completion_tokens));
}

double most_cost_of(const prompts::Price& price, const model::Sampling& sampling, std::size_t prompt_bytes) {
  return cost(price, static_cast<double>(prompt_bytes), sampling.max_tokens);
}

bool Budget::reserve(double most) {
  const std::lock_guard lock(mutex_);
  if (limit_ > 0 && spent_ + reserved_ + most > limit_) return false;
  reserved_ += most;
  return true;
}

void Budget::settle(double most, double cost) {
  const std::lock_guard lock(mutex_);
  reserved_ -= most;
  spent_ += cost;
}

double Budget::spent() const {
  const std::lock_guard lock(mutex_);
  return spent_;
}

}  // namespace pipeline
