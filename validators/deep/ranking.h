// Opinions of all sources brought together: those of one row on the same place are one candidate, and a
// person looks at the surest first. A candidate is what its surest opinion says; the sources that agree that
// something is wrong there make it surer.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "datasets/row.h"
#include "validators/deep/opinion.h"

namespace validators::deep {

struct Change {
  std::optional<datasets::Slot> from;  // as it stands in the row
  std::optional<datasets::Slot> to;    // what it might be
};

struct Reason {
  std::string source;
  std::string text;
};

/// Something in a row that a person should look at.
struct Candidate {
  std::size_t row = 0;
  Kind kind = Kind::missed;
  std::vector<Change> changes;  // of `swapped` two, of `intent` none
  std::string intent;           // of `intent`: the other one
  double score = 0;             // about how likely it is a fault, between 0 and 1
  std::vector<Reason> reasons;  // surest first
};

/// Candidates whose score is `least` or more, surest first, then by row and place.
std::vector<Candidate> rank(const Corpus& corpus, std::vector<Opinion> opinions, double least);

/// What the candidate suggests, for a person: `[city:Paris]`, `[date:now] instead of [time:now]`.
std::string suggestion(const Candidate& candidate);

}  // namespace validators::deep
