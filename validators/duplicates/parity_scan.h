// Parity bitmaps, and the scan of a list of them: which sets differ from this one in few tokens?
//
// A set's bitmap has 64 bits; each token flips one, chosen by its hash. A token that two sets share flips the
// same bit in both, so the bits in which two bitmaps differ are at most as many as the tokens in which the
// sets differ: dropping what differs in more than `limit` bits never loses a neighbour (the bitmap filter of
// Sandes, Teodoro and Melo, 2017).
//
// Why 64 bits are enough: sets that share little differ in 32 bits on average, give or take 4, once they have
// some 60 tokens together or more. Up to 60 tokens a set, at a threshold of 0.8, neighbours differ in at most
// 15 tokens: four deviations away, so next to nothing passes that isn't near. Longer sets or lower thresholds
// push the limit towards 32 and pass more; the exact comparison behind the scan then does the work.
//
// Three versions, the best of which this processor can run is chosen when the program starts. Any thread.
// Nothing is refused.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "validators/duplicates/shingles.h"

namespace validators {

std::uint64_t parity_bitmap(std::span<const Token> tokens);

/// Writes the positions of all bitmaps in [0, size) that differ from `bitmap` in at most `limit` bits, in
/// order, and returns how many they are. `positions` has room for `size`.
using ParityScan = std::size_t (*)(const std::uint64_t* bitmaps, std::size_t size, std::uint64_t bitmap,
                                   unsigned limit, std::uint32_t* positions);

struct NamedScan {
  const char* name;
  ParityScan scan;
};

/// All that this processor can run, the best one first; the portable one is always there.
std::span<const NamedScan> parity_scans();
/// The best one.
extern const ParityScan parity_scan;

}  // namespace validators
