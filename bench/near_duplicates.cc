// The near-duplicate index on short rows: a stream of utterances, in order, each rejected if it is near
// (J >= threshold) to one that was accepted before it, on one thread.
//
//   near_duplicates [THRESHOLD [SEED [ROWS [COMPARED]]]]        0.8, 1, 1,000,000, 50,000
//
// Data: English commands (48 templates, 8 intents, openings and endings, slot values *in the text*, which is
// harder than the masks of a run: more rare tokens, more memory), the same with a narrow vocabulary (some 150
// values in all, so that the lists of the rarest tokens are long), and Chinese ones (16 templates); every
// fifth row is a copy of an earlier one with one to three edits, a tenth of those with none. Prints rows a
// second of thread CPU time, shingling included, one by one and by add_batch() on one thread; postings looked
// at a row; bytes an accepted row; then, for 50,000 rows, how all neighbours of all rows compare with brute
// force.
#include <fmt/format.h>
#include <tbb/global_control.h>
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bench/short_rows.h"
#include "validators/duplicates/near_batch.h"
#include "validators/duplicates/near_index.h"
#include "validators/duplicates/parity_scan.h"

namespace {

using validators::NearIndex;
using validators::Token;

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

void measure(std::string_view what, std::span<const std::string> rows, double threshold) {
  std::vector<Token> tokens;
  std::size_t sum = 0;
  std::size_t bytes = 0;
  std::size_t words = 0;
  for (const std::string& row : rows) {
    bytes += row.size();
    words += 1 + static_cast<std::size_t>(std::count(row.begin(), row.end(), ' '));
  }
  double began = cpu_seconds();
  for (const std::string& row : rows) {
    validators::shingle(row, tokens);
    sum += tokens.size();
  }
  const double shingling = cpu_seconds() - began;

  NearIndex index(threshold);
  std::size_t looked_at = 0;
  validators::NearQuery query;
  began = cpu_seconds();
  for (const std::string& row : rows) {
    validators::shingle(row, tokens);
    bool is_near = false;
    index.prepare(tokens, query);
    looked_at += index.find(query, [&is_near](std::uint32_t) {
      is_near = true;
      return false;
    });
    if (!is_near) index.add(query);
  }
  const double seconds = cpu_seconds() - began;

  // The same rows by add_batch(), on one thread.
  constexpr std::size_t kBatch = 4096;
  NearIndex batch_index(threshold);
  std::vector<std::vector<Token>> sets(kBatch);
  std::vector<std::span<const Token>> batch;
  began = cpu_seconds();
  for (std::size_t first = 0; first < rows.size(); first += kBatch) {
    batch.clear();
    for (std::size_t i = first; i < std::min(rows.size(), first + kBatch); ++i) {
      validators::shingle(rows[i], sets[i - first]);
      batch.emplace_back(sets[i - first]);
    }
    validators::add_batch(batch_index, batch,
                          [](std::size_t, std::span<const std::uint32_t> near) { return near.empty(); });
  }
  const double in_batches = cpu_seconds() - began;
  if (batch_index.size() != index.size()) fmt::print("BATCH DIFFERS: {}\n", batch_index.size());
  const auto count = static_cast<double>(rows.size());
  fmt::print(
      "{:<8} {:>9} rows {:>5.2f} M rows/s  {:>6.0f} ns a row, batches {:>5.2f} M {:>6.0f} ns, shingling "
      "{:>4.0f}  bytes {:>3.0f}, words "
      "{:>4.1f}, tokens {:>4.1f}  looked at {:>6.0f}  accepted {:>7} ({:.3f})  {:>5.1f} bytes an accepted "
      "row\n",
      what, rows.size(), count / seconds / 1e6, seconds / count * 1e9, count / in_batches / 1e6,
      in_batches / count * 1e9, shingling / count * 1e9, static_cast<double>(bytes) / count,
      static_cast<double>(words) / count, static_cast<double>(sum) / count,
      static_cast<double>(looked_at) / count, index.size(), index.size() / count,
      static_cast<double>(index.memory()) / index.size());
}

/// By the definition: sets merged and counted, no filter.
bool near_by_definition(std::span<const Token> a, std::span<const Token> b, double threshold) {
  const auto [less, more] = std::minmax(a.size(), b.size());
  if (static_cast<double>(less) < threshold * static_cast<double>(more) - 1e-9) return false;
  std::size_t common = 0;
  for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    common += a[i] == b[j];
    const bool left = a[i] <= b[j];
    const bool right = b[j] <= a[i];
    i += left;
    j += right;
  }
  const auto together = static_cast<double>(a.size() + b.size() - common);
  return common > 0 && static_cast<double>(common) >= threshold * together - 1e-9;
}

void compare(std::string_view what, std::span<const std::string> rows, double threshold) {
  NearIndex index(threshold);
  std::vector<std::vector<Token>> accepted;
  std::vector<Token> tokens;
  std::vector<std::uint32_t> found;
  std::size_t right = 0;
  std::size_t missed = 0;
  std::size_t wrong = 0;
  double seconds = 0;
  for (const std::string& row : rows) {
    validators::shingle(row, tokens);
    found.clear();
    index.find(tokens, [&found](std::uint32_t near) {
      found.push_back(near);
      return true;
    });
    const double began = cpu_seconds();
    std::vector<std::uint32_t> truth;
    for (std::uint32_t i = 0; i < accepted.size(); ++i)
      if (near_by_definition(tokens, accepted[i], threshold)) truth.push_back(i);
    seconds += cpu_seconds() - began;
    std::vector<std::uint32_t> both;
    std::set_intersection(truth.begin(), truth.end(), found.begin(), found.end(), std::back_inserter(both));
    right += both.size();
    missed += truth.size() - both.size();
    wrong += found.size() - both.size();
    if (truth.empty()) {
      index.add(tokens);
      accepted.push_back(tokens);
    }
  }
  fmt::print("{:<8} {:>9} rows against brute force ({:.0f} s): {} neighbours found, {} missed, {} wrong\n",
             what, rows.size(), seconds, right, missed, wrong);
}

}  // namespace

int main(int argc, char** argv) {
  const tbb::global_control one_thread(tbb::global_control::max_allowed_parallelism, 1);
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  const double threshold = argc > 1 ? std::atof(argv[1]) : 0.8;
  const auto seed = static_cast<std::uint64_t>(argc > 2 ? std::atoll(argv[2]) : 1);
  const auto rows = static_cast<std::size_t>(argc > 3 ? std::atoll(argv[3]) : 1'000'000);
  const auto compared = std::min(rows, static_cast<std::size_t>(argc > 4 ? std::atoll(argv[4]) : 50'000));
  fmt::print("threshold {}, scan {}\n", threshold, validators::parity_scans().front().name);
  const std::vector<std::string> en = bench::english_rows(true, rows, seed);
  const std::vector<std::string> narrow = bench::english_rows(false, rows, seed);
  const std::vector<std::string> zh = bench::chinese_rows(rows, seed);
  for (const std::size_t count : {rows / 5, rows}) {
    measure("English", std::span(en).first(count), threshold);
    measure("narrow", std::span(narrow).first(count), threshold);
    measure("Chinese", std::span(zh).first(count), threshold);
  }
  compare("English", std::span(en).first(compared), threshold);
  compare("Chinese", std::span(zh).first(compared), threshold);
  return 0;
}
