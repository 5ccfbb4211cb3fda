#include "validators/duplicates/posting_lists.h"

#include <algorithm>
#include <bit>

#include "validators/duplicates/parity_scan.h"

namespace validators {
namespace {

constexpr std::uint32_t kFirstBits = 6;  // of the directory
constexpr std::uint32_t kMostInBlock = 2048;
constexpr std::uint32_t kNone = 0xFFFFFFFF;

/// The room of a list's newest block.
std::uint32_t capacity_for(std::uint32_t count) {
  if (count > kMostInBlock) return kMostInBlock;
  if (count <= 2) return 2;
  const std::uint32_t power = std::bit_ceil(count);
  return power > 4 && count <= power / 4 * 3 ? power / 4 * 3 : power;
}

/// Two classes to a power of two: 8, 12, 16, 24 ...
std::size_t class_of(std::uint32_t capacity) {
  const auto bits = static_cast<std::size_t>(std::bit_width(capacity) - 1);
  return 2 * bits + (std::has_single_bit(capacity) ? 0 : 1);
}

/// In words. A block of the last size has one more, for the block before it.
std::uint32_t block_size(std::uint32_t capacity) {
  return capacity + capacity / 2 + (capacity == kMostInBlock ? 1 : 0);
}

/// How many postings stand in a list's newest block.
std::uint32_t in_newest(std::uint32_t count) {
  return count <= kMostInBlock ? count : (count - 1) % kMostInBlock + 1;
}

std::uint32_t row_at(const std::uint64_t* block, std::uint32_t capacity, std::uint32_t i) {
  return static_cast<std::uint32_t>(block[capacity + i / 2] >> (i % 2 * 32));
}

void put(std::uint64_t* block, std::uint32_t capacity, std::uint32_t i, std::uint32_t row,
         std::uint64_t bitmap) {
  block[i] = bitmap;
  std::uint64_t& pair = block[capacity + i / 2];
  pair = i % 2 == 0 ? row : pair | std::uint64_t{row} << 32;
}

}  // namespace

PostingLists::PostingLists() : directory_(std::size_t{1} << kFirstBits), shift_(64 - kFirstBits) {
  free_.fill(kNone);
}

/// Fibonacci hashing (Knuth, The Art of Computer Programming 3, 6.4).
std::size_t PostingLists::place(Token token) const {
  const std::size_t mask = directory_.size() - 1;
  std::size_t at = token * std::uint64_t{0x9E3779B97F4A7C15} >> shift_;
  while (directory_[at].count != 0 && directory_[at].token != token) at = (at + 1) & mask;
  return at;
}

void PostingLists::grow_directory() {
  std::vector<List> lists(directory_.size() * 2);
  lists.swap(directory_);
  --shift_;
  for (const List& list : lists)
    if (list.count != 0) directory_[place(list.token)] = list;
}

std::uint32_t PostingLists::take_block(std::uint32_t capacity) {
  std::uint32_t& first = free_[class_of(capacity)];
  if (first == kNone) return blocks_.allocate(block_size(capacity));
  const std::uint32_t block = first;
  first = static_cast<std::uint32_t>(*blocks_.at(block));
  return block;
}

void PostingLists::drop_block(std::uint32_t block, std::uint32_t capacity) {
  std::uint32_t& first = free_[class_of(capacity)];
  *blocks_.at(block) = first;
  first = block;
}

void PostingLists::append(List& list, std::uint32_t row, std::uint64_t bitmap) {
  const std::uint32_t before = list.count;
  const std::uint32_t capacity = capacity_for(before + 1);
  if (before >= kMostInBlock && before % kMostInBlock == 0) {
    const std::uint32_t block = take_block(kMostInBlock);
    blocks_.at(block)[block_size(kMostInBlock) - 1] = list.where;
    list.where = block;
  } else if (const std::uint32_t old = capacity_for(before); old != capacity) {
    const std::uint32_t block = take_block(capacity);
    const std::uint64_t* from = blocks_.at(list.where);
    std::uint64_t* to = blocks_.at(block);
    std::copy_n(from, before, to);
    std::copy_n(from + old, (before + 1) / 2, to + capacity);
    drop_block(list.where, old);
    list.where = block;
  }
  put(blocks_.at(list.where), capacity, in_newest(before + 1) - 1, row, bitmap);
  ++list.count;
}

void PostingLists::add(std::span<const Token> prefix, std::uint32_t row, std::uint64_t bitmap,
                       const TokenStore& rows) {
  while ((lists_ + prefix.size()) * 4 > directory_.size() * 3) grow_directory();
  for (const Token token : prefix) {
    List& list = directory_[place(token)];
    if (list.count == 0) {
      list = {token, 1, row};
      ++lists_;
      continue;
    }
    if (list.count == 1) {
      const std::uint32_t first = list.where;
      list.where = take_block(capacity_for(1));
      put(blocks_.at(list.where), capacity_for(1), 0, first, parity_bitmap(rows.tokens(first)));
    }
    append(list, row, bitmap);
  }
}

std::size_t PostingLists::find(std::span<const Token> prefix, std::uint64_t bitmap, unsigned limit,
                               std::vector<std::uint32_t>& found) const {
  // Each step asks for the memory of the next one, for all tokens at once.
  thread_local std::vector<List> lists;
  thread_local std::vector<std::uint32_t> positions(kMostInBlock);
  for (const Token token : prefix)
    __builtin_prefetch(&directory_[token * std::uint64_t{0x9E3779B97F4A7C15} >> shift_]);
  lists.clear();
  std::size_t looked_at = 0;
  for (const Token token : prefix) {
    const List& list = directory_[place(token)];
    looked_at += list.count;
    if (list.count == 1) {
      found.push_back(list.where);
    } else if (list.count > 1) {
      __builtin_prefetch(blocks_.at(list.where));
      lists.push_back(list);
    }
  }
  for (const List& list : lists) {
    const std::uint32_t capacity = capacity_for(list.count);
    std::uint32_t left = list.count;
    for (std::uint32_t at = list.where;;) {
      const std::uint64_t* block = blocks_.at(at);
      const std::uint32_t here = in_newest(left);
      const std::size_t hits = parity_scan(block, here, bitmap, limit, positions.data());
      for (std::size_t i = 0; i < hits; ++i) found.push_back(row_at(block, capacity, positions[i]));
      if ((left -= here) == 0) break;
      at = static_cast<std::uint32_t>(block[block_size(kMostInBlock) - 1]);
    }
  }
  return looked_at;
}

}  // namespace validators
