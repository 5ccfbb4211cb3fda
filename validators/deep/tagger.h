// A sequence tagger: an averaged structured perceptron (Collins, "Discriminative Training Methods for Hidden
// Markov Models", EMNLP 2002) that decodes with Viterbi over BIO tags, where an I follows only a B or I of
// its own name.
//
// All weights are whole numbers, the averaged ones in 1/256: what is decoded is the same on every processor
// and for every order of additions. Memory: 12 bytes a tag for each feature that was ever wrong, while
// training. One thread at a time trains or decodes.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "validators/deep/corpus.h"
#include "validators/deep/tag_features.h"

namespace validators::deep {

using Tag = std::uint16_t;
using Tags = std::vector<Tag>;

class Tagger {
 public:
  /// Tags of `names` names: 0 is outside, then a B of each, then an I of each.
  Tagger(const TagFeatures& features, std::size_t names);

  /// Once: goes over `rows` `epochs` times, in orders that `seed` draws.
  void train(std::span<const std::uint32_t> rows, const std::vector<Tags>& gold, std::uint32_t epochs,
             std::uint64_t seed);
  /// The likeliest tags of a row of `words` words.
  const Tags& decode(std::uint32_t row, std::size_t words);
  /// What decode() makes the most of. For tags that are a way through it.
  std::int64_t score(std::uint32_t row, const Tags& tags) const;

 private:
  using Weight = std::int32_t;

  std::uint32_t slot_of(std::uint32_t feature);
  void update(std::uint32_t row, const Tags& gold, const Tags& wrong, std::int64_t time);
  void average(std::int64_t time);

  const TagFeatures& features_;
  std::size_t names_;
  std::size_t tags_;
  std::vector<std::uint32_t> slots_;  // of features: their rows in weights_, none at first
  std::vector<Weight> weights_;       // tags_ of each row
  std::vector<std::int64_t> sums_;    // of updates times when they came
  std::vector<Weight> transitions_;   // from, to
  std::vector<std::int64_t> transition_sums_;
  // Of one decoding.
  Tags decoded_;
  std::vector<Weight> emission_, before_, best_;
  std::vector<std::uint32_t> origin_;
  std::vector<Tag> origins_;
};

/// The tags of labels, and the labels of tags.
Tags tags_of(std::span<const Label> labels, std::size_t words, std::size_t names);
std::vector<Label> labels_of(const Tags& tags, std::size_t names);

}  // namespace validators::deep
