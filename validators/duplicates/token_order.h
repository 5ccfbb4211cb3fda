// An order of all tokens, rarest first, in which a set's prefix is taken (jaccard.h): the rarer the tokens
// that lead to a row, the shorter the lists that are searched.
//
// Any order that is the same for all sets gives the right answer, so this one may be rough: how often a token
// was seen is kept by 17 bits of its hash, so that tokens now and then share a place, and in 1/8 of powers of
// two, one byte each; among equals 24 bits of the hash decide, and of tokens that are equal in those, too,
// all or none are in a prefix (one in 16 million is longer than it had to be). 128 KB, which stay in the
// processor's cache, instead of a look-up in a table of all tokens. Unseen tokens are the rarest. Between two
// calls of learn() nothing changes.
//
// One thread learns; any may ask while none does.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "validators/duplicates/token_store.h"

namespace validators {

class TokenOrder {
 public:
  TokenOrder();
  /// From all rows that there are, and from nothing before.
  void learn(const TokenStore& rows);
  /// The `first` rarest of `tokens`, and those behind them among the `count` rarest; 1 <= first <= count <=
  /// tokens.
  void rarest(std::span<const Token> tokens, std::size_t first, std::size_t count, std::vector<Token>& early,
              std::vector<Token>& late) const;
  std::size_t memory() const { return frequencies_.size(); }

 private:
  std::vector<std::uint8_t> frequencies_;
};

}  // namespace validators
