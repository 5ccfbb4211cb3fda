#include "validators/deep/second_opinions.h"

#include <iterator>

#include "validators/deep/boundary_variants.h"
#include "validators/deep/gazetteer.h"
#include "validators/deep/intent_slots.h"
#include "validators/deep/intent_votes.h"
#include "validators/deep/labelled_words.h"
#include "validators/deep/shared_values.h"
#include "validators/deep/tagger_votes.h"
#include "validators/deep/value_majority.h"

namespace validators::deep {

std::vector<Candidate> second_opinions(std::span<const datasets::Row> rows,
                                       const std::vector<std::vector<std::string>>& shares_values,
                                       double least) {
  if (rows.size() < kFewestRows) return {};
  const Corpus corpus = make_corpus(rows);
  const ValueCounts counts(corpus);
  const SharedValues shared(corpus, counts, shares_values);
  std::vector<Opinion> opinions;
  const auto take = [&opinions](std::vector<Opinion> more) {
    std::move(more.begin(), more.end(), std::back_inserter(opinions));
  };
  take(gazetteer(corpus, counts));
  take(labelled_words(corpus));
  take(value_majority(corpus, counts, shared));
  take(boundary_variants(corpus, counts));
  take(intent_slots(corpus, counts));
  take(intent_votes(corpus));
  take(tagger_votes(corpus));
  return rank(corpus, std::move(opinions), least);
}

}  // namespace validators::deep
