#include "validators/duplicates/parity_scan.h"

#include <bit>
#include <vector>

#ifdef __x86_64__
#include <immintrin.h>
#endif

namespace validators {
namespace {

std::size_t scan_portable(const std::uint64_t* bitmaps, std::size_t size, std::uint64_t bitmap,
                          unsigned limit, std::uint32_t* positions) {
  std::size_t found = 0;
  for (std::size_t i = 0; i < size; ++i)
    if (static_cast<unsigned>(std::popcount(bitmaps[i] ^ bitmap)) <= limit)
      positions[found++] = static_cast<std::uint32_t>(i);
  return found;
}

#ifdef __x86_64__

/// Appends the positions of the bits of `mask`: hits are rare, so that they are written one by one.
inline void append(unsigned mask, std::size_t first, std::uint32_t* positions, std::size_t& found) {
  for (; mask != 0; mask &= mask - 1)
    positions[found++] =
        static_cast<std::uint32_t>(first) + static_cast<std::uint32_t>(std::countr_zero(mask));
}

__attribute__((target("avx2"))) std::size_t scan_avx2(const std::uint64_t* bitmaps, std::size_t size,
                                                      std::uint64_t bitmap, unsigned limit,
                                                      std::uint32_t* positions) {
  // Bits of a byte are counted by two look-ups of its halves, bytes are summed by sad (Mula, Kurz and
  // Lemire, "Faster population counts using AVX2 instructions", 2018).
  const __m256i counts = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4,  //
                                          0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
  const __m256i low = _mm256_set1_epi8(15);
  const __m256i wanted = _mm256_set1_epi64x(static_cast<long long>(bitmap));
  const __m256i beyond = _mm256_set1_epi64x(static_cast<long long>(limit) + 1);
  std::size_t found = 0;
  std::size_t i = 0;
  for (; i + 4 <= size; i += 4) {
    const __m256i loaded = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bitmaps + i));
    const __m256i differ = _mm256_xor_si256(loaded, wanted);
    const __m256i halves =
        _mm256_add_epi8(_mm256_shuffle_epi8(counts, _mm256_and_si256(differ, low)),
                        _mm256_shuffle_epi8(counts, _mm256_and_si256(_mm256_srli_epi64(differ, 4), low)));
    const __m256i sums = _mm256_sad_epu8(halves, _mm256_setzero_si256());
    const __m256i near = _mm256_cmpgt_epi64(beyond, sums);
    append(static_cast<unsigned>(_mm256_movemask_pd(_mm256_castsi256_pd(near))), i, positions, found);
  }
  for (; i < size; ++i)
    if (static_cast<unsigned>(std::popcount(bitmaps[i] ^ bitmap)) <= limit)
      positions[found++] = static_cast<std::uint32_t>(i);
  return found;
}

__attribute__((target("avx512f,avx512vpopcntdq"))) std::size_t scan_avx512(const std::uint64_t* bitmaps,
                                                                           std::size_t size,
                                                                           std::uint64_t bitmap,
                                                                           unsigned limit,
                                                                           std::uint32_t* positions) {
  const __m512i wanted = _mm512_set1_epi64(static_cast<long long>(bitmap));
  const __m512i most = _mm512_set1_epi64(limit);
  std::size_t found = 0;
  for (std::size_t i = 0; i < size; i += 8) {
    const __mmask8 lanes = static_cast<__mmask8>(size - i >= 8 ? 0xFF : (1U << (size - i)) - 1);
    const __m512i loaded = _mm512_maskz_loadu_epi64(lanes, bitmaps + i);
    const __m512i sums = _mm512_popcnt_epi64(_mm512_xor_si512(loaded, wanted));
    append(_mm512_mask_cmple_epu64_mask(lanes, sums, most), i, positions, found);
  }
  return found;
}

#endif

std::vector<NamedScan> find_scans() {
  std::vector<NamedScan> scans;
#ifdef __x86_64__
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vpopcntdq"))
    scans.push_back({"avx512", scan_avx512});
  if (__builtin_cpu_supports("avx2")) scans.push_back({"avx2", scan_avx2});
#endif
  scans.push_back({"portable", scan_portable});
  return scans;
}

}  // namespace

std::uint64_t parity_bitmap(std::span<const Token> tokens) {
  std::uint64_t bitmap = 0;
  for (const Token token : tokens) bitmap ^= std::uint64_t{1} << (token & 63);
  return bitmap;
}

std::span<const NamedScan> parity_scans() {
  static const std::vector<NamedScan> scans = find_scans();
  return scans;
}

const ParityScan parity_scan = parity_scans().front().scan;

}  // namespace validators
