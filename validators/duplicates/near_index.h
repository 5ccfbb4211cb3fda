// Which of the accepted rows are near this one? All rows with J(x, y) >= t, exactly: none is missed, none is
// wrong. Made for templates of 3 to 60 tokens; docs/performance.md has the figures.
//
// Why not MinHash, which everybody uses: in templated short text a great many rows are at J = 0.5 to 0.8 to
// some other, where banded signatures let pass and reject by chance: at the parameters in common use they
// lose a tenth to a half of the good rows or miss a seventh of the near ones, so each hit must be verified
// anyway. With words as tokens an exact search is affordable, because many words are rare.
//
// How, in the order of the search; each step passes on a superset of the neighbours:
//   1. the prefix (jaccard.h, token_order.h): sets that are near share one of their rarest tokens, so the
//      lists of a few rare tokens are enough, 5 of 22 at t = 0.8. The first that they share is among the 3
//      rarest of the smaller set, so a token has two lists, of the rows that hold it early and of those that
//      hold it late, and a set that holds it late needs no look at the second, the longer one;
//   2. the bitmaps (posting_lists.h, parity_scan.h): in a list, a row that differs in too many bits is passed
//      over without leaving the list. This is what makes long lists bearable, eight postings
//      a step; it is also what grows with the number of rows;
//   3. the sizes, then the tokens themselves (token_store.h): the exact comparison, which stops at the first
//      token too many. Next to nothing comes so far that isn't near.
//
// The order of the tokens is learnt from the rows: at the 1,024th, the 8,192nd and the 65,536th it is taken
// from the frequencies so far and the lists are built anew, and then it is frozen. Before the first time it
// is the order of the hashes: lists are no longer than the rows are many, and a thousand bitmaps are scanned
// in no time. The answers don't depend on it.
//
// Most of what a row costs beside arithmetic is waiting for memory, four times, one after the other: for the
// directory, the lists, a row's place, its tokens. Each step asks for all of its memory before it reads any,
// and tables are in large pages (pages.h). Taking each step for 32 rows together was no faster on one thread
// (Zen 3).
//
// One thread adds and releases; any number may find while none does (near_batch.h does that). Answers are a
// function of the calls alone, rows in the order of their numbers. Memory: 8 bytes a row, 4 a token, 12 and
// slack for each token of the prefix; docs/performance.md has the figures. At most 2^32 tokens in all.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "validators/duplicates/jaccard.h"
#include "validators/duplicates/posting_lists.h"
#include "validators/duplicates/shingles.h"
#include "validators/duplicates/token_order.h"
#include "validators/duplicates/token_store.h"

namespace validators {

/// A set with what it is looked up by: made once, for finding and for adding.
struct NearQuery {
  std::span<const Token> tokens;  // sorted, each once; the caller's
  std::uint64_t bitmap = 0;
  std::vector<Token> early;  // its rarest tokens
  std::vector<Token> late;   // and the next ones
  std::uint32_t order = 0;   // the order in which they are that
};

class NearIndex {
 public:
  /// `threshold` as Jaccard takes it, 0.5 to 1.
  explicit NearIndex(double threshold) : jaccard_(threshold) {}

  /// `query` looks up `tokens`, which must stay while it is used.
  void prepare(std::span<const Token> tokens, NearQuery& query) const;

  /// Calls visit(row) for each row near the set of `query`, prepared since a row was last added, in the order
  /// of their numbers, until it returns false. `visit` must not call this index's find() nor change the
  /// index. Returns how many postings were looked at. A set without a token is near nothing.
  template <typename Visit>
  std::size_t find(const NearQuery& query, Visit&& visit) const {
    std::size_t looked_at = 0;
    const std::span<const std::uint32_t> rows = candidates(query, looked_at);
    for (const std::uint32_t row : rows) rows_.ask(row);
    for (const std::uint32_t row : rows)
      if (is_near(query, row) && !visit(row)) break;
    return looked_at;
  }
  template <typename Visit>
  std::size_t find(std::span<const Token> tokens, Visit&& visit) const {
    thread_local NearQuery query;
    prepare(tokens, query);
    return find(query, visit);
  }
  /// Remembers a row and returns its number; the first is 0. Rows may be near each other, or equal.
  std::uint32_t add(std::span<const Token> tokens);
  /// The same, with what was prepared for it, at whatever time.
  std::uint32_t add(const NearQuery& query);
  /// The row is found no more; its number stays taken. Its memory comes back only where lists are built anew.
  void release(std::uint32_t row) { rows_.release(row); }

  const Jaccard& jaccard() const { return jaccard_; }
  std::uint32_t size() const { return rows_.size(); }
  /// Bytes in use.
  std::size_t memory() const { return rows_.memory() + lists_.memory() + order_.memory(); }

 private:
  /// What the bitmaps let through, ascending, each once; valid until this thread's next call.
  std::span<const std::uint32_t> candidates(const NearQuery& query, std::size_t& looked_at) const;
  bool is_near(const NearQuery& query, std::uint32_t row) const {
    return !rows_.released(row) && jaccard_.is_near(query.tokens, rows_.tokens(row));
  }
  void list(std::uint32_t row, const NearQuery& query);
  void learn();

  Jaccard jaccard_;
  TokenStore rows_;
  TokenOrder order_;
  PostingLists lists_;
  std::uint32_t learnt_ = 0;  // times
};

}  // namespace validators
