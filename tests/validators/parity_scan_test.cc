#include "validators/duplicates/parity_scan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <vector>

#include "base/hash.h"
#include "validators/duplicates/ranks.h"

namespace validators {
namespace {

TEST(ParityScan, DiffersInNoMoreBitsThanTokens) {
  const std::vector<Token> a{1, 2, 3, 64, 65};
  const std::vector<Token> b{1, 2, 3, 70};
  EXPECT_LE(std::popcount(parity_bitmap(a) ^ parity_bitmap(b)), 3);
  EXPECT_EQ(parity_bitmap({}), 0u);
  EXPECT_EQ(parity_bitmap(std::vector<Token>{5, 69}), 0u);  // the same bit twice
}

TEST(ParityScan, AllVersionsAgree) {
  ASSERT_STREQ(parity_scans().back().name, "portable");
  EXPECT_EQ(parity_scan, parity_scans().front().scan);
  std::uint64_t seed = 0;
  for (std::size_t size = 0; size < 300; size += size < 40 ? 1 : 37) {
    for (const unsigned limit : {0U, 1U, 5U, 24U, 32U, 63U, 64U, 1000U}) {
      const std::uint64_t bitmap = base::mix(++seed);
      std::vector<std::uint64_t> bitmaps(size + 1);
      for (std::uint64_t& other : bitmaps) {
        other = base::mix(++seed);
        // Some are close: few bits changed, or none.
        if (seed % 3 == 0) other = bitmap ^ (other & base::mix(other) & base::mix(other + 1) & (other >> 7));
        if (seed % 11 == 0) other = bitmap;
      }
      // From an odd place, too: lists begin anywhere.
      for (const std::size_t first : {std::size_t{0}, std::min(size, std::size_t{1})}) {
        std::vector<std::uint32_t> expected;
        for (std::uint32_t i = 0; i < size - first; ++i)
          if (std::popcount(bitmaps[first + i] ^ bitmap) <= static_cast<int>(limit)) expected.push_back(i);
        for (const NamedScan& version : parity_scans()) {
          std::vector<std::uint32_t> positions(size - first);
          positions.resize(
              version.scan(bitmaps.data() + first, size - first, bitmap, limit, positions.data()));
          ASSERT_EQ(positions, expected) << version.name << ", size " << size << ", limit " << limit;
        }
      }
    }
  }
}

TEST(Ranks, AreHowManyAreSmaller) {
  std::uint64_t seed = 0;
  for (std::size_t size = 0; size <= kMostRanked; ++size) {
    for (const std::uint64_t different : {std::uint64_t{1}, std::uint64_t{7}, std::uint64_t{1} << 32}) {
      std::vector<std::uint32_t> numbers(size);
      for (std::uint32_t& number : numbers)
        number = static_cast<std::uint32_t>(base::mix(++seed) % different);
      if (size > 1) numbers[seed % size] = 0xFFFFFFFF;
      std::vector<std::uint32_t> ranks(kMostRanked + 1, 77);
      std::vector<std::uint32_t> portable(size);
      rank(numbers.data(), size, ranks.data());
      rank_portable(numbers.data(), size, portable.data());
      for (std::size_t i = 0; i < size; ++i) {
        const auto smaller = std::count_if(numbers.begin(), numbers.end(),
                                           [&](std::uint32_t other) { return other < numbers[i]; });
        ASSERT_EQ(ranks[i], smaller) << size;
        ASSERT_EQ(portable[i], smaller) << size;
      }
      ASSERT_EQ(ranks[kMostRanked], 77u);
    }
  }
}

}  // namespace
}  // namespace validators
