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
  thread_local std::vector<std::uint32_t> sorted;
  // Every token is written to both, and counts in one or none: no branch depends on it.
  early.resize(tokens.size() + 1);
  late.resize(tokens.size() + 1);
  std::size_t earlies = 0;
  std::size_t lates = 0;
  keys.resize(tokens.size());
  for (std::size_t i = 0; i < tokens.size(); ++i)
    keys[i] = std::uint32_t{frequencies_[place(tokens[i])]} << 24 | (tokens[i] & 0xFFFFFF);
  std::array<std::uint32_t, kMostRanked> ranks;
  const bool ranked = keys.size() <= kMostRanked;
  if (ranked) {
    rank(keys.data(), keys.size(), ranks.data());
  } else {
    sorted = keys;
    std::sort(sorted.begin(), sorted.end());
  }
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const std::size_t position =
        ranked ? ranks[i]
               : static_cast<std::size_t>(std::lower_bound(sorted.begin(), sorted.end(), keys[i]) -
                                          sorted.begin());
    early[earlies] = tokens[i];
    earlies += position < first;
    late[lates] = tokens[i];
    lates += position >= first && position < count;
  }
  early.resize(earlies);
  late.resize(lates);
}

}  // namespace validators
