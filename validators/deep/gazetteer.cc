#include "validators/deep/gazetteer.h"

#include <fmt/format.h>

#include <algorithm>

namespace validators::deep {
namespace {

constexpr std::uint32_t kAtLeast = 2;
constexpr std::uint32_t kTimes = 3;

bool outweighs(std::uint32_t many, std::uint32_t few) { return many >= kAtLeast && many >= kTimes * few; }

/// Most often a name that the intent has.
std::uint32_t likely_name(const ValueCounts& counts, std::uint32_t phrase, std::uint32_t intent) {
  std::uint32_t best = kNone;
  std::pair<bool, std::uint32_t> most{false, 0};
  for (const auto& [name, count] : counts.names(phrase)) {
    const std::pair<bool, std::uint32_t> this_one{counts.labels(intent, name) > 0, count};
    if (this_one > most) {
      most = this_one;
      best = name;
    }
  }
  return best;
}

void find_missed(const Corpus& corpus, const ValueCounts& counts, std::uint32_t row,
                 std::vector<Opinion>& out) {
  const Sentence& sentence = corpus.sentences[row];
  for_each_gap(sentence, [&](std::uint32_t first, std::uint32_t last) {
    for (std::uint32_t at = first; at < last;) {
      std::uint32_t end = at;
      std::uint32_t value = kNone;
      ValueCounts::Count evidence;
      counts.phrases().for_each_prefix(sentence.phrase(at, last),
                                       [&](std::size_t length, std::uint32_t phrase) {
                                         const auto all = counts.count(phrase);
                                         const auto here = counts.count_in(phrase, sentence.intent);
                                         const bool in_intent = outweighs(here.labelled, here.unlabelled - 1);
                                         if (!in_intent && !outweighs(all.labelled, all.unlabelled - 1))
                                           return;
                                         end = at + static_cast<std::uint32_t>(length);
                                         value = phrase;
                                         evidence = in_intent ? here : all;
                                       });
      if (value == kNone) {
        ++at;
        continue;
      }
      Opinion opinion{.row = row, .kind = Kind::missed, .source = "gazetteer"};
      const std::uint32_t name = likely_name(counts, value, sentence.intent);
      opinion.edits.push_back({std::nullopt, Label{name, at, end}});
      opinion.confidence = confidence_of(evidence.labelled, evidence.unlabelled - 1);
      opinion.reason = fmt::format("labelled in {} other places, unlabelled in {}", evidence.labelled,
                                   evidence.unlabelled - 1);
      out.push_back(std::move(opinion));
      at = end;
    }
  });
}

void find_spurious(const Corpus& corpus, const ValueCounts& counts, std::uint32_t row,
                   std::vector<Opinion>& out) {
  const Sentence& sentence = corpus.sentences[row];
  for (const Label& label : sentence.labels) {
    const std::uint32_t phrase = counts.phrases().find(sentence.phrase(label.first, label.last));
    const auto count = counts.count(phrase);
    const auto here = counts.count_in(phrase, sentence.intent);
    if (!outweighs(count.unlabelled, count.labelled - 1) || here.labelled - 1 > here.unlabelled) continue;
    Opinion opinion{.row = row, .kind = Kind::spurious, .source = "gazetteer"};
    opinion.edits.push_back({label, std::nullopt});
    opinion.confidence = confidence_of(count.unlabelled, count.labelled - 1);
    opinion.reason =
        fmt::format("unlabelled in {} other places, labelled in {}", count.unlabelled, count.labelled - 1);
    out.push_back(std::move(opinion));
  }
}

}  // namespace

std::vector<Opinion> gazetteer(const Corpus& corpus, const ValueCounts& counts) {
  std::vector<Opinion> opinions;
  for (std::uint32_t row = 0; row < corpus.sentences.size(); ++row) {
    find_missed(corpus, counts, row, opinions);
    find_spurious(corpus, counts, row, opinions);
  }
  return opinions;
}

}  // namespace validators::deep
