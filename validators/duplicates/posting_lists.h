// For each token the rows whose prefix holds it, each with its parity bitmap beside it: a row that is too
// different is passed over in the list itself, at a fraction of a nanosecond, instead of at a cache miss or
// two in the store.
//
// A list is one block: bitmaps, then row numbers, two to a word. Blocks have room for 2, 4, 6, 8, 12, 16, 24
// … 2048 postings; a full one moves into the next size, and what it leaves is taken by the next list that
// grows so far. Behind 2048 postings a list is a chain of such blocks, the newest first. A list of one
// posting, of which there are many (slips of the pen), is its row number in the
// directory. So a posting costs 12 bytes and some slack, a token 12.5 / load bytes, loads between 0.375 and
// 0.75.
//
// Most tokens that are asked for have no list. Half a byte for each place of the directory, one bit of which
// is set by a list's token, knows that of nearly all of them and stays in the cache.
//
// A search is three steps, each of which asks the memory for what the next one reads, for all names at once:
// ask(), look_up(), scan().
//
// One thread adds; any may search while none does.
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
  void add(std::span<const Token> names, std::uint32_t row, std::uint64_t bitmap, const TokenStore& rows);

  struct List {
    Token token = 0;
    std::uint32_t count = 0;  // 0: a free place
    std::uint32_t where = 0;  // the newest block; of a list of one, the row
  };
  /// Whether `name` may have a list; where not, it has none.
  bool may_have(Token name) const {
    const std::size_t bit = hash(name) >> (shift_ - 2);
    return (present_[bit / 64] >> bit % 64 & 1) != 0;
  }
  void ask(Token name) const { __builtin_prefetch(&directory_[hash(name) >> shift_]); }
  /// Appends the lists of `names` of two and more, and to `rows` those that are alone in theirs. Returns how
  /// many postings there are.
  std::size_t look_up(std::span<const Token> names, std::vector<List>& lists,
                      std::vector<std::uint32_t>& rows) const;
  /// Appends the rows in `lists` whose bitmaps differ in at most `limit` bits, some more than once, in no
  /// particular order.
  void scan(std::span<const List> lists, std::uint64_t bitmap, unsigned limit,
            std::vector<std::uint32_t>& rows) const;
  std::size_t memory() const {
    return blocks_.memory() + directory_.size() * sizeof(List) + present_.size() * 8;
  }

 private:
  /// Fibonacci hashing (Knuth, The Art of Computer Programming 3, 6.4).
  static std::uint64_t hash(Token token) { return token * std::uint64_t{0x9E3779B97F4A7C15}; }
  std::size_t place(Token token) const;
  void set_present(Token token);
  void grow_directory();
  void append(List& list, std::uint32_t row, std::uint64_t bitmap);
  std::uint32_t take_block(std::uint32_t capacity);
  void drop_block(std::uint32_t block, std::uint32_t capacity);

  std::vector<List, PageAllocator<List>> directory_;  // open addressing, a power of two
  std::vector<std::uint64_t> present_;                // four bits for each place
  std::size_t lists_ = 0;
  unsigned shift_;  // 64 - log2 of the directory's size
  Chunks<std::uint64_t> blocks_;
  std::array<std::uint32_t, 24> free_;  // by class_of(capacity), the first free block
};

}  // namespace validators
