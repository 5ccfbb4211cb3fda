#include "validators/duplicates/ranks.h"

#include <algorithm>
#include <array>

#ifdef __x86_64__
#include <immintrin.h>
#endif

namespace validators {
namespace {

#ifdef __x86_64__

/// The places of 8 x `Eights` numbers from `ranked` on, among all.
template <std::size_t Eights>
__attribute__((target("avx2"))) void rank_eights(const std::uint32_t* turned, std::size_t size,
                                                 const std::uint32_t* ranked, std::uint32_t* ranks) {
  __m256i numbers[Eights];
  __m256i smaller[Eights];
  for (std::size_t k = 0; k < Eights; ++k) {
    numbers[k] = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(ranked + 8 * k));
    smaller[k] = _mm256_setzero_si256();
  }
  for (std::size_t j = 0; j < size; ++j) {
    const __m256i other = _mm256_set1_epi32(static_cast<int>(turned[j]));
    for (std::size_t k = 0; k < Eights; ++k)
      smaller[k] = _mm256_sub_epi32(smaller[k], _mm256_cmpgt_epi32(numbers[k], other));
  }
  for (std::size_t k = 0; k < Eights; ++k)
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(ranks + 8 * k), smaller[k]);
}

void rank_avx2(const std::uint32_t* numbers, std::size_t size, std::uint32_t* ranks) {
  // Comparisons are of signed numbers: with the first bit turned over, the order is that of unsigned ones.
  constexpr std::uint32_t kTurned = 0x80000000;
  std::array<std::uint32_t, kMostRanked + 8> turned;
  for (std::size_t k = 0; k < 8; ++k) turned[size / 8 * 8 + k] = 0;
  for (std::size_t i = 0; i < size; ++i) turned[i] = numbers[i] ^ kTurned;
  for (std::size_t i = 0; i < size; i += 32) {
    switch (std::min<std::size_t>(4, (size - i + 7) / 8)) {
      case 1:
        rank_eights<1>(turned.data(), size, &turned[i], ranks + i);
        break;
      case 2:
        rank_eights<2>(turned.data(), size, &turned[i], ranks + i);
        break;
      case 3:
        rank_eights<3>(turned.data(), size, &turned[i], ranks + i);
        break;
      default:
        rank_eights<4>(turned.data(), size, &turned[i], ranks + i);
    }
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
