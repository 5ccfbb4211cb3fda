#include "validators/duplicates/near_index.h"

#include <algorithm>
#include <array>

#include "validators/duplicates/parity_scan.h"

namespace validators {
namespace {

constexpr std::array<std::uint32_t, 3> kLearnAt{1 << 10, 1 << 13, 1 << 16};

/// The name of the list of rows that hold the token late. That it may be the name of another token's list
/// costs a look at some rows too many.
Token late_list(Token token) { return token ^ 0x5BD1E995; }

}  // namespace

std::span<const std::uint32_t> NearIndex::candidates(std::span<const Token> tokens,
                                                     std::size_t& looked_at) const {
  thread_local std::vector<Token> names;  // of lists
  thread_local std::vector<Token> late;
  thread_local std::vector<std::uint32_t> found;
  found.clear();
  if (tokens.empty()) return found;
  const std::size_t size = tokens.size();
  order_.rarest(tokens, jaccard_.early(size), jaccard_.prefix(size), names, late);
  const std::size_t early = names.size();
  names.insert(names.end(), late.begin(), late.end());
  for (std::size_t i = 0; i < early; ++i) names.push_back(late_list(names[i]));
  looked_at = lists_.find(names, parity_bitmap(tokens), jaccard_.most_different(size), found);
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

std::uint32_t NearIndex::add(std::span<const Token> tokens) {
  const std::uint32_t added = rows_.add(tokens);
  if (std::find(kLearnAt.begin(), kLearnAt.end(), rows_.size()) == kLearnAt.end()) {
    list(added);
    return added;
  }
  order_.learn(rows_);
  lists_ = PostingLists();
  for (std::uint32_t row = 0; row < rows_.size(); ++row)
    if (!rows_.released(row)) list(row);
  return added;
}

void NearIndex::list(std::uint32_t row) {
  thread_local std::vector<Token> names;
  thread_local std::vector<Token> late;
  const std::span<const Token> tokens = rows_.tokens(row);
  if (tokens.empty()) return;
  order_.rarest(tokens, jaccard_.early(tokens.size()), jaccard_.prefix(tokens.size()), names, late);
  for (const Token token : late) names.push_back(late_list(token));
  lists_.add(names, row, parity_bitmap(tokens), rows_);
}

}  // namespace validators
