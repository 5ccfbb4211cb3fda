#include "cli/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "cli/commands.h"
#include "validators/verdict.h"

namespace cli {
namespace {

using validators::Verdict;
using Counts = std::array<std::int64_t, validators::kVerdictCount>;

constexpr std::size_t kMostReasons = 3;  // per short cell
constexpr std::size_t kMostShortCells = 20;

// Verdicts that cost rows, most frequent first.
std::vector<std::pair<Verdict, std::int64_t>> rejections(const Counts& counts) {
  std::vector<std::pair<Verdict, std::int64_t>> result;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const auto verdict = static_cast<Verdict>(i);
    if (verdict == Verdict::accepted || verdict == Verdict::surplus || counts[i] == 0) continue;
    result.emplace_back(verdict, counts[i]);
  }
  std::stable_sort(result.begin(), result.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  return result;
}

void print_short_cell(const pipeline::CellReport& cell, std::string_view unit, bool exhausted) {
  fmt::print(stderr, "  {}: {} of {} {} after {} candidates{}\n", cell.id, with_commas(cell.state.accepted),
             with_commas(cell.quota), unit, with_commas(cell.state.candidates),
             exhausted ? " (budget.candidates_per_row is used up)" : "");
  const auto reasons = rejections(cell.state.verdicts);
  for (std::size_t i = 0; i < std::min(reasons.size(), kMostReasons); ++i)
    fmt::print(stderr, "    {:3.0f}% {}: {}\n",
               100.0 * static_cast<double>(reasons[i].second) /
                   static_cast<double>(std::max<std::int64_t>(cell.state.candidates, 1)),
               validators::verdict_code(reasons[i].first), validators::verdict_advice(reasons[i].first));
}

void print_short_cells(const pipeline::RunReport& report) {
  std::size_t printed = 0;
  std::size_t left = 0;
  for (const pipeline::LaneReport& lane : report.lanes)
    for (const pipeline::CellReport& cell : lane.cells) {
      if (cell.state.accepted >= cell.quota) continue;
      if (printed == kMostShortCells) {
        ++left;
        continue;
      }
      if (printed++ == 0) fmt::print(stderr, "short of their quota:\n");
      print_short_cell(cell, "rows", cell.state.exhausted);
    }
  if (left > 0) fmt::print(stderr, "  and {} more; run.json lists all\n", left);
}

// Types that models filled, or why they couldn't.
void print_catalogues(const pipeline::RunReport& report) {
  bool short_of_values = false;
  for (const pipeline::LaneReport& lane : report.catalogues) {
    const pipeline::CellReport& cell = lane.cells.front();
    if (lane.accepted == lane.quota) {
      fmt::print(stderr, "  {}.txt: {} values that models wrote\n", lane.name, with_commas(lane.quota));
      continue;
    }
    short_of_values = true;
    print_short_cell(cell, "values", cell.state.exhausted);
  }
  if (short_of_values && report.end == pipeline::End::exhausted)
    fmt::print(stderr,
               "no row is asked for before all values are there: lower ask:, list values of your own under "
               "values:, say in description: what is meant, or raise budget.candidates_per_row; then run the "
               "same command again\n");
}

// `, ¥0.58 per 1,000 rows`
std::string per_thousand(double cost, std::int64_t rows, const std::string& currency) {
  if (rows == 0) return {};
  return fmt::format(", {} per 1,000 rows", format_money(cost * 1000 / static_cast<double>(rows), currency));
}

void print_cost(const pipeline::RunReport& report) {
  const std::string& currency = report.currency;
  fmt::print(stderr, "  {} spent in this directory{}\n", format_money(report.cost, currency),
             per_thousand(report.cost, report.rows, currency));
  if (report.lost > 0)
    fmt::print(stderr, "    {} of it for requests that were given up or cut off by a kill\n",
               format_money(report.lost, currency));
  for (const pipeline::ModelReport& model : report.models) {
    const pipeline::ModelTotals& totals = model.totals;
    if (totals.replies + totals.failed == 0) continue;
    fmt::print(stderr,
               "    {}: {} requests, {} prompt tokens ({} cached), {} completion tokens, {}, {} rows{}\n",
               model.id, with_commas(static_cast<std::int64_t>(totals.replies + totals.failed)),
               with_commas(totals.usage.prompt_tokens), with_commas(totals.usage.cached_tokens),
               with_commas(totals.usage.completion_tokens), format_money(totals.cost, currency),
               with_commas(model.accepted), per_thousand(totals.cost, model.accepted, currency));
    if (model.excess > 1)
      fmt::print(
          stderr,
          "    {} counted up to {:.1f} times the most that was set aside for a request: does it think? "
          "max_tokens doesn't bound that everywhere; what is set aside was raised\n",
          model.id, model.excess);
  }
}

// `  judged by max (reading): 1,130 right, 44 wrong (40 slots, 6 natural), 2 without a vote`
void print_votes(const prompts::Job& job, const pipeline::RunReport& report) {
  const std::vector<pipeline::Voice> voices = pipeline::voices_of(job);
  for (std::size_t voice = 0; voice < voices.size(); ++voice) {
    validators::VoteCounts sum;
    for (const pipeline::LaneReport& lane : report.lanes) {
      const validators::VoteCounts& of_lane = lane.votes[voice];
      sum.yes += of_lane.yes;
      sum.no += of_lane.no;
      sum.none += of_lane.none;
      for (std::size_t i = 0; i < validators::kFaultCount; ++i) sum.faults[i] += of_lane.faults[i];
    }
    std::string faults;
    for (std::size_t i = 0; i < validators::kFaultCount; ++i)
      if (sum.faults[i] > 0)
        faults += fmt::format("{}{} {}", faults.empty() ? " (" : ", ", with_commas(sum.faults[i]),
                              validators::kFaultNames[i]);
    fmt::print(stderr, "  judged by {} ({}): {} right, {} wrong{}{}, {} without a vote\n",
               job.models[voices[voice].model].id, prompts::opinion_name(voices[voice].opinion),
               with_commas(sum.yes), with_commas(sum.no), faults, faults.empty() ? "" : ")",
               with_commas(sum.none));
  }
}

}  // namespace

void print_summary(const prompts::Job& job, const pipeline::RunReport& report) {
  Counts sum{};
  std::int64_t candidates = 0;
  std::int64_t passed = 0;
  for (const auto* lanes : {&report.catalogues, &report.lanes})
    for (const pipeline::LaneReport& lane : *lanes)
      for (const pipeline::CellReport& cell : lane.cells) {
        candidates += cell.state.candidates;
        passed += cell.state.accepted + cell.state.surplus;
        for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += cell.state.verdicts[i];
      }
  fmt::print(stderr, "\n{}: {} of {} rows in {}\n", job.name, with_commas(report.rows),
             with_commas(report.quota), base::format_duration(report.seconds));
  fmt::print(stderr, "  {} replies received, {} taken from the journal; {} candidates, {:.1f}% valid\n",
             with_commas(report.sent), with_commas(report.reused), with_commas(candidates),
             candidates == 0 ? 0.0 : 100.0 * static_cast<double>(passed) / static_cast<double>(candidates));
  if (report.usage.prompt_tokens + report.usage.completion_tokens > 0)
    fmt::print(stderr, "  {} prompt and {} completion tokens\n", with_commas(report.usage.prompt_tokens),
               with_commas(report.usage.completion_tokens));
  if (!report.currency.empty()) print_cost(report);
  std::int64_t replies = 0;
  std::int64_t strict = 0;
  for (const auto* lanes : {&report.catalogues, &report.lanes})
    for (const pipeline::LaneReport& lane : *lanes) {
      for (const std::int64_t count : lane.repairs) replies += count;
      strict += lane.repairs[static_cast<std::size_t>(validators::Repair::strict)];
    }
  if (strict < replies)
    fmt::print(stderr,
               "  {:.1f}% of the replies were sound JSON as they came; the others were mended or rejected\n",
               100.0 * static_cast<double>(strict) / static_cast<double>(replies));
  pipeline::RowRepairCounts mended{};
  for (const pipeline::LaneReport& lane : report.lanes)
    for (std::size_t i = 0; i < mended.size(); ++i) mended[i] += lane.row_repairs[i];
  std::string repairs;
  for (std::size_t i = 0; i < mended.size(); ++i)
    if (mended[i] > 0)
      repairs += fmt::format("{}{} {}", repairs.empty() ? "" : ", ", with_commas(mended[i]),
                             validators::repair_code(static_cast<validators::RowRepair>(i)));
  if (!repairs.empty()) fmt::print(stderr, "  mended in rows: {}\n", repairs);
  std::string rejected;
  for (const auto& [verdict, count] : rejections(sum))
    rejected += fmt::format("{}{} {}", rejected.empty() ? "" : ", ", with_commas(count),
                            validators::verdict_code(verdict));
  if (!rejected.empty()) fmt::print(stderr, "  rejected: {}\n", rejected);
  print_votes(job, report);
  print_catalogues(report);
  if (report.end == pipeline::End::exhausted || report.end == pipeline::End::budget)
    print_short_cells(report);
  if (report.end == pipeline::End::budget)
    fmt::print(
        stderr,
        "budget.{} is used up; nothing is published yet. Raise it and run the same command again to go "
        "on, or publish what there is: slotmill export {}\n",
        job.budget.wall_seconds > 0 && report.sending_seconds >= job.budget.wall_seconds ? "wall" : "cost",
        job.file.string());
  if (report.end == pipeline::End::interrupted || report.end == pipeline::End::model_down)
    fmt::print(stderr, "{} attempts stay owed; run the same command again to go on\n",
               with_commas(static_cast<long long>(report.owed)));
  if (report.release) {
    const datasets::PublishedRelease& release = *report.release;
    fmt::print(
        stderr, "  {} {}: {} train, {} dev, {} test rows\n", display(release.directory),
        release.published ? "published" : "is up to date", with_commas(static_cast<long long>(release.train)),
        with_commas(static_cast<long long>(release.dev)), with_commas(static_cast<long long>(release.test)));
  }
}

}  // namespace cli
