// The token sets of the accepted rows, by number: what a candidate is compared with in the end.
//
// One thread changes it; any may read while none does. 8 bytes a row and 4 a token: 2^32 of them are some 180
// million rows of English.
#pragma once

#include <cstdint>
#include <span>

#include "validators/duplicates/chunks.h"
#include "validators/duplicates/shingles.h"

namespace validators {

class TokenStore {
 public:
  std::uint32_t add(std::span<const Token> tokens);
  /// The row stays where it is and counts no more.
  void release(std::uint32_t row) { *sets_.at(*offsets_.at(row)) |= kReleased; }

  std::uint32_t size() const { return size_; }
  bool released(std::uint32_t row) const { return (*sets_.at(*offsets_.at(row)) & kReleased) != 0; }
  std::span<const Token> tokens(std::uint32_t row) const {
    const std::uint32_t* set = sets_.at(*offsets_.at(row));
    return {set + 1, *set & ~kReleased};
  }
  /// Ask the memory for a row's place, and for what stands there.
  void ask_place(std::uint32_t row) const { __builtin_prefetch(offsets_.at(row)); }
  void ask(std::uint32_t row) const {
    const std::uint32_t* set = sets_.at(*offsets_.at(row));
    __builtin_prefetch(set);
    __builtin_prefetch(set + 16);
  }
  std::size_t memory() const { return offsets_.memory() + sets_.memory(); }

 private:
  static constexpr std::uint32_t kReleased = std::uint32_t{1} << 31;

  Chunks<std::uint32_t> offsets_;  // by row, of its set
  Chunks<std::uint32_t> sets_;     // the number of tokens and kReleased, then the tokens
  std::uint32_t size_ = 0;
};

}  // namespace validators
