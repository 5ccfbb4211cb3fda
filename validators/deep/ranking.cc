#include "validators/deep/ranking.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace validators::deep {
namespace {

/// The words that an opinion speaks of; of an intent none, which are behind all others.
struct Place {
  std::uint32_t first = kNone;
  std::uint32_t last = kNone;
};

Place place_of(const Opinion& opinion) {
  Place place;
  for (const Edit& edit : opinion.edits)
    for (const auto& label : {edit.from, edit.to}) {
      if (!label) continue;
      place.first = std::min(place.first, label->first);
      place.last = place.last == kNone ? label->last : std::max(place.last, label->last);
    }
  return place;
}

/// On the same words. One that changes two slots is on the words of each, not on those between them.
bool same_place(const Opinion& a, const Opinion& b) {
  if (a.edits.empty() || b.edits.empty()) return a.edits.empty() && b.edits.empty();
  for (const Edit& x : a.edits)
    for (const Edit& y : b.edits)
      for (const auto& m : {x.from, x.to})
        for (const auto& n : {y.from, y.to})
          if (m && n && m->overlaps(*n)) return true;
  return false;
}

datasets::Slot slot_of(const Corpus& corpus, std::uint32_t row, const Label& label) {
  const Sentence& sentence = corpus.sentences[row];
  datasets::Slot slot;
  slot.name = corpus.names[label.name];
  slot.text = sentence.surface(label.first, label.last);
  slot.value = slot.text;
  slot.start = sentence.words[label.first].start;
  slot.end = sentence.words[label.last - 1].end;
  return slot;
}

Candidate candidate_of(const Corpus& corpus, const std::vector<const Opinion*>& opinions) {
  const Opinion& surest = *opinions.front();
  Candidate candidate;
  candidate.row = surest.row;
  candidate.kind = surest.kind;
  for (const Edit& edit : surest.edits) {
    Change& change = candidate.changes.emplace_back();
    if (edit.from) change.from = slot_of(corpus, surest.row, *edit.from);
    if (edit.to) change.to = slot_of(corpus, surest.row, *edit.to);
  }
  if (surest.intent != kNone) candidate.intent = corpus.intents[surest.intent];
  double right = 1;  // that the row is, if sources err independently
  for (const Opinion* opinion : opinions) {
    const bool again = std::any_of(candidate.reasons.begin(), candidate.reasons.end(),
                                   [&](const Reason& reason) { return reason.source == opinion->source; });
    if (again) continue;
    right *= 1 - opinion->confidence;
    candidate.reasons.push_back({opinion->source, opinion->reason});
  }
  candidate.score = 1 - right;
  return candidate;
}

std::string inline_slot(const datasets::Slot& slot) { return fmt::format("[{}:{}]", slot.name, slot.text); }

}  // namespace

std::vector<Candidate> rank(const Corpus& corpus, std::vector<Opinion> opinions, double least) {
  std::stable_sort(opinions.begin(), opinions.end(), [](const Opinion& a, const Opinion& b) {
    return a.row != b.row ? a.row < b.row : a.confidence > b.confidence;
  });
  struct Ranked {
    Candidate candidate;
    Place place;
  };
  std::vector<Ranked> ranked;
  std::vector<bool> taken(opinions.size());
  for (std::size_t i = 0; i < opinions.size(); ++i) {
    if (taken[i]) continue;
    std::vector<const Opinion*> together;
    for (std::size_t j = i; j < opinions.size() && opinions[j].row == opinions[i].row; ++j) {
      if (taken[j] || !same_place(opinions[i], opinions[j])) continue;
      taken[j] = true;
      together.push_back(&opinions[j]);
    }
    Ranked one{candidate_of(corpus, together), place_of(opinions[i])};
    if (one.candidate.score >= least) ranked.push_back(std::move(one));
  }
  std::stable_sort(ranked.begin(), ranked.end(), [](const Ranked& a, const Ranked& b) {
    if (a.candidate.score != b.candidate.score) return a.candidate.score > b.candidate.score;
    if (a.candidate.row != b.candidate.row) return a.candidate.row < b.candidate.row;
    return a.place.first < b.place.first;
  });
  std::vector<Candidate> candidates;
  candidates.reserve(ranked.size());
  for (Ranked& one : ranked) candidates.push_back(std::move(one.candidate));
  return candidates;
}

std::string suggestion(const Candidate& candidate) {
  if (candidate.kind == Kind::intent) return candidate.intent;
  std::string text;
  for (const Change& change : candidate.changes) {
    if (!text.empty()) text += ", ";
    if (change.to) text += inline_slot(*change.to);
    if (change.to && change.from) text += " instead of ";
    if (!change.to) text += "no ";
    if (change.from) text += inline_slot(*change.from);
  }
  return text;
}

}  // namespace validators::deep
