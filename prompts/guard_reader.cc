#include "prompts/guard_reader.h"

#include <fmt/format.h>
#include <oneapi/tbb/task_arena.h>

#include <algorithm>

#include "datasets/readers/reader.h"

namespace prompts {
namespace {

constexpr double kLeastNear = 0.5;  // below, rows are near that have little in common

void read_file(const base::Path& path, Mark mark, const std::string& where, const ReadContext& context,
               Guard& out) {
  // An arena of one, so that no worker thread starts: a run blocks its signals before any does.
  tbb::task_arena alone(1);
  auto file = alone.execute([&] { return datasets::read_data_file(path, std::nullopt); });
  if (!file) return context.problems.error(mark, fmt::format("{}: {}", where, file.error().message));
  for (const datasets::Fault& fault : file->reading.faults)
    if (!fault.mended && (fault.kind == datasets::ReadFault::broken_json ||
                          fault.kind == datasets::ReadFault::broken_annotation))
      context.problems.error_in(
          path.string(),
          {static_cast<int>(fault.place.line), std::max(1, static_cast<int>(fault.place.column))},
          fmt::format("{}; a line that can't be read can't be guarded: mend or remove it", fault.what));
  const std::string name = path.filename().string();
  for (datasets::ReadRow& row : file->reading.rows)
    out.rows.push_back({fmt::format("{}:{}", name, row.place.line), std::move(row.row)});
}

}  // namespace

Guard read_guard(Fields& top, const ReadContext& context) {
  Guard out;
  const YamlNode* node = top.find("guard");
  if (node == nullptr) return out;
  std::string where = "guard";
  if (node->kind == YamlNode::Kind::map) {
    Fields guard(node, where, "{files: [real_test.jsonl], near: 0.8}", context.problems);
    guard.number("near", kLeastNear, 1, out.near);
    where = "guard.files";
    node = guard.require("files", "name the files that no row may come near");
    guard.finish();
    if (node == nullptr) return out;
  }
  const auto* items = read_list(*node, where, "[real_test.jsonl]", context.problems);
  for (std::size_t i = 0; items != nullptr && i < items->size(); ++i) {
    const std::string name = fmt::format("{}[{}]", where, i);
    if (const auto path = read_file_name(*(*items)[i], name, context))
      read_file(*path, (*items)[i]->mark, name, context, out);
  }
  return out;
}

}  // namespace prompts
