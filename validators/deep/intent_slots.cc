#include "validators/deep/intent_slots.h"

#include <fmt/format.h>

namespace validators::deep {
namespace {

// One label of fifty may be the fault that is looked for.
constexpr std::uint32_t kFifty = 50;
constexpr std::uint32_t kTenth = 10;
constexpr std::uint32_t kAtLeast = 3;

}  // namespace

std::vector<Opinion> intent_slots(const Corpus& corpus, const ValueCounts& counts) {
  const auto intents = static_cast<std::uint32_t>(corpus.intents.size());
  std::vector<std::uint32_t> rows(intents);
  for (const Sentence& sentence : corpus.sentences)
    if (sentence.intent != kNone) ++rows[sentence.intent];
  std::vector<Opinion> opinions;
  for (std::uint32_t row = 0; row < corpus.sentences.size(); ++row) {
    const Sentence& sentence = corpus.sentences[row];
    if (sentence.intent == kNone) continue;
    std::uint32_t strange = kNone;
    for (const Label& label : sentence.labels) {
      const std::uint32_t others = counts.labels(sentence.intent, label.name) - 1;
      if (counts.labels(label.name) >= kAtLeast && others * kFifty <= counts.labels(label.name) &&
          others * kFifty <= rows[sentence.intent])
        strange = label.name;
    }
    if (strange == kNone) continue;
    std::uint32_t likely = kNone;
    double most = 0;
    for (std::uint32_t intent = 0; intent < intents; ++intent) {
      if (intent == sentence.intent) continue;
      // The intent that has all of the row's slots most often.
      double likelihood = rows[intent];
      for (const Label& label : sentence.labels)
        likelihood *= (counts.labels(intent, label.name) + 0.1) / (rows[intent] + 1.0);
      if (likelihood <= most) continue;
      most = likelihood;
      likely = intent;
    }
    if (likely == kNone || counts.labels(likely, strange) * kTenth < counts.labels(strange)) continue;
    Opinion opinion{.row = row, .kind = Kind::intent, .source = "slots"};
    opinion.intent = likely;
    opinion.confidence =
        confidence_of(counts.labels(likely, strange), counts.labels(sentence.intent, strange) - 1);
    opinion.reason = fmt::format("{} has {} in {} other rows, {} in {}", corpus.intents[sentence.intent],
                                 corpus.names[strange], counts.labels(sentence.intent, strange) - 1,
                                 corpus.intents[likely], counts.labels(likely, strange));
    opinions.push_back(std::move(opinion));
  }
  return opinions;
}

}  // namespace validators::deep
