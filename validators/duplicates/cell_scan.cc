#include "validators/duplicates/cell_scan.h"

#include <algorithm>
#include <vector>

#ifdef __x86_64__
#include <immintrin.h>
#endif

namespace validators {
namespace {

std::uint32_t scan_block(const CellBlock& block, const CellTable& table) {
  std::array<std::uint16_t, kRowsOfCells> sums{};
  std::uint32_t passed = 0xFFFFFFFF;
  for (std::size_t four = 0; four < block.size() && passed != 0; ++four) {
    for (std::size_t row = 0; row < kRowsOfCells; ++row) {
      const std::uint8_t cells = block[four][row];
      const unsigned sum = sums[row] + 0U + table[2 * four][cells & 15] + table[2 * four + 1][cells >> 4];
      sums[row] = static_cast<std::uint16_t>(std::min(sum, 255U));
      if (sum >= 255) passed &= ~(std::uint32_t{1} << row);
    }
  }
  return passed;
}

std::uint64_t scan_portable(const CellBlock& first, const CellBlock& second, const CellTable& table) {
  return std::uint64_t{scan_block(second, table)} << 32 | scan_block(first, table);
}

#ifdef __x86_64__

__attribute__((target("avx2"))) inline __m256i entries(
    const std::array<std::uint8_t, kCells * kCells>& axes) {
  return _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(axes.data())));
}

__attribute__((target("avx2"))) inline std::uint32_t too_far(__m256i sums) {
  return static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(sums, _mm256_set1_epi8(-1))));
}

__attribute__((target("avx2"))) inline __m256i add_entries(__m256i sums, const std::uint8_t* from,
                                                           __m256i one, __m256i other) {
  const __m256i low = _mm256_set1_epi8(15);
  const __m256i cells = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
  const __m256i a = _mm256_shuffle_epi8(one, _mm256_and_si256(cells, low));
  const __m256i b = _mm256_shuffle_epi8(other, _mm256_and_si256(_mm256_srli_epi16(cells, 4), low));
  return _mm256_adds_epu8(sums, _mm256_adds_epu8(a, b));
}

__attribute__((target("avx2"))) std::uint64_t scan_avx2(const CellBlock& first, const CellBlock& second,
                                                        const CellTable& table) {
  constexpr std::size_t kStep = 4;  // bytes a row between two looks at whether any row is left
  __m256i sums = _mm256_setzero_si256();
  __m256i second_sums = sums;
  for (std::size_t four = 0; four < first.size();) {
    for (const std::size_t end = four + kStep; four < end; ++four) {
      const __m256i one = entries(table[2 * four]);
      const __m256i other = entries(table[2 * four + 1]);
      sums = add_entries(sums, first[four].data(), one, other);
      second_sums = add_entries(second_sums, second[four].data(), one, other);
    }
    if (four > kStep && too_far(_mm256_min_epu8(sums, second_sums)) == 0xFFFFFFFF) return 0;
  }
  return ~(std::uint64_t{too_far(second_sums)} << 32 | too_far(sums));
}

#endif

std::vector<NamedCellScan> find_scans() {
  std::vector<NamedCellScan> scans;
#ifdef __x86_64__
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx2")) scans.push_back({"avx2", scan_avx2});
#endif
  scans.push_back({"portable", scan_portable});
  return scans;
}

}  // namespace

std::span<const NamedCellScan> cell_scans() {
  static const std::vector<NamedCellScan> scans = find_scans();
  return scans;
}

const CellScan cell_scan = cell_scans().front().scan;

}  // namespace validators
