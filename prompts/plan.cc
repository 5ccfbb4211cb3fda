#include "prompts/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/hash.h"
#include "prompts/links.h"
#include "prompts/slot_sets.h"

namespace prompts {
namespace {

using datasets::Kind;

/// More different wordings than this of one thing are hard to come by.
constexpr std::int64_t kManyWordings = 30;
/// Values asked for at once: so many that a model seldom repeats itself, and few enough for max_tokens. Not a
/// function of `ask`, so that asking for more goes on with the replies that are there.
constexpr std::int64_t kValuesPerRequest = 40;
constexpr std::string_view kCatalogues = "catalogues/";

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
  return fmt::format("{}", fmt::join(parts, separator));
}

class Planner {
 public:
  explicit Planner(const Job& job) : job_(job), refused_(job.slot_types.size(), false) {}

  base::Result<Plan> make() {
    for (const Ask& ask : job_.asks) add_catalogue(ask);
    for (std::size_t i = 0; i < job_.intents.size(); ++i) add_intent(i);
    add_out_of_scope();
    add_multi_intent();
    if (plan_.lanes.empty() && problems_.empty())
      problems_.push_back(
          fmt::format("{}: rows asks for no row at all; set rows.per_intent", job_.file.string()));
    if (!problems_.empty()) return base::bad_input(join(problems_, "\n"));
    return std::move(plan_);
  }

 private:
  std::string at(const Mark& mark) const {
    return fmt::format("{}:{}:{}: ", job_.file.string(), mark.line, mark.column);
  }

  Cell make_cell(std::string id, Kind kind, std::int64_t quota) const {
    Cell cell;
    cell.id = std::move(id);
    cell.kind = kind;
    cell.quota = quota;
    const double candidates = std::ceil(static_cast<double>(quota) * job_.budget.candidates_per_row);
    cell.max_candidates = static_cast<std::int64_t>(std::min(candidates, 1e15));
    cell.seed = base::mix(job_.seed, base::hash64(cell.id));
    return cell;
  }

  void add_intent(std::size_t index) {
    const Intent& intent = job_.intents[index];
    const SlotSets sets(intent);
    const auto count = static_cast<std::int64_t>(sets.size());
    Lane lane{intent.name, {}};
    for (std::int64_t k = 0; k < count; ++k) {
      const std::int64_t quota = job_.rows.per_intent / count + (k < job_.rows.per_intent % count ? 1 : 0);
      if (quota <= 0) break;
      const std::vector<std::size_t> slots = sets[static_cast<std::size_t>(k)];
      std::vector<std::string> names;
      for (const std::size_t slot : slots) names.push_back(intent.slots[slot].name);
      std::sort(names.begin(), names.end());
      const std::string id = fmt::format("{}|{}|{}|in_scope", intent.name,
                                         names.empty() ? "-" : join(names, "+"), job_.language);
      Cell cell = make_cell(id, Kind::in_scope, quota);
      cell.intent = index;
      cell.slots = slots;
      check_values(intent, cell);
      lane.cells.push_back(std::move(cell));
    }
    add_lane(std::move(lane), intent.mark, plan_.lanes);
  }

  void add_catalogue(const Ask& ask) {
    const bool used = std::any_of(job_.intents.begin(), job_.intents.end(), [&](const Intent& intent) {
      return std::any_of(intent.slots.begin(), intent.slots.end(),
                         [&](const IntentSlot& slot) { return slot.type == ask.type; });
    });
    if (ask.filled || !used) return;
    const std::string& name = job_.slot_types[ask.type].name();
    Cell cell = make_cell(fmt::format("{}|-|{}|catalogue", name, job_.language), Kind::in_scope,
                          ask.count - ask.known);
    cell.catalogue = ask.type;
    Lane lane{std::string(kCatalogues) + name, {}};
    lane.cells.push_back(std::move(cell));
    add_lane(std::move(lane), ask.mark, plan_.catalogues);
  }

  void add_out_of_scope() {
    Lane lane{"out_of_scope", {}};
    const auto add = [&](const char* distance, std::int64_t quota) {
      if (quota <= 0) return;
      Cell cell = make_cell(fmt::format("none|{}|{}|out_of_scope", distance, job_.language),
                            Kind::out_of_scope, quota);
      cell.near = std::string_view(distance) == "near";
      lane.cells.push_back(std::move(cell));
    };
    add("near", job_.rows.out_of_scope_near);
    add("far", job_.rows.out_of_scope_far);
    add_lane(std::move(lane), {}, plan_.lanes);
  }

  void add_multi_intent() {
    if (job_.rows.multi_intent <= 0) return;
    if (!has_compatible_pair(job_)) {
      problems_.push_back(fmt::format(
          "{}: rows.multi_intent is {}, but no two intents can be said together: {}; set it to 0",
          job_.file.string(), job_.rows.multi_intent,
          job_.intents.size() < 2 ? "there is only one" : "each is in the contrast list of the others"));
      return;
    }
    Lane lane{"multi_intent", {}};
    lane.cells.push_back(make_cell(fmt::format("any|any|{}|multi_intent", job_.language), Kind::multi_intent,
                                   job_.rows.multi_intent));
    for (const Intent& intent : job_.intents)
      for (const IntentSlot& slot : intent.slots) check_type(intent, slot);
    add_lane(std::move(lane), {}, plan_.lanes);
  }

  void add_lane(Lane lane, const Mark& mark, std::vector<Lane>& lanes) {
    if (lane.cells.empty()) return;
    // A job without any model is refused when it is read.
    const bool served = std::any_of(job_.models.begin(), job_.models.end(),
                                    [&](const ModelSpec& model) { return is_asked_first(model, lane.name); });
    if (!served && !job_.models.empty())
      problems_.push_back(
          fmt::format("{}no model serves {}; add it to the `only` of a model, or take `only` away",
                      mark.line > 0 ? at(mark) : job_.file.string() + ": ", lane.name));
    for (Cell& cell : lane.cells) {
      cell.per_request = 1;
      for (const ModelSpec& model : job_.models)
        if (serves(model, lane.name))
          cell.per_request = std::max(cell.per_request, candidates_per_request(cell, model));
      cell.max_candidates = std::max(cell.max_candidates, 2 * cell.per_request);
    }
    lanes.push_back(std::move(lane));
  }

  void check_type(const Intent& intent, const IntentSlot& slot) {
    const SlotType& type = job_.slot_types[slot.type];
    if (type.size() > 0 || refused_[slot.type]) return;
    refused_[slot.type] = true;
    problems_.push_back(fmt::format("{}slot {} of {} can't be planned: its type {} has no values; give some",
                                    at(intent.mark), slot.name, intent.name, type.name()));
  }

  /// How many wordings a model finds isn't known, so no quota is impossible, but one that needs a
  /// wording of its own for nearly every row is likely to end short.
  void check_values(const Intent& intent, const Cell& cell) {
    double combinations = 1;
    const auto links = link_slots(job_, intent, cell.slots);
    for (std::size_t i = 0; i < cell.slots.size(); ++i) {
      const IntentSlot& slot = intent.slots[cell.slots[i]];
      check_type(intent, slot);
      if (links[i] && !slot.many) {  // those that share a row have its combinations together
        const bool first = std::none_of(links.begin(), links.begin() + static_cast<std::ptrdiff_t>(i),
                                        [&](const std::optional<Link>& other) {
                                          return other && other->table == links[i]->table &&
                                                 other->number == links[i]->number;
                                        });
        if (first) combinations *= static_cast<double>(job_.tables[links[i]->table].rows());
        continue;
      }
      const auto size = static_cast<double>(job_.slot_types[slot.type].size());
      combinations *= slot.many ? size + size * size + size * size * size : size;
    }
    if (combinations == 0) return;
    double per_wording = combinations;
    if (job_.per_template > 0) per_wording = std::min(per_wording, static_cast<double>(job_.per_template));
    const auto wordings = static_cast<std::int64_t>(std::ceil(static_cast<double>(cell.quota) / per_wording));
    const bool capped_by_job =
        job_.per_template > 0 && combinations >= static_cast<double>(job_.per_template);
    if (wordings <= kManyWordings || (capped_by_job && job_.per_template > 1)) return;
    const std::string reason =
        cell.slots.empty() ? "no slot makes a difference, so each row must be a wording of its own"
        : capped_by_job    ? "duplicates.per_template is 1, so each row must be a wording of its own"
                           : fmt::format("its slots have only {:.0f} combinations of values", combinations);
    plan_.warnings.push_back(
        fmt::format("{}{}: a quota of {} needs {} different wordings: {}; lower rows.per_intent if "
                    "the run ends short",
                    at(intent.mark), cell.id, cell.quota, wordings, reason));
  }

  const Job& job_;
  std::vector<bool> refused_;  // by slot type
  Plan plan_;
  std::vector<std::string> problems_;
};

}  // namespace

bool serves(const ModelSpec& spec, std::string_view lane) {
  const bool catalogue = lane.starts_with(kCatalogues);
  if (spec.profile == Profile::compact && (lane == "multi_intent" || catalogue)) return false;
  if (spec.kind == ModelSpec::Kind::patterns && catalogue) return false;
  const auto names = [&](std::string_view name) {
    return std::find(spec.only.begin(), spec.only.end(), name) != spec.only.end();
  };
  if (catalogue) return spec.only.empty() || names("catalogues");
  const bool of_intent = lane != "out_of_scope" && lane != "multi_intent";
  return spec.only.empty() || names(lane) || (of_intent && names("intents"));
}

bool is_asked_first(const ModelSpec& spec, std::string_view lane) {
  return spec.share > 0 && serves(spec, lane);
}

std::int64_t candidates_per_request(const Cell& cell, const ModelSpec& spec) {
  return cell.catalogue ? kValuesPerRequest : spec.per_request;
}

base::Result<Plan> make_plan(const Job& job) { return Planner(job).make(); }

std::size_t choose_model(const Job& job, const Lane& lane, const Cell& cell, std::uint64_t attempt) {
  const std::uint64_t item = base::mix(base::hash64(cell.id), attempt);
  std::size_t best = 0;
  double best_score = -1;
  for (std::size_t i = 0; i < job.models.size(); ++i) {
    const ModelSpec& model = job.models[i];
    if (!is_asked_first(model, lane.name)) continue;
    const double draw = base::unit_interval(base::mix(base::hash64(model.id), item));
    const double score = draw > 0 ? -model.share / std::log(draw) : 0;
    if (score > best_score || (score == best_score && model.id < job.models[best].id)) {
      best = i;
      best_score = score;
    }
  }
  return best;
}

std::vector<std::string> allowed_tags(const Job& job, const Cell& cell) {
  std::vector<std::string> tags;
  if (cell.catalogue) return tags;
  switch (cell.kind) {
    case Kind::in_scope:
      for (const IntentSlot& slot : job.intents[cell.intent].slots) tags.push_back(slot.name);
      break;
    case Kind::multi_intent:
      for (const Intent& intent : job.intents)
        for (const IntentSlot& slot : intent.slots) tags.push_back(intent.name + "." + slot.name);
      break;
    case Kind::out_of_scope:
      break;
  }
  return tags;
}

}  // namespace prompts
