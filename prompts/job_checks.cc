#include "prompts/job_checks.h"

#include <fmt/format.h>

#include <algorithm>

#include "prompts/plan.h"
#include "prompts/slot_sets.h"

namespace prompts {
namespace {

constexpr std::size_t kMaxCells = 10'000;
// Ten values or fewer cost 7 to 18 points of slot F1 at 50 utterances per intent.
constexpr std::uint64_t kFewValues = 10;

void check_money(const JobRead& read, Problems& problems) {
  const Job& job = read.job;
  std::string currency = job.budget.currency;
  std::string_view whose = "budget.cost";
  for (std::size_t i = 0; i < job.models.size(); ++i) {
    const ModelSpec& model = job.models[i];
    if (model.kind == ModelSpec::Kind::remote && read.cost.line > 0 && read.prices[i].line == 0)
      problems.error(model.mark,
                     fmt::format("models[{}]: no price, but budget.cost: needs one; add price: {{input: …, "
                                 "output: …, currency: …}}",
                                 i));
    if (model.price.currency.empty()) continue;
    if (currency.empty()) {
      currency = model.price.currency;
      whose = "the first price";
    } else if (currency != model.price.currency) {
      problems.error(read.prices[i], fmt::format("models[{}].price: in {}, but {} is in {}; use one currency",
                                                 i, model.price.currency, whose, currency));
    }
  }
}

void check_lanes(const JobRead& read, Problems& problems) {
  const Job& job = read.job;
  if (job.models.empty()) return;
  const auto require = [&](const std::string& lane, const Mark& mark, const std::string& where) {
    const bool served = std::any_of(job.models.begin(), job.models.end(),
                                    [&](const ModelSpec& model) { return is_asked_first(model, lane); });
    const bool compact = std::all_of(job.models.begin(), job.models.end(), [](const ModelSpec& model) {
      return model.profile == Profile::compact;
    });
    if (!served && compact)
      problems.error(mark,
                     fmt::format("{}: no model serves it: with the compact profile, that of file: shipped, "
                                 "a model writes nothing with two intents; add another model, such as "
                                 "{{id: patterns, patterns: patterns.txt, only: [{}]}}",
                                 where, lane));
    else if (!served)
      problems.error(mark,
                     fmt::format("{}: no model serves it; add {} to the only: of a model, or leave one model "
                                 "without only:",
                                 where, lane));
  };
  const Rows& rows = job.rows;
  if (rows.per_intent > 0)
    for (const Intent& intent : job.intents) require(intent.name, intent.mark, "intents." + intent.name);
  if (rows.out_of_scope_near + rows.out_of_scope_far > 0) require("out_of_scope", read.out_of_scope, "rows");
  for (const Ask& ask : read.slot_types.asks) {
    const std::string& name = read.slot_types.types[ask.type].name();
    if (ask.filled || !read.slot_types.used[ask.type]) continue;
    if (std::any_of(job.models.begin(), job.models.end(),
                    [&](const ModelSpec& model) { return is_asked_first(model, "catalogues/" + name); }))
      continue;
    problems.error(
        ask.mark,
        fmt::format(
            "slot_types.{}.ask: no model fills it: that takes one that reads instructions, not patterns "
            "and not the compact profile, that of file: shipped, without only: or with catalogues in it; "
            "add one, or list values: or a file: instead",
            name));
  }
  if (rows.multi_intent > 0) require("multi_intent", read.multi_intent, "rows.multi_intent");
}

void check_quotas(const JobRead& read, Problems& problems) {
  const Job& job = read.job;
  const Rows& rows = job.rows;
  if (read.rows.line > 0 &&
      rows.per_intent + rows.out_of_scope_near + rows.out_of_scope_far + rows.multi_intent == 0)
    problems.error(read.rows, "rows: all quotas are 0; write per_intent: 200, say");
  if (rows.multi_intent > 0 && job.intents.size() == 1)
    problems.error(read.multi_intent,
                   "rows.multi_intent: there is one intent only; add another, or remove this quota");
  std::size_t cells = 0;
  for (const Intent& intent : job.intents) cells += SlotSets(intent).size();
  if (cells > kMaxCells)
    problems.error(read.intents,
                   fmt::format("intents: {} slot sets to cover, at most {} are possible; split the job",
                               cells, kMaxCells));
}

void check_slot_types(const JobRead& read, Problems& problems) {
  const SlotTypesRead& all = read.slot_types;
  for (std::size_t i = 0; i < all.types.size(); ++i) {
    const SlotType& type = all.types[i];
    const bool linked = std::any_of(read.job.tables.begin(), read.job.tables.end(), [&](const Table& table) {
      return std::find(table.types.begin(), table.types.end(), i) != table.types.end();
    });
    const std::string where = fmt::format("{}.{}", linked ? "tables" : "slot_types", type.name());
    if (!all.used[i])
      problems.warn(all.marks[i], fmt::format("{}: no slot uses it", where));
    else if (all.usable[i] && type.size() < kFewValues)
      problems.warn(all.marks[i],
                    fmt::format("{}: {} values; a model learns such a short list by heart instead of the "
                                "slot: 50 are good, {} the least",
                                where, type.size(), kFewValues));
  }
}

}  // namespace

void check_job(const JobRead& read, Problems& problems) {
  check_money(read, problems);
  check_lanes(read, problems);
  check_quotas(read, problems);
  check_slot_types(read, problems);
}

}  // namespace prompts
