#include "validators/deep/tagger_votes.h"

#include <fmt/format.h>
#include <tbb/parallel_for.h>

#include <algorithm>

#include "validators/deep/folds.h"
#include "validators/deep/tagger.h"

namespace validators::deep {
namespace {

constexpr std::uint32_t kEpochs = 5;

/// The labels after an edit; what overlaps the new label goes.
std::vector<Label> edited(std::span<const Label> labels, const std::vector<Edit>& edits) {
  std::vector<Label> result(labels.begin(), labels.end());
  for (const Edit& edit : edits)
    std::erase_if(result, [&](const Label& label) {
      return (edit.from && label == *edit.from) || (edit.to && label.overlaps(*edit.to));
    });
  for (const Edit& edit : edits)
    if (edit.to) result.push_back(*edit.to);
  return result;
}

/// Two slots that each take the other's name are one opinion.
void join_swaps(std::vector<Opinion>& opinions) {
  for (std::size_t i = 0; i < opinions.size(); ++i) {
    if (opinions[i].kind != Kind::type) continue;
    for (std::size_t j = i + 1; j < opinions.size(); ++j) {
      if (opinions[j].kind != Kind::type) continue;
      const Edit& a = opinions[i].edits.front();
      const Edit& b = opinions[j].edits.front();
      if (a.from->name != b.to->name || a.to->name != b.from->name) continue;
      opinions[i].kind = Kind::swapped;
      opinions[i].edits.push_back(b);
      opinions.erase(opinions.begin() + static_cast<std::ptrdiff_t>(j));
      break;
    }
  }
}

/// What one tagger would change, with how much more it is for that than for the labels as they stand.
void vote(const Corpus& corpus, const TagFeatures& features, const std::vector<Tags>& gold,
          const std::vector<std::uint8_t>& fold, std::uint32_t held_out, std::uint64_t seed,
          std::vector<std::vector<Opinion>>& votes) {
  std::vector<std::uint32_t> seen;
  for (std::uint32_t row = 0; row < fold.size(); ++row)
    if (fold[row] != held_out) seen.push_back(row);
  const std::size_t names = corpus.names.size();
  Tagger tagger(features, names);
  tagger.train(seen, gold, kEpochs, seed);
  for (std::uint32_t row = 0; row < fold.size(); ++row) {
    if (fold[row] != held_out) continue;
    const Sentence& sentence = corpus.sentences[row];
    const Tags& tags = tagger.decode(row, sentence.ids.size());
    if (tags == gold[row]) continue;
    votes[row] = differences(row, sentence.labels, labels_of(tags, names));
    const std::int64_t own = tagger.score(row, gold[row]);
    for (Opinion& opinion : votes[row]) {
      const Tags changed = tags_of(edited(sentence.labels, opinion.edits), sentence.ids.size(), names);
      opinion.confidence = static_cast<double>(tagger.score(row, changed) - own) / 256;
    }
  }
}

/// The gain with which half of the votes were right (SNIPS, HWU64, bench/deep.cc). It hardly depends on the
/// data, since the weights count mistakes.
double even_gain(Kind kind) {
  switch (kind) {
    case Kind::missed:
      return 30;
    case Kind::boundary:
      return 45;
    case Kind::type:
      return 45;
    case Kind::swapped:
      return 10;
    case Kind::spurious:
    case Kind::intent:
      break;
  }
  return 35;
}

bool same_place(const Opinion& a, const Opinion& b) {
  const Edit& x = a.edits.front();
  const Edit& y = b.edits.front();
  if (x.from || y.from) return x.from == y.from;
  return x.to->overlaps(*y.to);
}

}  // namespace

std::vector<Opinion> differences(std::uint32_t row, std::span<const Label> own,
                                 std::span<const Label> other) {
  std::vector<Opinion> opinions;
  const auto add = [&](Kind kind, std::optional<Label> from, std::optional<Label> to) {
    Opinion opinion{.row = row, .kind = kind, .source = "tagger"};
    opinion.edits.push_back({from, to});
    opinions.push_back(std::move(opinion));
  };
  for (const Label& label : own) {
    const Label* to = nullptr;
    for (const Label& candidate : other) {
      if (!candidate.overlaps(label)) continue;
      // Of several the one of the same name, else the first.
      if (to == nullptr || (to->name != label.name && candidate.name == label.name)) to = &candidate;
    }
    if (to == nullptr) {
      add(Kind::spurious, label, std::nullopt);
    } else if (to->name != label.name) {
      add(Kind::type, label, *to);
    } else if (*to != label) {
      add(Kind::boundary, label, *to);
    }
  }
  for (const Label& label : other)
    if (std::none_of(own.begin(), own.end(), [&](const Label& l) { return l.overlaps(label); }))
      add(Kind::missed, std::nullopt, label);
  join_swaps(opinions);
  return opinions;
}

std::vector<Opinion> tagger_votes(const Corpus& corpus) {
  std::vector<Opinion> opinions;
  const std::size_t rows = corpus.sentences.size();
  if (corpus.names.empty()) return opinions;
  const TagFeatures features(corpus);
  std::vector<Tags> gold;
  for (const Sentence& sentence : corpus.sentences)
    gold.push_back(tags_of(sentence.labels, sentence.ids.size(), corpus.names.size()));
  std::vector<std::vector<std::uint8_t>> partitions;
  for (std::uint32_t p = 0; p < kPartitions; ++p) partitions.push_back(folds(p, rows));
  std::vector<std::vector<std::vector<Opinion>>> votes(kPartitions, std::vector<std::vector<Opinion>>(rows));
  tbb::parallel_for(0U, kPartitions * kFolds, [&](std::uint32_t task) {
    vote(corpus, features, gold, partitions[task / kFolds], task % kFolds, task, votes[task / kFolds]);
  });
  for (std::uint32_t row = 0; row < rows; ++row) {
    // All votes on a place, from the first that mentions it.
    std::vector<Opinion> all;
    for (auto& partition : votes)
      for (Opinion& opinion : partition[row]) all.push_back(std::move(opinion));
    std::vector<bool> counted(all.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (counted[i]) continue;
      std::uint32_t places = 0;
      double gain = 0;
      std::size_t best = i;
      std::uint32_t most = 0;
      for (std::size_t j = i; j < all.size(); ++j) {
        if (counted[j] || !same_place(all[i], all[j])) continue;
        counted[j] = true;
        ++places;
        gain += all[j].confidence;
        std::uint32_t alike = 0;
        for (std::size_t k = i; k < all.size(); ++k) alike += all[k].edits == all[j].edits;
        if (alike <= most) continue;
        most = alike;
        best = j;
      }
      if (places < kPartitions || gain <= 0) continue;
      Opinion opinion = all[best];
      gain /= kPartitions;
      const double scale = even_gain(opinion.kind);
      opinion.confidence = gain * gain / (gain * gain + scale * scale);
      opinion.reason =
          fmt::format("{} taggers that did not see the row say otherwise, {} of them this (by {:.0f})",
                      kPartitions, most, gain);
      opinions.push_back(std::move(opinion));
    }
  }
  return opinions;
}

}  // namespace validators::deep
