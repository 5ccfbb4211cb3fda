#include "validators/duplicates/posting_lists.h"

#include <algorithm>
#include <bit>

#include "validators/duplicates/parity_scan.h"

namespace validators {
namespace {

constexpr std::uint32_t kFirstBits = 6;  // of the directory
constexpr std::uint32_t kMostInBlock = 2048;
constexpr std::size_t kMostAsked = 64;  // bitmaps; the processor sees by itself how it goes on
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

PostingLists::PostingLists()
    : directory_(std::size_t{1} << kFirstBits),
      present_(directory_.size() * 4 / 64),
      shift_(64 - kFirstBits) {
  free_.fill(kNone);
}

std::size_t PostingLists::place(Token token) const {
  const std::size_t mask = directory_.size() - 1;
  std::size_t at = hash(token) >> shift_;
  while (directory_[at].count != 0 && directory_[at].token != token) at = (at + 1) & mask;
  return at;
}

void PostingLists::set_present(Token token) {
  const std::size_t bit = hash(token) >> (shift_ - 2);
  present_[bit / 64] |= std::uint64_t{1} << bit % 64;
}

void PostingLists::grow_directory() {
  std::vector<List, PageAllocator<List>> lists(directory_.size() * 2);
  lists.swap(directory_);
  --shift_;
  present_.assign(directory_.size() * 4 / 64, 0);
  for (const List& list : lists) {
    if (list.count == 0) continue;
    directory_[place(list.token)] = list;
    set_present(list.token);
  }
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

void PostingLists::add(std::span<const Token> names, std::uint32_t row, std::uint64_t bitmap,
                       const TokenStore& rows) {
  while ((lists_ + names.size()) * 4 > directory_.size() * 3) grow_directory();
  // First where the postings will stand, so that the memory of all comes at once.
  for (const Token name : names) {
    const List& list = directory_[place(name)];
    if (list.count <= 1) continue;
    const std::uint32_t capacity = capacity_for(list.count);
    const std::uint64_t* block = blocks_.at(list.where);
    const std::uint32_t next = in_newest(list.count);
    __builtin_prefetch(block + next, 1);
    __builtin_prefetch(block + capacity + next / 2, 1);
  }
  for (const Token name : names) {
    List& list = directory_[place(name)];
    if (list.count == 0) {
      list = {name, 1, row};
      set_present(name);
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

std::size_t PostingLists::look_up(std::span<const Token> names, std::vector<List>& lists,
                                  std::vector<std::uint32_t>& rows) const {
  std::size_t postings = 0;
  for (const Token name : names) {
    const List& list = directory_[place(name)];
    postings += list.count;
    if (list.count == 1) {
      rows.push_back(list.where);
    } else if (list.count > 1) {
      const std::uint64_t* block = blocks_.at(list.where);
      const std::size_t here = std::min<std::size_t>(in_newest(list.count), kMostAsked);
      for (std::size_t i = 0; i < here; i += 8) __builtin_prefetch(block + i);
      lists.push_back(list);
    }
  }
  return postings;
}

void PostingLists::scan(std::span<const List> lists, std::uint64_t bitmap, unsigned limit,
                        std::vector<std::uint32_t>& rows) const {
  thread_local std::vector<std::uint32_t> positions(kMostInBlock);
  for (const List& list : lists) {
    const std::uint32_t capacity = capacity_for(list.count);
    std::uint32_t left = list.count;
    for (std::uint32_t at = list.where;;) {
      const std::uint64_t* block = blocks_.at(at);
      const std::uint32_t here = in_newest(left);
      const std::size_t hits = parity_scan(block, here, bitmap, limit, positions.data());
      for (std::size_t i = 0; i < hits; ++i) rows.push_back(row_at(block, capacity, positions[i]));
      if ((left -= here) == 0) break;
      at = static_cast<std::uint32_t>(block[block_size(kMostInBlock) - 1]);
    }
  }
}

}  // namespace validators
