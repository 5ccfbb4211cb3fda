// The index of semantic duplicates: a stream of embeddings, in order, each rejected if its cosine with one
// that was accepted before it is at least the threshold, on one thread.
//
//   semantic_duplicates [--rows 400000] [--threshold 0.92] [--dimensions 256] [--file VECTORS]
//
// Data: the English rows of short_rows.h; each word has a random vector, a text's is their sum, weighted by
// how rare they are, plus a part that all texts share, 0.7 times as long. --file reads rows of little-endian
// floats instead.
//
// Prints rows a second of thread CPU time, query and insertion, in all and over the last tenth; rows compared
// in full a row; bytes an accepted row beside its vector; then, for 300 of the rows, evenly spread, how their
// neighbours among all accepted rows compare with brute force.
#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/hash.h"
#include "base/text.h"
#include "bench/short_rows.h"
#include "validators/duplicates/cell_scan.h"
#include "validators/duplicates/semantic_index.h"

namespace {

/// The word's own direction, nearly normal.
void add_word(std::uint64_t word, float weight, std::vector<float>& sum) {
  const float scale = weight / std::sqrt(static_cast<float>(sum.size()));
  for (std::size_t i = 0; i < sum.size(); i += 4) {
    const std::uint64_t bits = base::mix(word + 1, i);
    for (std::size_t j = 0; j < 4 && i + j < sum.size(); ++j) {
      const auto a = static_cast<float>(bits >> (16 * j) & 255);
      const auto b = static_cast<float>(bits >> (16 * j + 8) & 255);
      sum[i + j] += scale * ((a + b - 255.0F) / 104.5F);
    }
  }
}

std::vector<float> embed(std::span<const std::string> texts, std::size_t dimensions) {
  std::unordered_map<std::string, std::size_t> counts;
  for (const std::string& text : texts)
    for (const std::string_view word : base::split(text, ' ')) ++counts[std::string(word)];
  std::vector<float> all;
  all.reserve(texts.size() * dimensions);
  std::vector<float> one(dimensions);
  for (const std::string& text : texts) {
    std::fill(one.begin(), one.end(), 0.0F);
    double weights = 0;
    for (const std::string_view word : base::split(text, ' ')) {
      const std::size_t count = counts[std::string(word)];
      const double weight = std::log(static_cast<double>(texts.size() + 1) / static_cast<double>(count));
      weights += weight * weight;
      add_word(base::hash64(word), static_cast<float>(weight), one);
    }
    add_word(1, static_cast<float>(0.7 * std::sqrt(weights)), one);
    all.insert(all.end(), one.begin(), one.end());
  }
  return all;
}

std::vector<float> read(const char* path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  std::vector<float> all(static_cast<std::size_t>(std::max<std::streamoff>(file.tellg(), 0)) / sizeof(float));
  file.seekg(0);
  file.read(reinterpret_cast<char*>(all.data()), static_cast<std::streamsize>(all.size() * sizeof(float)));
  return all;
}

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

void measure(const std::vector<float>& all, std::size_t dimensions, double threshold) {
  const std::size_t count = all.size() / dimensions;
  const auto row = [&](std::size_t i) { return std::span(all).subspan(i * dimensions, dimensions); };
  validators::SemanticIndex index(threshold);
  std::vector<std::size_t> accepted;  // positions, by number
  std::size_t compared = 0;
  const double began = cpu_seconds();
  double last_tenth = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (i == count - count / 10) last_tenth = cpu_seconds();
    bool is_near = false;
    compared += index.find(row(i), [&is_near](std::uint32_t) {
      is_near = true;
      return false;
    });
    if (is_near) continue;
    index.add(row(i));
    accepted.push_back(i);
  }
  const double ended = cpu_seconds();
  const auto rows = static_cast<double>(count);
  fmt::print(
      "{} rows of {} dimensions at {}, {}: {:.0f} rows/s, {:.0f} over the last tenth; accepted {}, compared "
      "{:.1f} a row; {:.1f} bytes an accepted row beside its vector\n",
      count, dimensions, threshold, validators::cell_scans().front().name, rows / (ended - began),
      rows / 10 / (ended - last_tenth), accepted.size(), static_cast<double>(compared) / rows,
      static_cast<double>(index.memory()) / static_cast<double>(accepted.size()) -
          static_cast<double>(dimensions * sizeof(float)));

  std::size_t right = 0;
  std::size_t missed = 0;
  std::size_t wrong = 0;
  std::vector<double> lengths;
  const auto product = [](std::span<const float> a, std::span<const float> b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
    return sum;
  };
  for (const std::size_t at : accepted) lengths.push_back(std::sqrt(product(row(at), row(at))));
  for (std::size_t i = 0; i < count; i += std::max<std::size_t>(1, count / 300)) {
    std::vector<std::uint32_t> found;
    index.find(row(i), [&found](std::uint32_t near) {
      found.push_back(near);
      return true;
    });
    const double length = std::sqrt(product(row(i), row(i)));
    std::size_t at = 0;
    for (std::uint32_t number = 0; number < accepted.size(); ++number) {
      const bool truth = product(row(i), row(accepted[number])) >= threshold * length * lengths[number];
      const bool claimed = at < found.size() && found[at] == number;
      at += claimed;
      right += truth && claimed;
      missed += truth && !claimed;
      wrong += claimed && !truth;
    }
  }
  fmt::print("against brute force, 300 rows: {} neighbours found, {} missed, {} wrong\n", right, missed,
             wrong);
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t rows = 400'000;
  double threshold = 0.92;
  std::size_t dimensions = 256;
  const char* file = nullptr;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view option = argv[i];
    if (option == "--rows") rows = static_cast<std::size_t>(std::atoll(argv[i + 1]));
    if (option == "--threshold") threshold = std::atof(argv[i + 1]);
    if (option == "--dimensions") dimensions = static_cast<std::size_t>(std::atoll(argv[i + 1]));
    if (option == "--file") file = argv[i + 1];
  }
  measure(file == nullptr ? embed(bench::english_rows(true, rows, 1), dimensions) : read(file), dimensions,
          threshold);
  return 0;
}
