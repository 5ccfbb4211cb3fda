#include "validators/duplicates/semantic_index.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>

#include "base/hash.h"

namespace validators {
namespace {

using Vector = std::vector<float>;
using Rows = std::vector<std::uint32_t>;

class Random {
 public:
  explicit Random(std::uint64_t seed) : seed_(seed) {}
  std::size_t below(std::size_t size) { return base::mix(seed_, ++count_) % size; }
  /// Of mean 0 and deviation 1, nearly normal.
  double normal() {
    double sum = -6;
    for (int i = 0; i < 12; ++i) sum += base::unit_interval(base::mix(seed_, ++count_));
    return sum;
  }
  Vector vector(std::size_t dimensions) {
    Vector v(dimensions);
    for (float& x : v) x = static_cast<float>(normal());
    return v;
  }

 private:
  const std::uint64_t seed_;
  std::uint64_t count_ = 0;
};

double product(const Vector& a, const Vector& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return sum;
}

Rows find_all(const SemanticIndex& index, const Vector& vector) {
  Rows rows;
  index.find(vector, [&rows](std::uint32_t row) {
    rows.push_back(row);
    return true;
  });
  return rows;
}

/// All kinds of vectors: around few centres far from the origin, near copies of earlier ones at cosines
/// around the thresholds, equal ones, opposite ones, zeros, all of any length.
std::vector<Vector> hard_vectors(std::size_t count, std::size_t dimensions, std::uint64_t seed) {
  Random random(seed);
  const Vector common = random.vector(dimensions);
  std::vector<Vector> centres;
  for (int i = 0; i < 20; ++i) centres.push_back(random.vector(dimensions));
  std::vector<Vector> vectors;
  while (vectors.size() < count) {
    Vector v = random.vector(dimensions);
    const std::size_t kind = random.below(10);
    if (kind < 4) {
      const Vector& centre = centres[random.below(centres.size())];
      for (std::size_t i = 0; i < dimensions; ++i) v[i] = 0.7F * common[i] + centre[i] + 0.5F * v[i];
    } else if (kind < 8 && !vectors.empty()) {
      const Vector& from = vectors[random.below(vectors.size())];
      const auto noise = static_cast<float>(0.1 * static_cast<double>(random.below(8)));
      const float sign = random.below(8) == 0 ? -1.0F : 1.0F;
      for (std::size_t i = 0; i < dimensions; ++i) v[i] = sign * from[i] + noise * v[i];
    } else if (kind == 8 && random.below(10) == 0) {
      v.assign(dimensions, 0.0F);
    } else if (kind == 8) {  // along an axis
      v.assign(dimensions, 0.0F);
      v[random.below(dimensions)] = 1;
    }
    const auto scale = static_cast<float>(std::exp(3 * random.normal()));
    for (float& x : v) x *= scale;
    vectors.push_back(v);
  }
  return vectors;
}

/// Whether `found` is what is nearer to vectors[i] than the threshold among the first `count` vectors; where
/// rounding decides, either is right.
void expect_exact(const Rows& found, const std::vector<Vector>& vectors, const std::vector<double>& lengths,
                  std::size_t i, std::size_t count, double threshold) {
  ASSERT_TRUE(std::is_sorted(found.begin(), found.end()));
  const std::set<std::uint32_t> set(found.begin(), found.end());
  ASSERT_EQ(set.size(), found.size());
  for (std::uint32_t j = 0; j < count; ++j) {
    const double both = lengths[i] * lengths[j];
    const double cosine = both == 0 ? -2 : product(vectors[i], vectors[j]) / both;
    if (std::abs(cosine - threshold) < 1e-12) continue;
    ASSERT_EQ(set.contains(j), cosine > threshold)
        << vectors[i].size() << ' ' << i << ' ' << j << ' ' << cosine;
  }
}

std::vector<double> lengths_of(const std::vector<Vector>& vectors) {
  std::vector<double> lengths;
  for (const Vector& vector : vectors) lengths.push_back(std::sqrt(product(vector, vector)));
  return lengths;
}

TEST(SemanticIndex, FindsWhatBruteForceFinds) {
  for (const std::size_t dimensions : {1U, 3U, 17U, 64U, 100U, 384U}) {
    const auto vectors = hard_vectors(1200, dimensions, dimensions);
    const auto lengths = lengths_of(vectors);
    for (const double threshold : {0.5, 0.8, 0.92, 0.98}) {
      SemanticIndex index(threshold);
      std::size_t neighbours = 0;
      for (std::uint32_t i = 0; i < vectors.size(); ++i) {
        const Rows found = find_all(index, vectors[i]);
        // The last ones are found after the first learning; before it, a part is enough.
        if (i % 8 == 0 || i > 1000) expect_exact(found, vectors, lengths, i, i, threshold);
        if (HasFatalFailure()) return;
        neighbours += found.size();
        ASSERT_EQ(index.add(vectors[i]), i);
      }
      EXPECT_GT(neighbours, 20u);
    }
  }
}

TEST(SemanticIndex, StaysExactWhereAxesAreLearntAgain) {
  for (const std::size_t dimensions : {24U, 160U}) {  // fewer and more than there are axes
    auto vectors = hard_vectors(9500, dimensions, 3);
    const auto lengths = lengths_of(vectors);
    for (const double threshold : {0.7, 0.92}) {
      SemanticIndex index(threshold);
      for (const Vector& vector : vectors) index.add(vector);
      std::size_t compared = 0;
      for (std::size_t i = 0; i < vectors.size(); i += 97) {
        expect_exact(find_all(index, vectors[i]), vectors, lengths, i, vectors.size(), threshold);
        if (HasFatalFailure()) return;
        compared += index.find(vectors[i], [](std::uint32_t) { return true; });
      }
      // The filter works, too: the most that it was seen to let pass is a third.
      EXPECT_LT(compared, 98 * vectors.size() / 2);
    }
  }
}

TEST(SemanticIndex, StaysExactWhereTheRowsChange) {
  // Axes and cells are learnt from rows along one line; all that comes later lies elsewhere.
  Random random(5);
  std::vector<Vector> vectors;
  const Vector along = random.vector(64);
  for (int i = 0; i < 1100; ++i) {
    vectors.push_back(along);
    vectors.back()[0] += static_cast<float>(0.01 * random.normal());
  }
  for (const Vector& vector : hard_vectors(600, 64, 6)) vectors.push_back(vector);
  const auto lengths = lengths_of(vectors);
  SemanticIndex index(0.92);
  for (const Vector& vector : vectors) index.add(vector);
  for (std::size_t i = 0; i < vectors.size(); i += 7) {
    expect_exact(find_all(index, vectors[i]), vectors, lengths, i, vectors.size(), 0.92);
    if (HasFatalFailure()) return;
  }
}

TEST(SemanticIndex, AVectorIsNearItself) {
  for (const double threshold : {0.5, 0.92, 1.0}) {
    const auto vectors = hard_vectors(300, 48, 7);
    SemanticIndex index(threshold);
    for (std::uint32_t i = 0; i < vectors.size(); ++i) {
      index.add(vectors[i]);
      const Rows found = find_all(index, vectors[i]);
      const bool zero = vectors[i] == Vector(48);
      ASSERT_EQ(std::find(found.begin(), found.end(), i) != found.end(), !zero) << i;
    }
  }
}

TEST(SemanticIndex, NothingIsNearWhatHasNoDirection) {
  constexpr float kInfinite = std::numeric_limits<float>::infinity();
  constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
  SemanticIndex index(0.9);
  EXPECT_EQ(find_all(index, Vector{1, 0}), Rows{});
  EXPECT_EQ(index.add(Vector{1, 0}), 0u);
  const std::vector<Vector> odd{{0, 0}, {kNaN, 1}, {kInfinite, 0}, {1}, {1, 0, 0}, {}};
  for (const Vector& vector : odd) {
    EXPECT_EQ(find_all(index, vector), Rows{});
    index.add(vector);
  }
  EXPECT_EQ(index.size(), 1 + odd.size());
  for (const Vector& vector : odd) EXPECT_EQ(find_all(index, vector), Rows{});
  EXPECT_EQ(find_all(index, Vector{7, 0}), Rows{0});
  EXPECT_EQ(find_all(index, Vector{-7, 0}), Rows{});
}

TEST(SemanticIndex, StopsWhenToldTo) {
  SemanticIndex index(0.9);
  for (int i = 0; i < 10; ++i) index.add(Vector{1, 2, 3});
  Rows seen;
  index.find(Vector{1, 2, 3}, [&seen](std::uint32_t row) {
    seen.push_back(row);
    return seen.size() < 4;
  });
  EXPECT_EQ(seen, (Rows{0, 1, 2, 3}));
}

TEST(SemanticIndex, AReleasedRowIsFoundNoMore) {
  const auto vectors = hard_vectors(2000, 32, 11);
  SemanticIndex index(0.8);
  SemanticIndex all(0.8);
  for (std::uint32_t i = 0; i < vectors.size(); ++i) {
    Rows expected = find_all(all, vectors[i]);
    std::erase_if(expected, [](std::uint32_t row) { return row % 5 == 1; });
    ASSERT_EQ(find_all(index, vectors[i]), expected) << i;
    index.add(vectors[i]);
    all.add(vectors[i]);
    if (i % 5 == 1) index.release(i);
  }
}

}  // namespace
}  // namespace validators
