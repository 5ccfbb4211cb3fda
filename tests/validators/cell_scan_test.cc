#include "validators/duplicates/cell_scan.h"

#include <gtest/gtest.h>

#include "base/hash.h"
#include "validators/duplicates/dot.h"

namespace validators {
namespace {

/// By the definition.
std::uint64_t expected(const CellBlock& block, const CellTable& table) {
  std::uint64_t passed = 0;
  for (std::size_t row = 0; row < kRowsOfCells; ++row) {
    unsigned sum = 0;
    for (std::size_t pair = 0; pair < table.size(); ++pair)
      sum += table[pair][block[pair / 2][row] >> (pair % 2 * 4) & 15];
    passed |= std::uint64_t{sum < 255} << row;
  }
  return passed;
}

TEST(CellScan, AllVersionsAgree) {
  ASSERT_STREQ(cell_scans().back().name, "portable");
  EXPECT_EQ(cell_scan, cell_scans().front().scan);
  std::uint64_t seed = 0;
  std::size_t passed = 0;
  // Of every size: sums far below 255, around it, and far above.
  for (const std::uint64_t most : {1U, 5U, 8U, 9U, 12U, 30U, 256U}) {
    for (int round = 0; round < 200; ++round) {
      CellTable table;
      for (auto& pair : table)
        for (std::uint8_t& entry : pair) entry = static_cast<std::uint8_t>(base::mix(++seed) % most);
      CellBlock first;
      CellBlock second;
      for (auto& bytes : first)
        for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(base::mix(++seed));
      for (auto& bytes : second)
        for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(base::mix(++seed));
      const std::uint64_t rows = expected(second, table) << 32 | expected(first, table);
      passed += static_cast<std::size_t>(__builtin_popcountll(rows));
      for (const NamedCellScan& version : cell_scans())
        ASSERT_EQ(version.scan(first, second, table), rows) << version.name << ' ' << most;
    }
  }
  EXPECT_GT(passed, 1000u * 10);
  EXPECT_LT(passed, 7u * 200 * 64 - 1000 * 10);
}

TEST(Dot, IsTheSameOnEveryProcessor) {
  std::uint64_t seed = 0;
  for (std::size_t size = 0; size < 100; ++size) {
    std::vector<float> a(size);
    std::vector<float> b(size);
    for (float& x : a) x = static_cast<float>(base::unit_interval(base::mix(++seed)) - 0.5);
    for (float& x : b) x = static_cast<float>(base::unit_interval(base::mix(++seed)) - 0.5) * 1e8F;
    ASSERT_EQ(dot(a, b), dot_portable(a, b)) << size;
    ASSERT_EQ(dot(a, b), dot(b, a)) << size;
  }
}

}  // namespace
}  // namespace validators
