#include "validators/deep/value_majority.h"

#include <fmt/format.h>

#include <optional>

namespace validators::deep {
namespace {

constexpr std::uint32_t kAtLeast = 2;
constexpr std::uint32_t kTimes = 3;
constexpr double kSwapped = 0.95;

struct Majority {
  std::uint32_t name = kNone;
  std::uint32_t count = 0;
  std::uint32_t own = 0;  // other places under the name it has here
};

std::optional<Majority> other_name(const Sentence& sentence, const Label& label, const ValueCounts& counts,
                                   const SharedValues& shared) {
  const std::uint32_t phrase = counts.phrases().find(sentence.phrase(label.first, label.last));
  Majority majority;
  majority.own = counts.labelled_as(phrase, label.name) - 1;
  for (const auto& [name, count] : counts.names(phrase)) {
    // Of names that the intent doesn't have none is meant.
    if (name == label.name || count <= majority.count || counts.labels(sentence.intent, name) == 0) continue;
    majority.name = name;
    majority.count = count;
  }
  if (majority.count < kAtLeast || majority.count < kTimes * majority.own) return std::nullopt;
  if (shared.shared(majority.name, label.name)) return std::nullopt;
  return majority;
}

}  // namespace

std::vector<Opinion> value_majority(const Corpus& corpus, const ValueCounts& counts,
                                    const SharedValues& shared) {
  std::vector<Opinion> opinions;
  for (std::uint32_t row = 0; row < corpus.sentences.size(); ++row) {
    const Sentence& sentence = corpus.sentences[row];
    std::vector<std::pair<Label, Majority>> found;
    for (const Label& label : sentence.labels)
      if (const auto majority = other_name(sentence, label, counts, shared))
        found.emplace_back(label, *majority);
    std::vector<bool> done(found.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
      if (done[i]) continue;
      const auto& [label, majority] = found[i];
      Opinion opinion{.row = row, .kind = Kind::type, .source = "majority"};
      opinion.edits.push_back({label, Label{majority.name, label.first, label.last}});
      opinion.confidence = confidence_of(majority.count, majority.own);
      opinion.reason = fmt::format("{} in {} other places, {} in {}", corpus.names[majority.name],
                                   majority.count, corpus.names[label.name], majority.own);
      for (std::size_t j = i + 1; j < found.size(); ++j) {
        const auto& [other, others] = found[j];
        if (done[j] || other.name != majority.name || others.name != label.name) continue;
        done[j] = true;
        opinion.kind = Kind::swapped;
        // Two slots that point at each other were never wrong.
        opinion.confidence = kSwapped;
        opinion.edits.push_back({other, Label{others.name, other.first, other.last}});
        break;
      }
      opinions.push_back(std::move(opinion));
    }
  }
  return opinions;
}

}  // namespace validators::deep
