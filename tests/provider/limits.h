// Rate limits as providers have them: a bucket of requests and one of tokens, and the headers that say how
// full they are (x-ratelimit-…, with durations like `1s` and `6m30s`). A request is let in when there is one
// request left and as many tokens as its prompt has; the tokens of its answer are taken afterwards, and may
// leave the bucket in debt. Pure: told the time.
#pragma once

#include <cstdint>
#include <string>

namespace provider {

class Bucket {
 public:
  Bucket() = default;
  Bucket(double per_second, double capacity)
      : per_second_(per_second), capacity_(capacity), level_(capacity) {}
  bool limited() const { return per_second_ > 0; }
  void fill(std::int64_t now_ns);
  bool has(double amount) const { return !limited() || level_ >= amount; }
  void take(double amount) { level_ -= limited() ? amount : 0; }
  /// Three header lines; none without a limit.
  std::string headers(const char* what) const;

 private:
  double per_second_ = 0;
  double capacity_ = 0;
  double level_ = 0;
  std::int64_t filled_ns_ = 0;
};

struct Limits {
  Bucket requests;
  Bucket tokens;

  bool admit(double prompt_tokens, std::int64_t now_ns);
  std::string headers() const { return requests.headers("requests") + tokens.headers("tokens"); }
};

/// `1s`, `350ms`, `6m30s`: as OpenAI writes them, rounded up.
std::string duration_text(double seconds);

}  // namespace provider
