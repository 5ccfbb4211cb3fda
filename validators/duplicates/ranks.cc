#include "validators/duplicates/ranks.h"

#include <algorithm>
#include <array>

#ifdef __x86_64__
#include <immintrin.h>
#endif

namespace validators {
namespace {

#ifdef __x86_64__

__attribute__((target("avx2"))) void rank_avx2(const std::uint32_t* numbers, std::size_t size,
                                               std::uint32_t* ranks) {
  // Comparisons are of signed numbers: with the first bit turned over, the order is that of unsigned ones.
  constexpr std::uint32_t kTurned = 0x80000000;
  std::array<std::uint32_t, kMostRanked> turned;
  for (std::size_t i = 0; i < size; ++i) turned[i] = numbers[i] ^ kTurned;
  std::fill(turned.begin() + static_cast<std::ptrdiff_t>(size),
            turned.begin() + static_cast<std::ptrdiff_t>((size + 7) / 8 * 8), 0U);
  std::array<std::uint32_t, 8> eight;
  for (std::size_t i = 0; i < size; i += 8) {
    const __m256i ranked = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(&turned[i]));
    __m256i smaller = _mm256_setzero_si256();
    for (std::size_t j = 0; j < size; ++j)
      smaller = _mm256_sub_epi32(smaller,
                                 _mm256_cmpgt_epi32(ranked, _mm256_set1_epi32(static_cast<int>(turned[j]))));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(eight.data()), smaller);
    std::copy_n(eight.begin(), std::min<std::size_t>(8, size - i), ranks + i);
  }
}

#endif

using Rank = void (*)(const std::uint32_t*, std::size_t, std::uint32_t*);

Rank best() {
#ifdef __x86_64__
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx2")) return rank_avx2;
#endif
  return rank_portable;
}

const Rank best_rank = best();

}  // namespace

void rank(const std::uint32_t* numbers, std::size_t size, std::uint32_t* ranks) {
  best_rank(numbers, size, ranks);
}

void rank_portable(const std::uint32_t* numbers, std::size_t size, std::uint32_t* ranks) {
  for (std::size_t i = 0; i < size; ++i) {
    std::uint32_t smaller = 0;
    for (std::size_t j = 0; j < size; ++j) smaller += numbers[j] < numbers[i];
    ranks[i] = smaller;
  }
}

}  // namespace validators
