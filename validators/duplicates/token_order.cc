#include "validators/duplicates/token_order.h"

#include <algorithm>
#include <cmath>

namespace validators {
namespace {
constexpr unsigned kPlaceBits = 17;
constexpr std::size_t kMostCounted = 64;  // tokens
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
  early.clear();
  late.clear();
  keys.resize(tokens.size());
  for (std::size_t i = 0; i < tokens.size(); ++i)
    keys[i] = std::uint32_t{frequencies_[place(tokens[i])]} << 24 | (tokens[i] & 0xFFFFFF);
  const bool counted = keys.size() <= kMostCounted;
  if (!counted) {
    sorted = keys;
    std::sort(sorted.begin(), sorted.end());
  }
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const std::uint32_t key = keys[i];
    std::size_t position = 0;
    if (counted) {
      // Counting what is smaller is quadratic, but has no branch that depends on the tokens.
      std::uint32_t smaller = 0;
      for (const std::uint32_t other : keys) smaller += other < key;
      position = smaller;
    } else {
      position =
          static_cast<std::size_t>(std::lower_bound(sorted.begin(), sorted.end(), key) - sorted.begin());
    }
    if (position < count) (position < first ? early : late).push_back(tokens[i]);
  }
}

}  // namespace validators
