#include "remote_model/rate_limit.h"

#include <algorithm>
#include <cmath>

namespace remote_model {
namespace {

constexpr double kWeight = 1.0 / 32;  // of one answer in the means

}  // namespace

RateLimit::RateLimit(double requests_per_minute, double tokens_per_minute)
    : requests_(requests_per_minute), tokens_(tokens_per_minute) {}

void RateLimit::Bucket::take(base::Milliseconds now, double units) {
  if (ms_per_unit == 0) return;
  paid_at = std::max(paid_at, static_cast<double>(now.count()) - kCatchUpMs) + units * ms_per_unit;
}

base::Milliseconds RateLimit::opens() const {
  return base::Milliseconds(
      static_cast<base::Milliseconds::rep>(std::ceil(std::max(requests_.paid_at, tokens_.paid_at))));
}

double RateLimit::estimate(std::size_t prompt_bytes, int max_tokens) const {
  const double most = max_tokens;
  return static_cast<double>(prompt_bytes) * tokens_per_byte_ +
         (answer_tokens_ < 0 ? most : std::min(answer_tokens_, most));
}

void RateLimit::sent(base::Milliseconds now, double reserved) {
  requests_.take(now, 1);
  tokens_.take(now, reserved);
}

void RateLimit::answered(double reserved, std::size_t prompt_bytes, const model::Usage& usage) {
  const auto prompt = static_cast<double>(usage.prompt_tokens);
  const auto answer = static_cast<double>(usage.completion_tokens);
  if (prompt <= 0 || prompt_bytes == 0) return;
  const double ratio = prompt / static_cast<double>(prompt_bytes);
  const bool first = answer_tokens_ < 0;
  tokens_per_byte_ = first ? ratio : tokens_per_byte_ + kWeight * (ratio - tokens_per_byte_);
  answer_tokens_ = first ? answer : answer_tokens_ + kWeight * (answer - answer_tokens_);
  tokens_.give_back(reserved - prompt - answer);
}

void RateLimit::refused(double reserved) { tokens_.give_back(reserved); }

}  // namespace remote_model
