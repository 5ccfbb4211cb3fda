// Memory that grows and never moves: numbers that a 32-bit offset finds again. Pieces of 256 or 512 KB, of 2
// MB (pages.h) once there are as many; a larger array than that gets a piece of its own. What is allocated is
// neither cleared nor given back before the end.
//
// One thread allocates; any may read beside the others while none does. Room for 2^32 numbers.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "validators/duplicates/pages.h"

namespace validators {

template <typename T>
class Chunks {
 public:
  /// `count` numbers in a row.
  std::uint32_t allocate(std::size_t count) {
    if (used_ + count > starts_.size() * kChunk) {
      used_ = starts_.size() * kChunk;
      const std::size_t least = starts_.size() < kManyChunks ? 1 : kManyChunks;
      const std::size_t chunks = std::max(least, (count + kChunk - 1) / kChunk);
      owned_.emplace_back(static_cast<T*>(take_pages(chunks * kChunk * sizeof(T))));
      for (std::size_t i = 0; i < chunks; ++i) starts_.push_back(owned_.back().get() + i * kChunk);
    }
    const std::size_t offset = used_;
    used_ += count;
    return static_cast<std::uint32_t>(offset);
  }
  T* at(std::uint32_t offset) { return starts_[offset / kChunk] + offset % kChunk; }
  const T* at(std::uint32_t offset) const { return starts_[offset / kChunk] + offset % kChunk; }
  /// Bytes in use.
  std::size_t memory() const { return used_ * sizeof(T); }

 private:
  static constexpr std::size_t kChunk = std::size_t{1} << 16;
  static constexpr std::size_t kManyChunks = (std::size_t{1} << 21) / (kChunk * sizeof(T));

  std::vector<std::unique_ptr<T, GiveBackPages>> owned_;
  std::vector<T*> starts_;  // of each stretch of kChunk numbers
  std::size_t used_ = 0;
};

}  // namespace validators
