// Many rows at once against a NearIndex, on the workers of the oneTBB arena that the caller is in. The
// answers are those of one row after the other, whatever the threads and however the rows are cut into calls:
//
// Some hundred rows are a step. All its rows ask the index as it stands, side by side, and compare themselves
// with the rows of the step before them, by their bitmaps first. Then, in order and on the caller's thread,
// each row's neighbours are known: those in the index, and of those in the step the ones that were added.
//
// The serial part is the decision and the adding.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "validators/duplicates/near_index.h"

namespace validators {

/// Whether row `i` of the batch is added, given its neighbours in the order of their numbers. It must not
/// use the index.
using DecideNear = std::function<bool(std::size_t i, std::span<const std::uint32_t> neighbours)>;

void add_batch(NearIndex& index, std::span<const std::span<const Token>> batch, const DecideNear& decide);

}  // namespace validators
