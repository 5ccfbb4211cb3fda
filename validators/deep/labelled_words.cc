#include "validators/deep/labelled_words.h"

#include <fmt/format.h>

#include <map>
#include <utility>

#include "validators/deep/value_counts.h"

namespace validators::deep {
namespace {

constexpr std::uint32_t kAtLeast = 3;
constexpr std::uint32_t kTimes = 5;
// A word says less than a whole value.
constexpr double kSurest = 0.5;

struct WordCount {
  std::uint32_t inside = 0;
  std::uint32_t outside = 0;
  std::map<std::uint32_t, std::uint32_t> names;

  /// With one place outside, which is the one that is looked at.
  bool mostly_inside() const { return inside >= kAtLeast && inside >= kTimes * outside; }
};

std::uint32_t usual_name(const WordCount& count) {
  std::pair<std::uint32_t, std::uint32_t> best{kNone, 0};
  for (const auto& name : count.names)
    if (name.second > best.second) best = name;
  return best.first;
}

}  // namespace

std::vector<Opinion> labelled_words(const Corpus& corpus) {
  std::vector<WordCount> counts(corpus.vocabulary.size());
  for (const Sentence& sentence : corpus.sentences) {
    for (const Label& label : sentence.labels)
      for (const std::uint32_t word : sentence.phrase(label.first, label.last)) {
        ++counts[word].inside;
        ++counts[word].names[label.name];
      }
    for_each_gap(sentence, [&](std::uint32_t first, std::uint32_t last) {
      for (const std::uint32_t word : sentence.phrase(first, last)) ++counts[word].outside;
    });
  }
  std::vector<Opinion> opinions;
  for (std::uint32_t row = 0; row < corpus.sentences.size(); ++row) {
    const Sentence& sentence = corpus.sentences[row];
    for_each_gap(sentence, [&](std::uint32_t first, std::uint32_t last) {
      for (std::uint32_t at = first; at < last; ++at) {
        const WordCount& count = counts[sentence.ids[at]];
        if (!count.mostly_inside()) continue;
        std::uint32_t end = at + 1;
        while (end < last && counts[sentence.ids[end]].mostly_inside()) ++end;
        Opinion opinion{.row = row, .kind = Kind::missed, .source = "words"};
        opinion.edits.push_back({std::nullopt, Label{usual_name(count), at, end}});
        opinion.confidence = kSurest * confidence_of(count.inside, count.outside - 1);
        opinion.reason = fmt::format("“{}” stands in slots in {} other places, outside in {}",
                                     corpus.vocabulary[sentence.ids[at]], count.inside, count.outside - 1);
        opinions.push_back(std::move(opinion));
        at = end;
      }
    });
  }
  return opinions;
}

}  // namespace validators::deep
