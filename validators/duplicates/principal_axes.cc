#include "validators/duplicates/principal_axes.h"

#include <algorithm>
#include <cmath>

#include "base/hash.h"
#include "validators/duplicates/dot.h"

namespace validators {
namespace {

constexpr std::size_t kSample = 1024;
constexpr std::size_t kAxes = PrincipalAxes::kAxes;
constexpr int kIterations = 3;
constexpr std::uint64_t kSeed = 0x51A7;

using Columns = std::vector<std::vector<double>>;  // one an axis

/// Gram and Schmidt, twice over, which is enough (Kahan). What depends on those before it becomes zero.
void orthonormalize(Columns& columns) {
  const auto product = [](const std::vector<double>& a, const std::vector<double>& b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
    return sum;
  };
  for (std::size_t j = 0; j < columns.size(); ++j) {
    const double before = std::sqrt(product(columns[j], columns[j]));
    for (int pass = 0; pass < 2; ++pass) {
      for (std::size_t k = 0; k < j; ++k) {
        const double along = product(columns[j], columns[k]);
        for (std::size_t i = 0; i < columns[j].size(); ++i) columns[j][i] -= along * columns[k][i];
      }
    }
    const double length = std::sqrt(product(columns[j], columns[j]));
    const double scale = length > before * 1e-9 ? 1 / length : 0;
    for (double& x : columns[j]) x *= scale;
  }
}

std::vector<float> to_matrix(const Columns& columns) {
  std::vector<float> matrix(columns[0].size() * kAxes);
  for (std::size_t i = 0; i < columns[0].size(); ++i)
    for (std::size_t j = 0; j < kAxes; ++j) matrix[i * kAxes + j] = static_cast<float>(columns[j][i]);
  return matrix;
}

/// `centred` lies row by row. Along the axes of `matrix`, then back again: the covariance times the matrix.
void multiply_by_covariance(std::span<const float> centred, const std::vector<float>& matrix,
                            Columns& columns) {
  const std::size_t dimensions = matrix.size() / kAxes;
  std::vector<float> result(matrix.size());
  for (std::size_t row = 0; row < centred.size(); row += dimensions) {
    std::array<float, kAxes> along{};
    for (std::size_t i = 0; i < dimensions; ++i)
      for (std::size_t j = 0; j < kAxes; ++j) along[j] += centred[row + i] * matrix[i * kAxes + j];
    for (std::size_t i = 0; i < dimensions; ++i)
      for (std::size_t j = 0; j < kAxes; ++j) result[i * kAxes + j] += centred[row + i] * along[j];
  }
  for (std::size_t j = 0; j < kAxes; ++j)
    for (std::size_t i = 0; i < dimensions; ++i) columns[j][i] = static_cast<double>(result[i * kAxes + j]);
}

std::vector<float> centred_sample(const VectorStore& rows) {
  const std::size_t dimensions = rows.dimensions();
  std::vector<float> centred;
  std::vector<double> mean(dimensions);
  const auto numbers = sample(rows, kSample);
  for (const std::uint32_t row : numbers) {
    const double scale = 1 / std::sqrt(rows.square(row));
    for (std::size_t i = 0; i < dimensions; ++i) {
      centred.push_back(static_cast<float>(static_cast<double>(rows.vector(row)[i]) * scale));
      mean[i] += static_cast<double>(centred.back()) / static_cast<double>(numbers.size());
    }
  }
  for (std::size_t at = 0; at < centred.size(); ++at)
    centred[at] -= static_cast<float>(mean[at % dimensions]);
  return centred;
}

inline __attribute__((always_inline)) PrincipalAxes::Coordinates project_inline(const float* matrix,
                                                                                std::span<const float> vector,
                                                                                double scale) {
  PrincipalAxes::Coordinates coordinates{};
  for (const float number : vector) {
    const auto x = static_cast<float>(static_cast<double>(number) * scale);
    for (std::size_t j = 0; j < kAxes; ++j) coordinates[j] += x * matrix[j];
    matrix += kAxes;
  }
  return coordinates;
}

using Project = PrincipalAxes::Coordinates (*)(const float*, std::span<const float>, double);

PrincipalAxes::Coordinates project_portable(const float* matrix, std::span<const float> vector,
                                            double scale) {
  return project_inline(matrix, vector, scale);
}

#ifdef __x86_64__
// The same sums in the same order, eight axes at once.
__attribute__((target("avx2"))) PrincipalAxes::Coordinates project_avx2(const float* matrix,
                                                                        std::span<const float> vector,
                                                                        double scale) {
  return project_inline(matrix, vector, scale);
}
#endif

Project find_project() {
#ifdef __x86_64__
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx2")) return project_avx2;
#endif
  return project_portable;
}

const Project best_project = find_project();

}  // namespace

std::vector<std::uint32_t> sample(const VectorStore& rows, std::size_t most) {
  std::vector<std::uint32_t> numbers;
  for (std::uint32_t row = 0; row < rows.size(); ++row)
    if (has_direction(rows.square(row))) numbers.push_back(row);
  if (numbers.size() <= most) return numbers;
  for (std::size_t i = 0; i < most; ++i) numbers[i] = numbers[i * numbers.size() / most];
  numbers.resize(most);
  return numbers;
}

void PrincipalAxes::learn(const VectorStore& rows) {
  const std::size_t dimensions = rows.dimensions();
  const std::vector<float> centred = centred_sample(rows);
  Columns columns(kAxes, std::vector<double>(dimensions));
  for (std::size_t j = 0; j < kAxes; ++j)
    for (std::size_t i = 0; i < dimensions; ++i)
      columns[j][i] = base::unit_interval(base::mix(kSeed + j, i)) - 0.5;
  orthonormalize(columns);
  for (int i = 0; i < kIterations; ++i) {
    multiply_by_covariance(centred, to_matrix(columns), columns);
    orthonormalize(columns);
  }
  matrix_ = to_matrix(columns);

  // The largest eigenvalue of the axes' products with each other is at most 1 and the Frobenius norm of what
  // they differ from the unit matrix by. An axis of zeros makes it too large, which is right, too.
  double deviation = 0;
  for (std::size_t j = 0; j < kAxes; ++j) {
    for (std::size_t k = 0; k < kAxes; ++k) {
      double product = 0;
      for (std::size_t i = 0; i < dimensions; ++i)
        product += static_cast<double>(matrix_[i * kAxes + j]) * static_cast<double>(matrix_[i * kAxes + k]);
      if (j == k && product < 0.5) product = 1;  // an axis of zeros stretches nothing
      deviation += (product - (j == k)) * (product - (j == k));
    }
  }
  stretch_ = 1 + std::sqrt(deviation) + 1e-9;
  // A sum of n products is wrong by at most n + 2 roundings of the sum of their magnitudes (Higham, Accuracy
  // and Stability of Numerical Algorithms, 3.1), which is at most the product of the lengths.
  error_ = (static_cast<double>(dimensions) + 4) * 0x1p-24 * std::sqrt(stretch_) * 1.01;
}

PrincipalAxes::Coordinates PrincipalAxes::project(std::span<const float> vector, double square) const {
  return best_project(matrix_.data(), vector, 1 / std::sqrt(square));
}

}  // namespace validators
