#include "validators/duplicates/near_batch.h"

#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "validators/duplicates/parity_scan.h"

namespace validators {
namespace {

// Rows of a step for each thread, and of a step at least and at most: the comparison within a step is
// quadratic, and what a step costs is shared by its rows.
constexpr std::size_t kStepOfThread = 64;
constexpr std::size_t kLeastStep = 128;
constexpr std::size_t kMostStep = 1024;
constexpr std::size_t kBlock = 32;  // rows that a worker takes at once

struct Step {
  explicit Step(std::size_t size)
      : queries(size), in_index(size), in_step(size), bitmaps(size), numbers(size) {}

  std::vector<NearQuery> queries;
  std::vector<std::vector<std::uint32_t>> in_index;  // numbers of rows
  std::vector<std::vector<std::uint32_t>> in_step;   // positions
  std::vector<std::uint64_t> bitmaps;
  std::vector<std::optional<std::uint32_t>> numbers;  // of those that were added
};

void ask(const NearIndex& index, std::size_t begin, std::size_t end, Step& step) {
  thread_local std::array<std::uint32_t, kMostStep> positions;
  for (std::size_t i = begin; i < end; ++i) {
    step.in_index[i].clear();
    step.in_step[i].clear();
    index.find(step.queries[i], [&](std::uint32_t row) {
      step.in_index[i].push_back(row);
      return true;
    });
    const auto tokens = step.queries[i].tokens;
    const std::size_t hits = parity_scan(step.bitmaps.data(), i, step.bitmaps[i],
                                         index.jaccard().most_different(tokens.size()), positions.data());
    for (std::size_t hit = 0; hit < hits; ++hit)
      if (index.jaccard().is_near(tokens, step.queries[positions[hit]].tokens))
        step.in_step[i].push_back(positions[hit]);
  }
}

/// Calls work(begin, end) for blocks of [0, size), on all workers.
template <typename Work>
void in_blocks(std::size_t size, const Work& work) {
  tbb::parallel_for(std::size_t{0}, (size + kBlock - 1) / kBlock,
                    [&](std::size_t block) { work(block * kBlock, std::min(size, (block + 1) * kBlock)); });
}

}  // namespace

void add_batch(NearIndex& index, std::span<const std::span<const Token>> batch, const DecideNear& decide) {
  const auto threads = static_cast<std::size_t>(tbb::this_task_arena::max_concurrency());
  Step step(std::min(batch.size(), std::clamp(threads * kStepOfThread, kLeastStep, kMostStep)));
  for (std::size_t first = 0; first < batch.size(); first += step.queries.size()) {
    const std::size_t size = std::min(step.queries.size(), batch.size() - first);
    in_blocks(size, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) {
        index.prepare(batch[first + i], step.queries[i]);
        step.bitmaps[i] = step.queries[i].bitmap;
      }
    });
    in_blocks(size, [&](std::size_t begin, std::size_t end) { ask(index, begin, end, step); });
    for (std::size_t i = 0; i < size; ++i) {
      auto& neighbours = step.in_index[i];
      for (const std::uint32_t earlier : step.in_step[i])
        if (step.numbers[earlier]) neighbours.push_back(*step.numbers[earlier]);
      step.numbers[i].reset();
      if (decide(first + i, neighbours)) step.numbers[i] = index.add(step.queries[i]);
    }
  }
}

}  // namespace validators
