#include "base/hash.h"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <vector>

namespace base {
namespace {

// Journals and row ids hold these values: a test that has to be changed here means that every stored
// reply is asked for again.
TEST(Hash, ValuesNeverChange) {
  EXPECT_EQ(to_hex(hash64("")), "2d06800538d394c2");
  EXPECT_EQ(to_hex(hash128("")), "99aa06d3014798d86001c324468d497f");
  EXPECT_EQ(to_hex(mix(0)), "e220a8397b1dcdaf");  // the first output of splitmix64 seeded with 0
  EXPECT_EQ(to_hex(hash64("会议室", 7)), "90b99138f422bc63");
  EXPECT_EQ(to_hex(hash128("会议室")), "b85fbd7045c034d0d40a16a8e7dfde77");
  EXPECT_EQ(to_hex(mix(1, 2)), "bcd9dbb49673066b");
  const Permutation permutation(7, 10);
  std::vector<std::uint64_t> images;
  for (std::uint64_t i = 0; i < 10; ++i) images.push_back(permutation(i));
  EXPECT_EQ(images, (std::vector<std::uint64_t>{7, 1, 9, 0, 6, 3, 4, 5, 8, 2}));
}

TEST(Hash, SeedAndOrderMatter) {
  EXPECT_NE(hash64("a", 1), hash64("a", 2));
  EXPECT_NE(mix(1, 2), mix(2, 1));
}

TEST(Hash, StreamEqualsOneCall) {
  std::mt19937 random(2);
  std::string bytes;
  Hash128Stream stream;
  EXPECT_EQ(stream.digest(), hash128(""));
  for (int piece = 0; piece < 50; ++piece) {
    std::string part(random() % 600, '\0');
    for (char& c : part) c = static_cast<char>(random());
    bytes += part;
    stream.update(part);
    ASSERT_EQ(stream.digest(), hash128(bytes)) << bytes.size();
  }
  Hash128Stream moved = std::move(stream);
  EXPECT_EQ(moved.digest(), hash128(bytes));
}

TEST(Hash, HexRoundTrip) {
  EXPECT_EQ(to_hex(std::uint64_t{0}), "0000000000000000");
  EXPECT_EQ(to_hex(~std::uint64_t{0}), "ffffffffffffffff");
  const Hash128 hash = hash128("x");
  Hash128 back;
  ASSERT_TRUE(from_hex(to_hex(hash), back));
  EXPECT_EQ(back, hash);
  const std::string good = to_hex(hash);
  const std::string bad[] = {"",
                             good.substr(1),
                             good + "0",
                             good.substr(1) + "g",
                             good.substr(1) + "A",
                             good.substr(1) + " ",
                             "0x" + good.substr(2)};
  for (const std::string& hex : bad) EXPECT_FALSE(from_hex(hex, back)) << hex;
  EXPECT_EQ(back, hash) << "a failed call must leave its output alone";
}

TEST(Hash, UnitIntervalIsHalfOpen) {
  EXPECT_EQ(unit_interval(0), 0.0);
  EXPECT_LT(unit_interval(~std::uint64_t{0}), 1.0);
  EXPECT_EQ(unit_interval(std::uint64_t{1} << 63), 0.5);
}

TEST(Permutation, IsABijectionForEverySmallSize) {
  for (std::uint64_t size = 0; size <= 300; ++size)
    for (const std::uint64_t seed : {std::uint64_t{0}, std::uint64_t{1}, ~std::uint64_t{0}}) {
      const Permutation permutation(seed, size);
      std::vector<bool> hit(size, false);
      for (std::uint64_t i = 0; i < size; ++i) {
        const std::uint64_t image = permutation(i);
        ASSERT_LT(image, size);
        ASSERT_FALSE(hit[image]) << "size " << size << " seed " << seed;
        hit[image] = true;
        ASSERT_EQ(permutation(i + size), image);
      }
    }
  EXPECT_EQ(Permutation(5, 0)(123), 0U);
}

TEST(Permutation, IsABijectionForLargeSizes) {
  for (const std::uint64_t size : {65535U, 65536U, 65537U, 100003U}) {
    const Permutation permutation(9, size);
    std::vector<bool> hit(size, false);
    for (std::uint64_t i = 0; i < size; ++i) {
      const std::uint64_t image = permutation(i);
      ASSERT_LT(image, size);
      ASSERT_FALSE(hit[image]) << size;
      hit[image] = true;
    }
  }
  for (const std::uint64_t size : {(std::uint64_t{1} << 32) + 5, std::uint64_t{1} << 63, ~std::uint64_t{0}}) {
    const Permutation permutation(9, size);
    std::set<std::uint64_t> images;
    for (std::uint64_t i = 0; i < 2000; ++i) {
      const std::uint64_t image = permutation(i * (size / 2000));
      ASSERT_LT(image, size);
      ASSERT_TRUE(images.insert(image).second) << size;
    }
  }
}

TEST(Permutation, SeedsGiveEveryOrderAboutEquallyOften) {
  std::vector<int> counts(27, 0);
  constexpr int kSeeds = 6000;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    const Permutation permutation(mix(seed), 3);
    ++counts[permutation(0) * 9 + permutation(1) * 3 + permutation(2)];
  }
  int orders = 0;
  for (const int count : counts) {
    if (count == 0) continue;
    ++orders;
    EXPECT_GT(count, kSeeds / 6 / 2);
    EXPECT_LT(count, kSeeds / 6 * 2);
  }
  EXPECT_EQ(orders, 6);
}

}  // namespace
}  // namespace base
