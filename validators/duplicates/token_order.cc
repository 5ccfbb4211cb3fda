#include "validators/duplicates/token_order.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "validators/duplicates/ranks.h"

namespace validators {
namespace {
constexpr unsigned kPlaceBits = 17;
std::size_t place(Token token) { return token >> (32 - kPlaceBits); }
}  // namespace

TokenOrder::TokenOrder() : frequencies_(std::size_t{1} << kPlaceBits) {}

void TokenOrder::learn(const TokenStore& rows) {
  std::vector<std::uint32_t> counts(frequencies_.size());
  for (std::uint32_t row = 0; row < rows.size(); ++row)
    for (const Token token : rows.tokens(row)) ++counts[place(token)];
  for (std::size_t i = 0; i < counts.size(); ++i)
    frequencies_[i] = static_cast<std::uint8_t>(std::min(255.0, 8 * std::log2(1.0 + counts[i])));
}

void TokenOrder::rarest(std::span<const Token> tokens, std::size_t first, std::size_t count,
                        std::vector<Token>& early, std::vector<Token>& late) const {
  thread_local std::vector<std::uint32_t> keys;
  keys.resize(tokens.size());
  for (std::size_t i = 0; i < tokens.size(); ++i)
    keys[i] = std::uint32_t{frequencies_[place(tokens[i])]} << 24 | (tokens[i] & 0xFFFFFF);
  if (keys.size() <= kMostRanked) {
    std::array<std::uint32_t, kMostRanked> ranks;
    std::array<Token, kMostRanked> ordered;
    rank(keys.data(), keys.size(), ranks.data());
    std::size_t sum = 0;
    for (std::size_t i = 0; i < keys.size(); ++i) {
      ordered[ranks[i]] = tokens[i];
      sum += ranks[i];
    }
    // Unless two are equal, each place was taken once.
    if (sum == keys.size() * (keys.size() - 1) / 2) {
      early.assign(ordered.data(), ordered.data() + first);
      late.assign(ordered.data() + first, ordered.data() + count);
      return;
    }
  }
  std::vector<std::uint32_t> sorted = keys;
  std::sort(sorted.begin(), sorted.end());
  early.clear();
  late.clear();
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const auto position =
        static_cast<std::size_t>(std::lower_bound(sorted.begin(), sorted.end(), keys[i]) - sorted.begin());
    if (position < first) {
      early.push_back(tokens[i]);
    } else if (position < count) {
      late.push_back(tokens[i]);
    }
  }
}

}  // namespace validators
