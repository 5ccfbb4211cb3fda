// The random numbers of benchmarks: the same for the same seed, on every machine.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/hash.h"

namespace bench {

class Random {
 public:
  explicit Random(std::uint64_t seed) : seed_(seed) {}
  /// 0 to size - 1; `size` is at least 1.
  std::size_t below(std::size_t size) { return base::mix(seed_, ++count_) % size; }

 private:
  const std::uint64_t seed_;
  std::uint64_t count_ = 0;
};

}  // namespace bench
