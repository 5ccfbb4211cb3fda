#include "validators/deep/boundary_variants.h"

#include <fmt/format.h>

#include <optional>
#include <unordered_map>

namespace validators::deep {
namespace {

constexpr std::uint32_t kAtLeast = 2;
constexpr std::uint32_t kTimes = 3;
constexpr std::uint32_t kMostly = 20;
constexpr std::uint32_t kHundred = 100;

/// Of the words: where they stand in labels of a name, and how often outside of all.
class EdgeCounts {
 public:
  struct Count {
    std::uint32_t first = 0;
    std::uint32_t last = 0;
    std::uint32_t inside = 0;  // anywhere in it
  };

  explicit EdgeCounts(const Corpus& corpus) : outside_(corpus.vocabulary.size()) {
    for (const Sentence& sentence : corpus.sentences) {
      for_each_gap(sentence, [&](std::uint32_t first, std::uint32_t last) {
        for (std::uint32_t at = first; at < last; ++at) ++outside_[sentence.ids[at]];
      });
      for (const Label& label : sentence.labels) {
        for (std::uint32_t at = label.first; at < label.last; ++at)
          ++counts_[key(sentence.ids[at], label.name)].inside;
        ++counts_[key(sentence.ids[label.first], label.name)].first;
        ++counts_[key(sentence.ids[label.last - 1], label.name)].last;
      }
    }
  }
  Count count(std::uint32_t word, std::uint32_t name) const {
    const auto it = counts_.find(key(word, name));
    return it == counts_.end() ? Count{} : it->second;
  }
  std::uint32_t outside(std::uint32_t word) const { return outside_[word]; }

 private:
  static std::uint64_t key(std::uint32_t word, std::uint32_t name) {
    return std::uint64_t{word} << 32 | name;
  }
  std::unordered_map<std::uint64_t, Count> counts_;
  std::vector<std::uint32_t> outside_;
};

/// A word that stands outside so often, and hardly ever at that edge of such a slot.
double confidence_of_edge(std::uint32_t outside) { return 0.4 * outside / (outside + 200.0); }
constexpr double kBelongs = 0.2;

struct Found {
  Label to;
  std::string reason;
  double confidence = 0;
};

/// The variant with a word more or less that is labelled much more often than the value as it stands.
std::optional<Found> usual_variant(const Sentence& sentence, const Label& label, const ValueCounts& counts) {
  const auto times = [&](const Label& l) {
    const std::uint32_t phrase = counts.phrases().find(sentence.phrase(l.first, l.last));
    return phrase == kNone ? 0 : counts.labelled_as(phrase, label.name);
  };
  const std::uint32_t own = times(label) - 1;
  std::vector<Label> variants;
  if (label.last - label.first > 1) {
    variants.push_back({label.name, label.first + 1, label.last});
    variants.push_back({label.name, label.first, label.last - 1});
  }
  if (label.first > 0 && sentence.label_at(label.first - 1) == nullptr)
    variants.push_back({label.name, label.first - 1, label.last});
  if (label.last < sentence.ids.size() && sentence.label_at(label.last) == nullptr)
    variants.push_back({label.name, label.first, label.last + 1});
  std::uint32_t most = 0;
  const Label* best = nullptr;
  for (const Label& variant : variants) {
    const std::uint32_t count = times(variant);
    if (count < kAtLeast || count < kTimes * own || count <= most) continue;
    most = count;
    best = &variant;
  }
  if (best == nullptr) return std::nullopt;
  return Found{*best, fmt::format("labelled like this in {} other places, as it stands in {}", most, own),
               confidence_of(most, own) * 0.7};
}

std::optional<Found> odd_edge(const Corpus& corpus, const Sentence& sentence, const Label& label,
                              const EdgeCounts& edges) {
  const auto is_odd = [&](std::uint32_t word, std::uint32_t at_edge) {
    return edges.outside(word) >= kMostly && edges.outside(word) >= kHundred * (at_edge - 1);
  };
  if (label.last - label.first > 1) {
    const std::uint32_t first = sentence.ids[label.first];
    if (is_odd(first, edges.count(first, label.name).first))
      return Found{{label.name, label.first + 1, label.last},
                   fmt::format("{} begins with “{}” in {} other places; it stands outside in {}",
                               corpus.names[label.name], corpus.vocabulary[first],
                               edges.count(first, label.name).first - 1, edges.outside(first)),
                   confidence_of_edge(edges.outside(first))};
    const std::uint32_t last = sentence.ids[label.last - 1];
    if (is_odd(last, edges.count(last, label.name).last))
      return Found{{label.name, label.first, label.last - 1},
                   fmt::format("{} ends with “{}” in {} other places; it stands outside in {}",
                               corpus.names[label.name], corpus.vocabulary[last],
                               edges.count(last, label.name).last - 1, edges.outside(last)),
                   confidence_of_edge(edges.outside(last))};
  }
  const auto belongs = [&](std::uint32_t word, std::uint32_t at_edge) {
    return at_edge >= kAtLeast && at_edge >= kTimes * edges.outside(word);
  };
  if (label.first > 0 && sentence.label_at(label.first - 1) == nullptr) {
    const std::uint32_t before = sentence.ids[label.first - 1];
    if (const auto count = edges.count(before, label.name); belongs(before, count.first))
      return Found{{label.name, label.first - 1, label.last},
                   fmt::format("“{}” begins {} in {} places; it stands outside in {} others",
                               corpus.vocabulary[before], corpus.names[label.name], count.first,
                               edges.outside(before) - 1),
                   kBelongs};
  }
  if (label.last < sentence.ids.size() && sentence.label_at(label.last) == nullptr) {
    const std::uint32_t behind = sentence.ids[label.last];
    if (const auto count = edges.count(behind, label.name); belongs(behind, count.last))
      return Found{
          {label.name, label.first, label.last + 1},
          fmt::format("“{}” ends {} in {} places; it stands outside in {} others", corpus.vocabulary[behind],
                      corpus.names[label.name], count.last, edges.outside(behind) - 1),
          kBelongs};
  }
  return std::nullopt;
}

}  // namespace

std::vector<Opinion> boundary_variants(const Corpus& corpus, const ValueCounts& counts) {
  const EdgeCounts edges(corpus);
  std::vector<Opinion> opinions;
  const auto add = [&](std::uint32_t row, const Label& label, const char* source, Found found) {
    Opinion opinion{.row = row, .kind = Kind::boundary, .source = source};
    opinion.edits.push_back({label, found.to});
    opinion.confidence = found.confidence;
    opinion.reason = std::move(found.reason);
    opinions.push_back(std::move(opinion));
  };
  for (std::uint32_t row = 0; row < corpus.sentences.size(); ++row) {
    const Sentence& sentence = corpus.sentences[row];
    for (const Label& label : sentence.labels) {
      if (auto found = usual_variant(sentence, label, counts)) add(row, label, "variants", std::move(*found));
      if (auto found = odd_edge(corpus, sentence, label, edges)) add(row, label, "edges", std::move(*found));
    }
  }
  return opinions;
}

}  // namespace validators::deep
