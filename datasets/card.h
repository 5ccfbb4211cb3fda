// What a data set says of itself: counts by split, intent, kind, model and slot, collected row by row,
// written as dataset.json (for programs) and README.md (for people). Sorted, and free of times, paths
// and release numbers, so that equal data sets have equal cards.
//
// One thread. Memory: 40 bytes or so per distinct slot value (its hash is kept, not the value), of which
// kMostDistinct are told apart per slot.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/hash.h"
#include "datasets/release.h"
#include "datasets/row.h"

namespace datasets {

/// A data file of a release.
struct FileSummary {
  std::string name;  // `train.swift.jsonl`
  Split split = Split::train;
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;
  base::Hash128 hash;  // of its bytes
};

/// Distinct values of a slot are counted up to here.
constexpr std::size_t kMostDistinct = 100'000;

class DatasetCard {
 public:
  void count(const Row& row);
  /// Adds what another card counted.
  void merge(const DatasetCard& other);
  std::uint64_t rows() const { return rows_; }
  std::uint64_t rows(Split split) const { return splits_[static_cast<std::size_t>(split)]; }

  /// The text of dataset.json, a JSON object and a newline.
  std::string json(const ReleaseInfo& info, const std::vector<std::string>& formats,
                   const std::vector<FileSummary>& files) const;
  /// The text of README.md.
  std::string readme(const ReleaseInfo& info, const std::vector<FileSummary>& files) const;

 private:
  using SplitCounts = std::array<std::uint64_t, 3>;
  struct SlotCount {
    std::uint64_t spans = 0;
    std::unordered_set<std::uint64_t> values;  // hashes of the distinct canonical values
  };

  std::uint64_t rows_ = 0;
  SplitCounts splits_{};
  std::map<std::string, SplitCounts> intents_;  // `none`: out of scope
  std::map<std::string, std::uint64_t> kinds_;
  std::map<std::string, std::uint64_t> models_;
  std::map<std::string, SlotCount> slots_;
};

}  // namespace datasets
