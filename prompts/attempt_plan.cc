// What one attempt asks for: plan_attempt of plan.h.
//
// Each slot walks through its catalogue in an order of its own, a permutation seeded by the cell and the
// slot's name; when the catalogue is used up, the next epoch brings another order. All is computed from
// the index of the utterance, so nothing is stored and any attempt can be planned alone, in about a
// microsecond per utterance: replay plans all attempts of a run again.
#include <algorithm>

#include "base/hash.h"
#include "prompts/links.h"
#include "prompts/plan.h"
#include "prompts/slot_sets.h"

namespace prompts {
namespace {

using datasets::Kind;

/// Values of a `many` slot in one utterance: 1 (half of them), 2 or 3.
constexpr std::uint64_t kMostValues = 3;
/// Of all cells of a lane, so that what they share is evaluated once.
constexpr std::uint64_t kAttemptsWithSameExamples = 16;
/// So many other values are tried when a value stands in the utterance already.
constexpr std::uint64_t kOtherValues = 16;

/// The value at `index` of the endless walk, or the `others`-th one behind it in the same epoch.
std::uint64_t walk(std::uint64_t seed, std::uint64_t index, std::uint64_t size, std::uint64_t others = 0) {
  return base::Permutation(base::mix(seed, index / size), size)((index + others) % size);
}

std::uint64_t how_many(std::uint64_t seed, std::uint64_t index) {
  const double draw = base::unit_interval(base::mix(seed, index));
  return draw < 0.5 ? 1 : draw < 0.8 ? 2 : kMostValues;
}

/// Fills utterances one by one; remembers the values of the current one, so that none is asked for
/// twice: 从三号会议室换到三号会议室 is no sentence.
class ValueDrawer {
 public:
  ValueDrawer(const Job& job, std::uint64_t seed) : job_(job), seed_(seed) {}

  void begin_utterance(std::uint64_t index) {
    index_ = index;
    used_.clear();
  }

  /// The values of one frame with these slots of the intent. `scope` tells equal slot names of two frames
  /// apart.
  void draw(const Intent& intent, const std::vector<std::size_t>& slots, std::uint64_t scope,
            std::vector<model::PlannedSlot>& out) {
    const auto links = link_slots(job_, intent, slots);
    rows_.clear();
    for (std::size_t i = 0; i < slots.size(); ++i) {
      const IntentSlot& slot = intent.slots[slots[i]];
      const std::uint64_t seed = base::mix(seed_, base::hash64(slot.name, scope));
      const std::uint64_t count = slot.many ? how_many(seed, index_) : 1;
      if (links[i]) draw_linked(slot, *links[i], links, seed, scope, out);
      for (std::uint64_t n = links[i] ? 1 : 0; n < count; ++n)
        draw_value(slot, seed, slot.many ? index_ * kMostValues + n : index_, n == 0, out);
    }
  }

 private:
  struct Used {
    std::size_t type;
    std::string canonical;
  };

  struct Drawn {
    std::size_t table;
    std::size_t number;
    std::uint64_t row;
  };

  /// The row of a link, one for all that share it. Rows are walked through like values.
  std::uint64_t row_of(const Link& link, const std::vector<std::optional<Link>>& links, std::uint64_t scope) {
    for (const Drawn& drawn : rows_)
      if (drawn.table == link.table && drawn.number == link.number) return drawn.row;
    const Table& table = job_.tables[link.table];
    const std::uint64_t size = table.rows();
    const std::string& name = job_.slot_types[table.types[0]].name();
    const std::uint64_t seed =
        base::mix(base::mix(seed_, base::hash64("row of " + name, scope)), link.number);
    const auto is_free = [&](std::uint64_t row) {
      return std::none_of(links.begin(), links.end(), [&](const std::optional<Link>& other) {
        return other && other->table == link.table && other->number == link.number &&
               is_used(table.types[other->column], canonical(table, row, other->column));
      });
    };
    std::uint64_t row = walk(seed, index_, size);
    for (std::uint64_t i = 0; i <= std::min(size - 1, kOtherValues); ++i)
      if (const std::uint64_t other = walk(seed, index_, size, i); is_free(other)) {
        row = other;
        break;
      }
    rows_.push_back({link.table, link.number, row});
    return row;
  }

  std::string canonical(const Table& table, std::uint64_t row, std::size_t column) const {
    return job_.slot_types[table.types[column]].value(table.entry(row, column).first).canonical;
  }

  /// Each time that a row comes round, its value is written in the next of its ways.
  void draw_linked(const IntentSlot& slot, const Link& link, const std::vector<std::optional<Link>>& links,
                   std::uint64_t seed, std::uint64_t scope, std::vector<model::PlannedSlot>& out) {
    const Table& table = job_.tables[link.table];
    const std::uint64_t row = row_of(link, links, scope);
    const Table::Entry& entry = table.entry(row, link.column);
    const std::uint64_t way = (base::mix(seed, row) % entry.count + index_ / table.rows()) % entry.count;
    Value value = job_.slot_types[slot.type].value(entry.first + way);
    used_.push_back({slot.type, std::move(value.canonical)});
    out.push_back({slot.name, std::move(value.text)});
  }

  /// Without a value that isn't in use yet, the utterance repeats one if it `must`, else goes without.
  void draw_value(const IntentSlot& slot, std::uint64_t seed, std::uint64_t index, bool must,
                  std::vector<model::PlannedSlot>& out) {
    const SlotType& type = job_.slot_types[slot.type];
    const std::uint64_t size = type.size();
    if (size == 0) return;
    for (std::uint64_t i = 0; i <= std::min(size - 1, kOtherValues); ++i) {
      Value value = type.value(walk(seed, index, size, i));
      if (is_used(slot.type, value.canonical)) continue;
      used_.push_back({slot.type, std::move(value.canonical)});
      out.push_back({slot.name, std::move(value.text)});
      return;
    }
    if (must) out.push_back({slot.name, type.value(walk(seed, index, size)).text});
  }

  bool is_used(std::size_t type, const std::string& canonical) const {
    return std::any_of(used_.begin(), used_.end(),
                       [&](const Used& used) { return used.type == type && used.canonical == canonical; });
  }

  const Job& job_;
  std::uint64_t seed_;
  std::uint64_t index_ = 0;
  std::vector<Used> used_;
  std::vector<Drawn> rows_;  // of the frame
};

class StyleDrawer {
 public:
  StyleDrawer(const Job& job, std::uint64_t seed) : job_(job), seed_(base::mix(seed, base::hash64("style"))) {
    for (const StyleAxis& axis : job.style) combinations_ *= std::max<std::size_t>(axis.values.size(), 1);
  }

  std::vector<std::size_t> operator()(std::uint64_t index) const {
    std::vector<std::size_t> style;
    style.reserve(job_.style.size());
    std::uint64_t rest = walk(seed_, index, combinations_);
    for (const StyleAxis& axis : job_.style) {
      const std::size_t size = std::max<std::size_t>(axis.values.size(), 1);
      style.push_back(rest % size);
      rest /= size;
    }
    return style;
  }

 private:
  const Job& job_;
  std::uint64_t seed_;
  std::uint64_t combinations_ = 1;
};

/// An ordered pair of compatible intents; make_plan saw to it that there is one.
std::pair<std::size_t, std::size_t> draw_pair(const Job& job, std::uint64_t seed, std::uint64_t index) {
  const std::uint64_t others = job.intents.size() - 1;
  const std::uint64_t pairs = job.intents.size() * others;
  for (std::uint64_t i = 0; i < pairs; ++i) {
    const std::uint64_t pair = walk(seed, index, pairs, i);
    const std::size_t first = pair / others;
    const std::size_t second = pair % others + (pair % others >= first ? 1 : 0);
    if (is_compatible_pair(job.intents[first], job.intents[second])) return {first, second};
  }
  return {0, others};
}

model::PlannedFrame draw_frame(const Intent& intent, std::uint64_t which, std::uint64_t scope,
                               ValueDrawer& values) {
  const SlotSets sets(intent);
  model::PlannedFrame frame{intent.name, {}};
  values.draw(intent, sets[which % sets.size()], scope, frame.slots);
  return frame;
}

}  // namespace

AttemptPlan plan_attempt(const Job& job, const Cell& cell, std::uint64_t attempt, std::int64_t asked) {
  AttemptPlan plan;
  if (cell.catalogue) {
    plan.salt = base::mix(base::hash64("catalogue"), attempt);
    plan.angle = attempt;
    plan.utterances.resize(static_cast<std::size_t>(asked));
    return plan;
  }
  plan.salt = base::mix(cell.seed, attempt);
  const std::uint64_t lane =
      cell.kind == Kind::in_scope ? base::hash64(job.intents[cell.intent].name) : cell.seed;
  plan.examples_seed = base::mix(base::mix(job.seed, lane), attempt / kAttemptsWithSameExamples);
  const auto count = static_cast<std::uint64_t>(std::max<std::int64_t>(asked, 0));
  const auto stride = static_cast<std::uint64_t>(std::max(cell.per_request, asked));
  plan.utterances.resize(count);
  plan.styles.reserve(count);
  ValueDrawer values(job, cell.seed);
  const StyleDrawer style(job, cell.seed);
  const std::uint64_t pair_seed = base::mix(cell.seed, base::hash64("pair"));
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t index = attempt * stride + i;
    auto& frames = plan.utterances[i].frames;
    values.begin_utterance(index);
    switch (cell.kind) {
      case Kind::in_scope: {
        const Intent& intent = job.intents[cell.intent];
        model::PlannedFrame& frame = frames.emplace_back();
        frame.name = intent.name;
        frame.slots.reserve(cell.slots.size());
        values.draw(intent, cell.slots, 0, frame.slots);
        break;
      }
      case Kind::out_of_scope:
        frames.push_back({cell.near ? "out_of_scope_near" : "out_of_scope_far", {}});
        break;
      case Kind::multi_intent: {
        if (job.intents.size() < 2) break;
        const auto [first, second] = draw_pair(job, pair_seed, index);
        std::uint64_t scope = 0;
        for (const std::size_t intent : {first, second}) {
          ++scope;
          frames.push_back(draw_frame(job.intents[intent], base::mix(pair_seed + scope, index),
                                      base::hash64(job.intents[intent].name, scope), values));
        }
        break;
      }
    }
    plan.styles.push_back(style(index));
  }
  return plan;
}

}  // namespace prompts
