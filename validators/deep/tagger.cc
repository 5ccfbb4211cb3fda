#include "validators/deep/tagger.h"

#include <algorithm>
#include <limits>

#include "base/hash.h"

namespace validators::deep {
namespace {

constexpr std::int64_t kFraction = 256;
constexpr std::int32_t kImpossible = std::numeric_limits<std::int32_t>::min() / 2;

}  // namespace

Tagger::Tagger(const TagFeatures& features, std::size_t names)
    : features_(features),
      names_(names),
      tags_(1 + 2 * names),
      slots_(features.size(), kNone),
      transitions_(tags_ * tags_),
      transition_sums_(tags_ * tags_),
      emission_(tags_),
      before_(tags_),
      best_(tags_),
      origin_(tags_) {}

void Tagger::train(std::span<const std::uint32_t> rows, const std::vector<Tags>& gold, std::uint32_t epochs,
                   std::uint64_t seed) {
  std::int64_t time = 0;
  for (std::uint32_t epoch = 0; epoch < epochs; ++epoch) {
    const base::Permutation order(base::mix(seed, epoch), rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i, ++time) {
      const std::uint32_t row = rows[order(i)];
      const Tags& right = gold[row];
      if (const Tags& tags = decode(row, right.size()); tags != right) update(row, right, tags, time);
    }
  }
  average(std::max<std::int64_t>(time, 1));
}

const Tags& Tagger::decode(std::uint32_t row, std::size_t words) {
  decoded_.resize(words);
  if (words == 0) return decoded_;
  origins_.resize(words * tags_);
  const std::size_t starts = 1 + names_;  // tags that can begin a row
  for (std::uint32_t word = 0; word < words; ++word) {
    std::fill(emission_.begin(), emission_.end(), 0);
    for (const std::uint32_t feature : features_.of(row, word)) {
      if (slots_[feature] == kNone) continue;
      const Weight* weights = weights_.data() + slots_[feature] * tags_;
      for (std::size_t tag = 0; tag < tags_; ++tag) emission_[tag] += weights[tag];
    }
    if (word == 0) {
      std::copy(emission_.begin(), emission_.end(), before_.begin());
      std::fill(before_.begin() + static_cast<std::ptrdiff_t>(starts), before_.end(), kImpossible);
      continue;
    }
    std::fill(best_.begin(), best_.end(), kImpossible);
    std::fill(origin_.begin(), origin_.end(), 0);
    for (std::uint32_t from = 0; from < tags_; ++from) {
      const Weight* transition = transitions_.data() + from * tags_;
      const Weight score = before_[from];
      for (std::size_t tag = 0; tag < starts; ++tag) {
        const Weight here = score + transition[tag];
        const bool better = here > best_[tag];
        best_[tag] = better ? here : best_[tag];
        origin_[tag] = better ? from : origin_[tag];
      }
    }
    for (std::size_t tag = starts; tag < tags_; ++tag) {
      const std::size_t begin = tag - names_;
      const Weight from_begin = before_[begin] + transitions_[begin * tags_ + tag];
      const Weight from_inside = before_[tag] + transitions_[tag * tags_ + tag];
      best_[tag] = std::max(from_begin, from_inside);
      origin_[tag] = static_cast<std::uint32_t>(from_begin >= from_inside ? begin : tag);
    }
    Tag* origins = origins_.data() + word * tags_;
    for (std::size_t tag = 0; tag < tags_; ++tag) {
      before_[tag] = std::max(best_[tag] + emission_[tag], kImpossible);
      origins[tag] = static_cast<Tag>(origin_[tag]);
    }
  }
  auto tag = static_cast<Tag>(std::max_element(before_.begin(), before_.end()) - before_.begin());
  for (std::size_t word = words; word-- > 0;) {
    decoded_[word] = tag;
    if (word > 0) tag = origins_[word * tags_ + tag];
  }
  return decoded_;
}

std::int64_t Tagger::score(std::uint32_t row, const Tags& tags) const {
  std::int64_t score = 0;
  for (std::uint32_t word = 0; word < tags.size(); ++word) {
    for (const std::uint32_t feature : features_.of(row, word))
      if (slots_[feature] != kNone) score += weights_[slots_[feature] * tags_ + tags[word]];
    if (word > 0) score += transitions_[tags[word - 1] * tags_ + tags[word]];
  }
  return score;
}

std::uint32_t Tagger::slot_of(std::uint32_t feature) {
  if (slots_[feature] == kNone) {
    slots_[feature] = static_cast<std::uint32_t>(weights_.size() / tags_);
    weights_.resize(weights_.size() + tags_);
    sums_.resize(weights_.size());
  }
  return slots_[feature];
}

void Tagger::update(std::uint32_t row, const Tags& gold, const Tags& wrong, std::int64_t time) {
  const auto add = [&](auto& weights, auto& sums, std::size_t at, Weight change) {
    weights[at] += change;
    sums[at] += change * time;
  };
  for (std::uint32_t word = 0; word < gold.size(); ++word) {
    if (gold[word] != wrong[word])
      for (const std::uint32_t feature : features_.of(row, word)) {
        const std::size_t weights = slot_of(feature) * tags_;
        add(weights_, sums_, weights + gold[word], 1);
        add(weights_, sums_, weights + wrong[word], -1);
      }
    if (word == 0) continue;
    const std::size_t right = gold[word - 1] * tags_ + gold[word];
    const std::size_t taken = wrong[word - 1] * tags_ + wrong[word];
    if (right == taken) continue;
    add(transitions_, transition_sums_, right, 1);
    add(transitions_, transition_sums_, taken, -1);
  }
}

void Tagger::average(std::int64_t time) {
  const auto over = [&](std::vector<Weight>& weights, const std::vector<std::int64_t>& sums) {
    for (std::size_t i = 0; i < weights.size(); ++i)
      weights[i] = static_cast<Weight>((weights[i] * time - sums[i]) * kFraction / time);
  };
  over(weights_, sums_);
  over(transitions_, transition_sums_);
  sums_ = {};
}

Tags tags_of(std::span<const Label> labels, std::size_t words, std::size_t names) {
  Tags tags(words);
  for (const Label& label : labels)
    for (std::uint32_t word = label.first; word < label.last; ++word)
      tags[word] = static_cast<Tag>(1 + label.name + (word == label.first ? 0 : names));
  return tags;
}

std::vector<Label> labels_of(const Tags& tags, std::size_t names) {
  std::vector<Label> labels;
  for (std::uint32_t word = 0; word < tags.size(); ++word) {
    if (tags[word] == 0) continue;
    if (tags[word] > names) {
      ++labels.back().last;
    } else {
      labels.push_back({tags[word] - 1U, word, word + 1});
    }
  }
  return labels;
}

}  // namespace validators::deep
