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

void NearIndex::prepare(std::span<const Token> tokens, NearQuery& query) const {
  query.tokens = tokens;
  query.bitmap = parity_bitmap(tokens);
  query.order = learnt_;
  if (tokens.empty()) {
    query.early.clear();
    query.late.clear();
  } else {
    order_.rarest(tokens, jaccard_.early(tokens.size()), jaccard_.prefix(tokens.size()), query.early,
                  query.late);
  }
}

std::span<const std::uint32_t> NearIndex::candidates(const NearQuery& query, std::size_t& looked_at) const {
  thread_local std::vector<Token> names;  // of lists
  thread_local std::vector<PostingLists::List> lists;
  thread_local std::vector<std::uint32_t> found;
  found.clear();
  lists.clear();
  names.resize(2 * query.early.size() + query.late.size());
  // Every name is written, and counts or doesn't: no branch depends on it.
  std::size_t count = 0;
  const auto take = [&](Token name) {
    names[count] = name;
    count += lists_.may_have(name);
  };
  for (const Token token : query.early) take(token);
  for (const Token token : query.late) take(token);
  for (const Token token : query.early) take(late_list(token));
  names.resize(count);
  for (const Token name : names) lists_.ask(name);
  for (const Token token : query.late) lists_.ask(late_list(token));  // where it may be added
  looked_at = lists_.look_up(names, lists, found);
  lists_.scan(lists, query.bitmap, jaccard_.most_different(query.tokens.size()), found);
  for (const std::uint32_t row : found) rows_.ask_place(row);
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

std::uint32_t NearIndex::add(std::span<const Token> tokens) {
  thread_local NearQuery query;
  prepare(tokens, query);
  return add(query);
}

std::uint32_t NearIndex::add(const NearQuery& query) {
  const std::uint32_t added = rows_.add(query.tokens);
  if (std::find(kLearnAt.begin(), kLearnAt.end(), rows_.size()) != kLearnAt.end()) {
    learn();
  } else if (query.order == learnt_) {
    list(added, query);
  } else {
    NearQuery anew;
    prepare(query.tokens, anew);
    list(added, anew);
  }
  return added;
}

void NearIndex::learn() {
  order_.learn(rows_);
  ++learnt_;
  lists_ = PostingLists();
  NearQuery query;
  for (std::uint32_t row = 0; row < rows_.size(); ++row) {
    if (rows_.released(row)) continue;
    prepare(rows_.tokens(row), query);
    list(row, query);
  }
}

void NearIndex::list(std::uint32_t row, const NearQuery& query) {
  thread_local std::vector<Token> names;
  names.assign(query.early.begin(), query.early.end());
  for (const Token token : query.late) names.push_back(late_list(token));
  lists_.add(names, row, query.bitmap, rows_);
}

}  // namespace validators
