// What must be covered, and what each attempt asks for: cells, lanes, quotas, planned values and
// styles. All of it is a pure function of the job: no clock, no reply, no state.
//
// Values, styles and examples of an attempt come from permutations seeded by (job seed, cell id, what
// for), indexed by `attempt x per_request + i`, per_request being the cell's: each value is used before any
// is used again, and a larger quota or a new cell never changes what an attempt asks for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "datasets/row.h"
#include "model/request.h"
#include "prompts/job.h"

namespace prompts {

/// One thing to cover. `id` is made of names, never of ordinals:
/// `set_volume|device+level|zh-Hans|in_scope` (slots in the order of the alphabet, `-` without any),
/// `none|near|zh-Hans|out_of_scope`, `any|any|zh-Hans|multi_intent`, `person|-|zh-Hans|catalogue`.
struct Cell {
  std::string id;
  /// The slot type (index into Job::slot_types) whose values are asked for; such a cell has no kind, and its
  /// rows are values.
  std::optional<std::size_t> catalogue;
  datasets::Kind kind = datasets::Kind::in_scope;
  std::size_t intent = 0;           // index into Job::intents; in_scope only
  std::vector<std::size_t> slots;   // indices into Intent::slots, ascending; in_scope only
  bool near = false;                // out_of_scope only
  std::int64_t quota = 0;           // accepted rows
  std::int64_t max_candidates = 0;  // the cell is exhausted after so many
  std::uint64_t seed = 0;           // hash of job seed and id
  std::int64_t per_request = 1;     // the largest of the models that serve it
};

/// The cells that commit in one order.
struct Lane {
  std::string name;  // the intent, `out_of_scope`, `multi_intent`, `catalogues/person`
  std::vector<Cell> cells;
};

struct Plan {
  std::vector<Lane> lanes;
  std::vector<Lane> catalogues;  // filled first, one for each type that models still have to fill
  std::vector<std::string> warnings;
};

/// Cells of the job: in_scope intents in file order, then out_of_scope, then multi_intent. An intent's
/// slot sets: the required slots; those plus each optional one; all; equal quotas, the remainder in
/// that order; a set without quota has no cell. Refuses what can't be planned: a slot without values,
/// intents that can't be paired, a lane that no model serves, no rows at all; one line per problem, with
/// the intent's place in the job file. How many wordings a language model finds isn't known, so a quota
/// is never refused, but one that needs many of them is in the warnings, as are small catalogues.
base::Result<Plan> make_plan(const Job& job);

/// Whether the model's `only` lets it serve the lane. With the compact profile a model writes nothing with
/// two intents; and neither such a model nor patterns fill a catalogue.
bool serves(const ModelSpec& spec, std::string_view lane);

/// How many candidates a request of the cell asks the model for.
std::int64_t candidates_per_request(const Cell& cell, const ModelSpec& spec);

/// Whether attempts of the lane go to the model first, and not only as a fallback.
bool is_asked_first(const ModelSpec& spec, std::string_view lane);

/// The model (index into Job::models) that an attempt goes to: weighted rendezvous hash of (cell,
/// attempt) over the models that are asked first in the lane (Thaler and Ravishankar 1998; weights as in
/// Schindelhauer and Schomaker 2005), so a new model moves only its share. Neither the job's seed nor the
/// order of the models matters.
std::size_t choose_model(const Job& job, const Lane& lane, const Cell& cell, std::uint64_t attempt);

/// What one attempt asks for.
struct AttemptPlan {
  std::vector<model::PlannedUtterance> utterances;
  /// styles[i][axis]: index into Job::style[axis].values
  std::vector<std::vector<std::size_t>> styles;
  std::uint64_t salt = 0;
  std::uint64_t examples_seed =
      0;                    // draws examples; the same for some attempts in a row, which share a prefix
  std::uint64_t angle = 0;  // of a catalogue: which of its values this attempt looks for
};

/// Of `count` utterances, the per_request of the model that is asked. About a microsecond per utterance. A
/// `many` slot gets 1 to 3 values (50, 30 and 20 %); no two values
/// of one slot type in an utterance mean the same as long as the catalogue has others. A multi-intent
/// utterance is an ordered pair of intents that are not each other's contrast, each with one of its slot
/// sets. Out-of-scope utterances have a frame without slots, the
/// values of a catalogue none.
AttemptPlan plan_attempt(const Job& job, const Cell& cell, std::uint64_t attempt, std::int64_t count);

/// Tags that a reply of this cell may use: the intent's slots; `intent.slot` for a multi-intent cell.
std::vector<std::string> allowed_tags(const Job& job, const Cell& cell);

}  // namespace prompts
