// Does a planned value find its place when the model wrote it in another form? The value of one slot is
// planned in another form than the one that stands in the row's text, as a model exchanges them: Chinese
// numerals for Arabic ones and the reverse, full width for half, upper case, traditional characters. The row
// is written with its tags around what stands there, and once without any tag. Right is a row with exactly
// the span that the slot has in the file; in braces: rejected instead.
//
//   written_forms FILE...        zh-Hans, in any format that slotmill reads; docs/quality.md
//   written_forms --listed N     so many of those that weren't restored are listed (40)
//
// What stands twice in its text is left out where there is no tag: nobody knows which is meant.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/json_writer.h"
#include "base/text.h"
#include "base/unicode.h"
#include "datasets/readers/find_text.h"
#include "datasets/readers/reader.h"
#include "prompts/job.h"
#include "prompts/numbers.h"
#include "prompts/plan.h"
#include "validators/checker.h"

namespace {

using datasets::Row;
using validators::Verdict;

constexpr std::u32string_view kNumerals = U"零〇一二三四五六七八九十百千万两";

// Replaces each longest run of `wanted` characters by what `change` makes of it.
std::string replace_runs(const std::string& text, const std::function<bool(char32_t)>& wanted,
                         const std::function<std::string(const std::string&)>& change) {
  std::string out;
  std::string run;
  const auto end_run = [&] {
    if (!run.empty()) out += change(run);
    run.clear();
  };
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t from = at;
    const char32_t c = base::next_code_point(text, at);
    if (!wanted(c)) end_run();
    (wanted(c) ? run : out).append(text, from, at - from);
  }
  end_run();
  return out;
}

std::string to_arabic(const std::string& text) {
  return replace_runs(
      text, [](char32_t c) { return kNumerals.find(c) != kNumerals.npos; },
      [](const std::string& run) {
        const auto number = prompts::read_number(run);
        return number ? std::to_string(*number) : run;
      });
}

std::string to_numerals(const std::string& text) {
  return replace_runs(
      text, [](char32_t c) { return c >= U'0' && c <= U'9'; },
      [](const std::string& run) {
        if (run.size() > 9 || (run.size() > 1 && run[0] == '0')) return run;
        return prompts::write_number(std::stoll(run), prompts::Written::cjk, "zh-Hans").front();
      });
}

std::string to_full_width(const std::string& text) {
  return replace_runs(
      text, [](char32_t c) { return c > U' ' && c < 0x7F; },
      [](const std::string& run) {
        std::string out;
        for (const char c : run) {
          const auto wide = static_cast<unsigned>(static_cast<unsigned char>(c)) + 0xFEE0;
          out += static_cast<char>(0xE0 | wide >> 12);
          out += static_cast<char>(0x80 | (wide >> 6 & 0x3F));
          out += static_cast<char>(0x80 | (wide & 0x3F));
        }
        return out;
      });
}

std::string to_upper(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

struct Count {
  std::size_t all = 0;
  std::size_t right = 0;
  std::size_t rejected = 0;
};

class Bench {
 public:
  explicit Bench(const std::vector<Row>& rows) {
    job_.name = "forms";
    job_.language = "zh-Hans";
    job_.check.max_length = 10'000;
    std::map<std::string, std::size_t> intents;
    std::map<std::string, std::set<std::string>> values;
    for (const Row& row : rows)
      for (const datasets::Slot& slot : row.frames[0].slots) values[slot.name].insert(slot.text);
    for (const auto& [name, texts] : values) {
      std::vector<prompts::Value> list;
      for (const std::string& text : texts) list.push_back({text, text});
      job_.slot_types.push_back(
          prompts::SlotType::of_values(name, prompts::SlotType::Form::values, std::move(list), true, true));
    }
    for (const Row& row : rows) {
      const auto [known, is_new] = intents.emplace(row.frames[0].intent, job_.intents.size());
      if (is_new) job_.intents.emplace_back().name = row.frames[0].intent;
      prompts::Intent& intent = job_.intents[known->second];
      for (const datasets::Slot& slot : row.frames[0].slots)
        if (intent.find_slot(slot.name) == nullptr)
          intent.slots.push_back(
              {slot.name, static_cast<std::size_t>(std::distance(values.begin(), values.find(slot.name))),
               false, true});
    }
    checker_.emplace(validators::Checker::make(job_, plan_).value());
  }

  // The row with slot `changed` planned as `value`; with tags or without that one.
  void check(const Row& row, std::size_t changed, const std::string& value, bool tagged, Count& count,
             const std::string& kind, std::size_t listed) {
    const datasets::Frame& frame = row.frames[0];
    prompts::AnnotatedText text;
    text.text = row.text;
    model::PlannedUtterance planned;
    planned.frames.push_back({frame.intent, {}});
    std::set<std::size_t> slots;
    const prompts::Intent& intent = *job_.find_intent(frame.intent);
    for (std::size_t i = 0; i < frame.slots.size(); ++i) {
      const datasets::Slot& slot = frame.slots[i];
      if (i != changed || tagged) text.tags.push_back({slot.name, slot.text, slot.start, slot.end});
      planned.frames[0].slots.push_back({slot.name, i == changed ? value : slot.text});
      slots.insert(static_cast<std::size_t>(intent.find_slot(slot.name) - intent.slots.data()));
    }
    prompts::Lane lane;
    lane.name = frame.intent;
    prompts::Cell& cell = lane.cells.emplace_back();
    cell.id = "cell";
    cell.intent = static_cast<std::size_t>(&intent - job_.intents.data());
    cell.slots.assign(slots.begin(), slots.end());
    prompts::AttemptPlan attempt;
    attempt.utterances.push_back(planned);
    attempt.styles.emplace_back();
    validators::Expectation expectation;
    expectation.lane = &lane;
    expectation.plan = &attempt;
    model::Outcome outcome;
    outcome.kind = model::Outcome::Kind::reply;
    base::JsonWriter json(outcome.body);
    json.begin_object().key("utterances").begin_array().value(prompts::format_annotation(text));
    json.end_array().end_object();
    const validators::Candidate candidate = std::move(checker_->check(expectation, outcome).candidates.at(0));
    ++count.all;
    bool right = false;
    if (candidate.verdict == Verdict::accepted) {
      const auto checked = datasets::parse_row(candidate.row);
      if (checked && checked->frames.size() == 1 && checked->frames[0].slots.size() == frame.slots.size()) {
        const datasets::Slot& slot = checked->frames[0].slots[changed];
        right = slot.start == frame.slots[changed].start && slot.end == frame.slots[changed].end;
      }
    } else {
      ++count.rejected;
    }
    count.right += right ? 1 : 0;
    if (!right && listed_++ < listed)
      fmt::print("  {}{}: {} {}: {} planned, {}\n", kind, tagged ? "" : ", no tag",
                 verdict_code(candidate.verdict), candidate.detail, value,
                 candidate.verdict == Verdict::accepted ? candidate.row : prompts::format_annotation(text));
  }

 private:
  prompts::Job job_;
  prompts::Plan plan_;
  std::optional<validators::Checker> checker_;
  std::size_t listed_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  std::size_t listed = 40;
  std::vector<Row> rows;
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]) == "--listed" && i + 1 < argc) {
      listed = std::strtoull(argv[++i], nullptr, 10);
      continue;
    }
    auto file = datasets::read_data_file(argv[i], std::nullopt);
    if (!file) {
      fmt::print(stderr, "{}\n", file.error().message);
      return 2;
    }
    for (datasets::ReadRow& row : file->reading.rows)
      if (row.row.frames.size() == 1 &&
          std::all_of(row.row.frames[0].slots.begin(), row.row.frames[0].slots.end(), datasets::is_placed))
        rows.push_back(std::move(row.row));
  }
  if (rows.empty()) {
    fmt::print(stderr, "usage: written_forms [--listed N] FILE...\n");
    return 2;
  }
  Bench bench(rows);
  const std::pair<const char*, std::function<std::string(const std::string&)>> forms[] = {
      {"numerals to Arabic", to_arabic},
      {"Arabic to numerals", to_numerals},
      {"half to full width", to_full_width},
      {"case", to_upper},
      {"simplified to traditional", base::to_traditional}};
  for (const auto& [kind, form] : forms) {
    Count tagged;
    Count bare;
    for (const Row& row : rows)
      for (std::size_t i = 0; i < row.frames[0].slots.size(); ++i) {
        const datasets::Slot& slot = row.frames[0].slots[i];
        const std::string value = form(slot.text);
        if (value == slot.text) continue;
        bench.check(row, i, value, true, tagged, kind, listed);
        if (datasets::find_text(row.text, slot.text).size() == 1)
          bench.check(row, i, value, false, bare, kind, listed);
      }
    const auto tell = [](const Count& count) {
      return fmt::format(
          "{} of {}, {:.2f} % {{{}}}", count.right, count.all,
          count.all > 0 ? 100.0 * static_cast<double>(count.right) / static_cast<double>(count.all) : 0.0,
          count.rejected);
    };
    fmt::print("{:28} tagged {:30} without a tag {}\n", kind, tell(tagged), tell(bare));
  }
  return 0;
}
