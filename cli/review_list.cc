#include "cli/review_list.h"

#include <fmt/format.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>

#include "cli/commands.h"
#include "validators/deep/second_opinions.h"
#include "validators/deep/shared_values.h"

namespace cli {
namespace {

using validators::Validation;
using validators::deep::Candidate;
using validators::deep::Kind;

const char* advice(Kind kind) {
  switch (kind) {
    case Kind::missed:
      return "a value without a slot?";
    case Kind::boundary:
      return "a slot that is too long or too short?";
    case Kind::type:
      return "a slot under another's name?";
    case Kind::swapped:
      return "two slots under each other's names?";
    case Kind::spurious:
      return "a slot where none belongs?";
    case Kind::intent:
      return "another intent?";
  }
  return "";
}

void append_slot(const std::optional<datasets::Slot>& slot, base::JsonWriter& json) {
  if (!slot) {
    json.null();
    return;
  }
  json.begin_object().member("name", slot->name).member("text", slot->text);
  json.member("start", std::uint64_t{slot->start}).member("end", std::uint64_t{slot->end}).end_object();
}

}  // namespace

ReviewList make_review_list(const Validation& validation, std::size_t threads) {
  std::vector<datasets::Row> rows;
  rows.reserve(validation.set.rows.size());
  for (const validators::DataRow& row : validation.set.rows) rows.push_back(row.row);
  tbb::task_arena arena(threads == 0 ? tbb::task_arena::automatic : static_cast<int>(threads));
  return arena.execute([&] {
    return validators::deep::second_opinions(rows, validators::deep::slots_of_one_type(validation.job));
  });
}

std::string review_line(const Validation& validation, const Candidate& candidate) {
  const validators::DataRow& row = validation.set.rows[candidate.row];
  std::string why;
  for (const auto& reason : candidate.reasons) why += (why.empty() ? "" : "; ") + reason.text;
  return fmt::format("{}: review: {}: {} ({})", validation.set.place_of(row.file, row.place),
                     validators::deep::kind_name(candidate.kind), why,
                     validators::deep::suggestion(candidate));
}

void append_review_list(const Validation& validation, const ReviewList& list, base::JsonWriter& json) {
  json.begin_array();
  for (const Candidate& candidate : list) {
    const validators::DataRow& row = validation.set.rows[candidate.row];
    json.begin_object();
    json.member("file", validation.set.files[row.file].path);
    json.member("line", std::uint64_t{row.place.line}).member("column", std::uint64_t{row.place.column});
    json.member("kind", validators::deep::kind_name(candidate.kind));
    json.member("score", std::round(candidate.score * 1000) / 1000);
    json.member("suggestion", validators::deep::suggestion(candidate));
    json.key("changes").begin_array();
    for (const auto& change : candidate.changes) {
      json.begin_object().key("from");
      append_slot(change.from, json);
      json.key("to");
      append_slot(change.to, json);
      json.end_object();
    }
    json.end_array().key("reasons").begin_array();
    for (const auto& reason : candidate.reasons)
      json.begin_object().member("source", reason.source).member("text", reason.text).end_object();
    json.end_array().end_object();
  }
  json.end_array();
}

void print_review_summary(const ReviewList& list) {
  if (list.empty()) {
    fmt::print(stderr, "nothing to review\n");
    return;
  }
  fmt::print(stderr, "to review, surest first; no faults, and some are right as they are:\n");
  std::map<Kind, long long> counts;
  for (const Candidate& candidate : list) ++counts[candidate.kind];
  for (const auto& [kind, count] : counts)
    fmt::print(stderr, "{:>9}  {:<18} {}\n", with_commas(count), validators::deep::kind_name(kind),
               advice(kind));
}

}  // namespace cli
