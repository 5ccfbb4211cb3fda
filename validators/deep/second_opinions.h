// Second opinions on labelled rows: what counts and models that were trained on the other rows find odd in
// one. Candidates for a person to look at, never a reason to delete: half of them are right (docs/quality.md,
// "Second opinions"). Made for some hundred to some hundred thousand rows.
//
// Runs on the workers of the caller's oneTBB arena. The list depends on the rows and their order alone.
//
// What it can't see: what is wrong the same way everywhere. It measures rows against each other.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "datasets/row.h"
#include "validators/deep/ranking.h"

namespace validators::deep {

/// Candidates below this are not worth a look: one of ten was right (SNIPS, HWU64).
constexpr double kLeastScore = 0.3;

/// Fewer rows can't be set against each other: the list is empty.
constexpr std::size_t kFewestRows = 20;

/// `shares_values`: groups of slot names whose values are of one type (a job's slots of one slot type), so
/// that the value doesn't tell which of them it is. What the data show is added to it.
std::vector<Candidate> second_opinions(std::span<const datasets::Row> rows,
                                       const std::vector<std::vector<std::string>>& shares_values,
                                       double least = kLeastScore);

}  // namespace validators::deep
