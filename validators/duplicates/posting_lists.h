// For each token the rows whose prefix holds it, each with its parity bitmap beside it: a row that is too
// different is passed over in the list itself, at a fraction of a nanosecond, instead of at a cache miss or
// two in the store.
//
// A list is one block: bitmaps, then row numbers, two to a word. Blocks have room for 2, 4, 6, 8, 12, 16, 24
// … 2048 postings; a full one moves into the next size, and what it leaves is taken by the next list that
// grows so far. Behind 2048 postings a list is a chain of such blocks, the newest first. A list of one
// posting, of which there are many (slips of the pen), is its row number in the
// directory. So a posting costs 12 bytes and some slack, a token 12 / load bytes, loads between 0.375 and
// 0.75.
//
// One thread adds; any may find while none does.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "validators/duplicates/chunks.h"
#include "validators/duplicates/token_store.h"

namespace validators {

class PostingLists {
 public:
  PostingLists();
  /// `rows` holds the row, and all that were added before it.
  void add(std::span<const Token> prefix, std::uint32_t row, std::uint64_t bitmap, const TokenStore& rows);
  /// Appends the rows in the lists of `prefix` whose bitmaps differ in at most `limit` bits (and those alone
  /// in a list, which aren't asked), some more than once, in no particular order. Returns how many postings
  /// were looked at.
  std::size_t find(std::span<const Token> prefix, std::uint64_t bitmap, unsigned limit,
                   std::vector<std::uint32_t>& found) const;
  std::size_t memory() const { return blocks_.memory() + directory_.size() * sizeof(List); }

 private:
  struct List {
    Token token = 0;
    std::uint32_t count = 0;  // 0: a free place
    std::uint32_t where = 0;  // the newest block; of a list of one, the row
  };

  std::size_t place(Token token) const;
  void grow_directory();
  void append(List& list, std::uint32_t row, std::uint64_t bitmap);
  std::uint32_t take_block(std::uint32_t capacity);
  void drop_block(std::uint32_t block, std::uint32_t capacity);

  std::vector<List> directory_;  // open addressing, a power of two
  std::size_t lists_ = 0;
  unsigned shift_;  // 64 - log2 of the directory's size
  Chunks<std::uint64_t> blocks_;
  std::array<std::uint32_t, 24> free_;  // by class_of(capacity), the first free block
};

}  // namespace validators
