#include "validators/deep/value_counts.h"

#include <algorithm>

namespace validators::deep {

ValueCounts::ValueCounts(const Corpus& corpus) : labels_of_name_(corpus.names.size()) {
  for (const Sentence& sentence : corpus.sentences) {
    for (const Label& label : sentence.labels) {
      const std::uint32_t phrase = phrases_.add(sentence.phrase(label.first, label.last));
      if (phrase == counts_.size()) {
        counts_.emplace_back();
        names_.emplace_back();
      }
      ++counts_[phrase].labelled;
      ++by_intent_[key(phrase, sentence.intent)].labelled;
      ++labels_[key(sentence.intent, label.name)];
      ++labels_of_name_[label.name];
      auto& names = names_[phrase];
      const auto it =
          std::find_if(names.begin(), names.end(), [&](const Pair& p) { return p.first == label.name; });
      if (it == names.end()) {
        names.emplace_back(label.name, 1);
      } else {
        ++it->second;
      }
    }
  }
  for (const Sentence& sentence : corpus.sentences) {
    for_each_gap(sentence, [&](std::uint32_t first, std::uint32_t last) {
      for (std::uint32_t at = first; at < last; ++at)
        phrases_.for_each_prefix(sentence.phrase(at, last), [&](std::size_t, std::uint32_t phrase) {
          ++counts_[phrase].unlabelled;
          ++by_intent_[key(phrase, sentence.intent)].unlabelled;
        });
    });
  }
}

ValueCounts::Count ValueCounts::count_in(std::uint32_t phrase, std::uint32_t intent) const {
  const auto it = by_intent_.find(key(phrase, intent));
  return it == by_intent_.end() ? Count{} : it->second;
}

std::uint32_t ValueCounts::labelled_as(std::uint32_t phrase, std::uint32_t name) const {
  for (const auto& [other, count] : names_[phrase])
    if (other == name) return count;
  return 0;
}

std::uint32_t ValueCounts::labels(std::uint32_t intent, std::uint32_t name) const {
  const auto it = labels_.find(key(intent, name));
  return it == labels_.end() ? 0 : it->second;
}

}  // namespace validators::deep
