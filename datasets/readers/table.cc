#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.h"
#include "base/unicode.h"
#include "datasets/readers/formats.h"
#include "datasets/readers/inline_slots.h"
#include "datasets/readers/table_cells.h"
#include "datasets/readers/utterance.h"

namespace datasets {
namespace {

struct Columns {
  std::optional<std::size_t> annotated;
  std::optional<std::size_t> text;
  std::optional<std::size_t> intent;
  std::optional<std::size_t> scenario;
};

// The column with one of these names, the first name first.
template <std::size_t n>
std::optional<std::size_t> find_column(const std::vector<std::string>& header,
                                       const std::array<std::string_view, n>& names) {
  for (const std::string_view name : names)
    for (std::size_t i = 0; i < header.size(); ++i)
      if (base::fold(base::trim(header[i])) == name) return i;
  return std::nullopt;
}

Columns find_columns(const std::vector<std::string>& header) {
  static constexpr std::array<std::string_view, 4> kAnnotated = {"answer_annotation", "annotation",
                                                                 "annotated", "annot_utt"};
  static constexpr std::array<std::string_view, 7> kText = {"text",     "utterance", "utt",    "sentence",
                                                            "question", "query",     "example"};
  static constexpr std::array<std::string_view, 4> kIntent = {"intent", "label", "category", "class"};
  static constexpr std::array<std::string_view, 1> kScenario = {"scenario"};
  return {find_column(header, kAnnotated), find_column(header, kText), find_column(header, kIntent),
          find_column(header, kScenario)};
}

}  // namespace

bool is_table_header(const std::vector<std::string>& header) {
  const Columns columns = find_columns(header);
  return columns.intent && (columns.annotated || columns.text);
}

void read_table(std::string_view text, Reading& reading) {
  TableCells cells(text);
  std::vector<std::string> row;
  if (!cells.next(row)) return;
  const std::size_t width = row.size();
  const Columns columns = find_columns(row);
  if (!is_table_header(row))
    return reading.fault(
        {1, 0}, ReadFault::broken_annotation,
        "the header names no column `intent` and none with utterances (`text`, `annotation`)");
  while (cells.next(row)) {
    const Place place{cells.line(), 0};
    const auto broken = [&](std::string what) {
      reading.fault(place, ReadFault::broken_annotation, std::move(what));
    };
    if (!cells.problem().empty()) {
      broken(cells.problem());
      continue;
    }
    if (row.size() == 1 && base::trim_white_space(row[0]).empty()) continue;
    if (row.size() != width) {
      broken(fmt::format("{} columns, the header has {}", row.size(), width));
      continue;
    }
    Utterance utterance;
    const std::string& written = row[columns.annotated ? *columns.annotated : *columns.text];
    if (columns.annotated) {
      if (const auto read = read_inline_slots(written, utterance); !read) {
        broken(read.error().message);
        continue;
      }
    } else {
      utterance.text(written);
    }
    std::string intent(base::trim_white_space(row[*columns.intent]));
    if (columns.scenario && !row[*columns.scenario].empty())
      intent = fmt::format("{}_{}", base::trim_white_space(row[*columns.scenario]), intent);
    ReadRow& out = reading.rows.emplace_back();
    out.place = place;
    utterance.finish(intent, out.row);
  }
}

}  // namespace datasets
