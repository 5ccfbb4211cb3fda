#include "validators/data_set/fixed_file.h"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>

namespace validators {
namespace {

std::string one_line_of(std::string_view record) {
  std::string out;
  out.reserve(record.size());
  // A record printed over several lines: line ends stand between tokens only, a string has none.
  for (const char c : record)
    if (c != '\n' && c != '\r') out += c;
  return out;
}

}  // namespace

base::Status write_fixed(const Validation& validation, const base::Path& path) {
  const DataSet& set = validation.set;
  bool chat = false;
  bool other = false;
  for (const DataSetFile& file : set.files) (file.format == datasets::Format::chat ? chat : other) = true;
  if (chat && other)
    return base::bad_input("--fix: chat files keep their form, others become rows; fix them one by one");
  const base::Path aside = path.string() + ".tmp";
  auto out = base::BufferedFile::create(aside);
  if (!out) return base::pass(out);
  std::string line;
  for (const DataRow& data : set.rows) {
    if (data.verdict != Verdict::accepted) continue;
    line.clear();
    if (chat) {
      line = one_line_of(std::string_view(set.files[data.file].text).substr(data.offset, data.size));
    } else {
      datasets::Row row = data.row;
      if (set.files[data.file].format != datasets::Format::rows || row.origin.empty())
        row.origin = "imported";
      if (row.source.cell.empty())
        row.source.cell = base::Path(set.place_of(data.file, data.place)).filename().string();
      datasets::append_row(row, line);
    }
    line += '\n';
    if (auto status = out->write(line); !status) return status;
  }
  if (auto status = out->finish(true); !status) return status;
  std::error_code code;
  std::filesystem::rename(aside, path, code);
  if (code)
    return base::failed(
        fmt::format("cannot rename {} to {}: {}", aside.string(), path.string(), code.message()));
  return base::sync_directory(path.parent_path());
}

}  // namespace validators
