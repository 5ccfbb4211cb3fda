#include "pipeline/catalogues.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>

#include "base/file.h"

namespace pipeline {
namespace {

base::Status freeze_one(const Lane& lane, const std::vector<std::string>& found, prompts::Job& job) {
  const std::size_t number = lane.plan().cells.front().catalogue.value();
  const auto ask = std::find_if(job.asks.begin(), job.asks.end(),
                                [&](const prompts::Ask& one) { return one.type == number; });
  prompts::SlotType& type = job.slot_types[number];
  std::vector<prompts::Value> values;
  for (std::int64_t i = 0; i < ask->known; ++i) values.push_back(type.value(static_cast<std::uint64_t>(i)));
  std::string text = fmt::format(
      "# Values of {} that models wrote. Change them as you like: the next run plans with what stands here.\n"
      "# Remove this file to have it filled again.\n",
      type.name());
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (lane.row_state(i) != RowState::accepted) continue;  // beyond what was asked for
    values.push_back({found[i], found[i]});
    text += found[i] + '\n';
  }
  if (auto status = base::make_directories(ask->file.parent_path()); !status) return status;
  if (auto status = base::replace_file(ask->file, text); !status) return status;
  type = type.with_values(std::move(values));
  ask->filled = true;
  return {};
}

}  // namespace

base::Status CatalogueOutput::row(std::size_t lane, std::string_view json) {
  thread_local simdjson::dom::parser parser;
  std::string_view value;
  if (parser.parse(json.data(), json.size()).get(value) != simdjson::SUCCESS)
    return base::failed("a value of a catalogue is no JSON string");
  values_[lane].emplace_back(value);
  return {};
}

base::Status CatalogueOutput::freeze(const std::vector<Lane>& lanes, prompts::Job& job) const {
  for (std::size_t i = 0; i < lanes.size(); ++i)
    if (lanes[i].full())
      if (auto status = freeze_one(lanes[i], values_[i], job); !status) return status;
  return {};
}

}  // namespace pipeline
