#include "validators/duplicates/near_batch.h"

#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "validators/duplicates/parity_scan.h"

namespace validators {
namespace {

constexpr std::size_t kStep = 1024;  // rows; the comparison within a step is quadratic
constexpr std::size_t kGrain = 32;

struct Asked {
  std::vector<std::uint32_t> in_index;  // row numbers
  std::vector<std::uint32_t> in_step;   // positions
};

void ask(const NearIndex& index, std::span<const std::span<const Token>> step,
         const std::vector<std::uint64_t>& bitmaps, std::size_t i, Asked& asked) {
  asked.in_index.clear();
  asked.in_step.clear();
  index.find(step[i], [&asked](std::uint32_t row) {
    asked.in_index.push_back(row);
    return true;
  });
  thread_local std::vector<std::uint32_t> positions(kStep);
  const std::size_t hits = parity_scan(bitmaps.data(), i, bitmaps[i],
                                       index.jaccard().most_different(step[i].size()), positions.data());
  for (std::size_t hit = 0; hit < hits; ++hit)
    if (index.jaccard().is_near(step[i], step[positions[hit]])) asked.in_step.push_back(positions[hit]);
}

}  // namespace

void add_batch(NearIndex& index, std::span<const std::span<const Token>> batch, const DecideNear& decide) {
  std::vector<Asked> asked(std::min(kStep, batch.size()));
  std::vector<std::uint64_t> bitmaps(asked.size());
  std::vector<std::optional<std::uint32_t>> numbers(asked.size());
  for (std::size_t first = 0; first < batch.size(); first += kStep) {
    const auto step = batch.subspan(first, std::min(kStep, batch.size() - first));
    for (std::size_t i = 0; i < step.size(); ++i) bitmaps[i] = parity_bitmap(step[i]);
    tbb::parallel_for(tbb::blocked_range<std::size_t>(0, step.size(), kGrain), [&](const auto& range) {
      for (std::size_t i = range.begin(); i < range.end(); ++i) ask(index, step, bitmaps, i, asked[i]);
    });
    for (std::size_t i = 0; i < step.size(); ++i) {
      auto& neighbours = asked[i].in_index;
      for (const std::uint32_t earlier : asked[i].in_step)
        if (numbers[earlier]) neighbours.push_back(*numbers[earlier]);
      numbers[i].reset();
      if (decide(first + i, neighbours)) numbers[i] = index.add(step[i]);
    }
  }
}

}  // namespace validators
