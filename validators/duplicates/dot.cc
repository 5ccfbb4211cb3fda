#include "validators/duplicates/dot.h"

#include <array>
#include <cstddef>

#ifdef __x86_64__
#include <immintrin.h>
#endif

namespace validators {
namespace {

using Lanes = std::array<double, 8>;

/// The numbers behind the last eight, and the sum of all.
double finish(Lanes& lanes, std::size_t i, std::span<const float> a, std::span<const float> b) {
  for (std::size_t lane = 0; i < a.size(); ++i, ++lane)
    lanes[lane] += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
}

#ifdef __x86_64__

__attribute__((target("avx2"))) inline __m256d four(const float* from) {
  return _mm256_cvtps_pd(_mm_loadu_ps(from));
}

__attribute__((target("avx2"))) double dot_avx2(std::span<const float> a, std::span<const float> b) {
  __m256d low = _mm256_setzero_pd();
  __m256d high = _mm256_setzero_pd();
  std::size_t i = 0;
  for (; i + 8 <= a.size(); i += 8) {
    low = _mm256_add_pd(low, _mm256_mul_pd(four(&a[i]), four(&b[i])));
    high = _mm256_add_pd(high, _mm256_mul_pd(four(&a[i + 4]), four(&b[i + 4])));
  }
  Lanes lanes;
  _mm256_storeu_pd(lanes.data(), low);
  _mm256_storeu_pd(lanes.data() + 4, high);
  return finish(lanes, i, a, b);
}

#endif

using Dot = double (*)(std::span<const float>, std::span<const float>);

Dot best() {
#ifdef __x86_64__
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx2")) return dot_avx2;
#endif
  return dot_portable;
}

const Dot best_dot = best();

}  // namespace

double dot(std::span<const float> a, std::span<const float> b) { return best_dot(a, b); }

double dot_portable(std::span<const float> a, std::span<const float> b) {
  Lanes lanes{};
  std::size_t i = 0;
  for (; i + lanes.size() <= a.size(); i += lanes.size())
    for (std::size_t lane = 0; lane < lanes.size(); ++lane)
      lanes[lane] += static_cast<double>(a[i + lane]) * static_cast<double>(b[i + lane]);
  return finish(lanes, i, a, b);
}

}  // namespace validators
