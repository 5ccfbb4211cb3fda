#include "validators/data_set/data_set.h"

#include <fmt/format.h>

#include <algorithm>

namespace validators {
namespace {

Verdict verdict_of(datasets::ReadFault kind) {
  switch (kind) {
    case datasets::ReadFault::broken_json:
      return Verdict::broken_json;
    case datasets::ReadFault::broken_annotation:
      return Verdict::broken_tags;
    case datasets::ReadFault::not_utf8:
      return Verdict::bad_character;
    case datasets::ReadFault::value_not_in_text:
      return Verdict::value_not_in_text;
    case datasets::ReadFault::wrong_offsets:
      return Verdict::wrong_offsets;
    case datasets::ReadFault::ambiguous_value:
      return Verdict::ambiguous_value;
  }
  return Verdict::broken_json;
}

}  // namespace

std::string DataSet::place_of(std::uint32_t file, datasets::Place place) const {
  if (place.column == 0) return fmt::format("{}:{}", files[file].path, place.line);
  return fmt::format("{}:{}:{}", files[file].path, place.line, place.column);
}

base::Result<DataSet> read_data_set(const std::vector<std::string>& paths,
                                    std::optional<datasets::Format> format) {
  DataSet set;
  for (const std::string& path : paths) {
    auto read = datasets::read_data_file(path, format);
    if (!read) return base::pass(read);
    const auto file = static_cast<std::uint32_t>(set.files.size());
    DataSetFile& info = set.files.emplace_back();
    info.path = path;
    info.format = read->format;
    info.rows = read->reading.rows.size();
    if (read->format == datasets::Format::chat) info.text = std::move(read->text);
    read->text = {};  // as large as the file
    const std::size_t first = set.rows.size();
    set.rows.reserve(first + read->reading.rows.size());
    for (datasets::ReadRow& row : read->reading.rows) {
      DataRow& out = set.rows.emplace_back();
      out.row = std::move(row.row);
      out.file = file;
      out.place = row.place;
      out.offset = row.offset;
      out.size = row.size;
    }
    for (datasets::Fault& fault : read->reading.faults) {
      DataFault& out = set.faults.emplace_back();
      out = {file, fault.place, verdict_of(fault.kind), false, fault.mended, std::move(fault.what)};
      if (fault.mended) continue;
      // A row that was read in spite of the fault.
      const auto begin = set.rows.begin() + static_cast<std::ptrdiff_t>(first);
      const auto row =
          std::lower_bound(begin, set.rows.end(), fault.place,
                           [](const DataRow& a, const datasets::Place& b) { return a.place < b; });
      if (row != set.rows.end() && row->place == fault.place && row->verdict == Verdict::accepted)
        row->verdict = out.verdict;
    }
  }
  return set;
}

}  // namespace validators
