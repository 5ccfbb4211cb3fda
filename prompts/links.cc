#include "prompts/links.h"

#include <algorithm>

namespace prompts {
namespace {

std::optional<Link> column_of(const Job& job, std::size_t type) {
  for (std::size_t table = 0; table < job.tables.size(); ++table) {
    const std::vector<std::size_t>& types = job.tables[table].types;
    const auto found = std::find(types.begin(), types.end(), type);
    if (found != types.end()) return Link{table, static_cast<std::size_t>(found - types.begin()), 0};
  }
  return std::nullopt;
}

}  // namespace

std::vector<std::optional<Link>> link_slots(const Job& job, const Intent& intent,
                                            const std::vector<std::size_t>& slots) {
  std::vector<std::optional<Link>> links(slots.size());
  if (job.tables.empty()) return links;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    links[i] = column_of(job, intent.slots[slots[i]].type);
    if (!links[i]) continue;
    for (std::size_t j = 0; j < i; ++j)
      if (intent.slots[slots[j]].type == intent.slots[slots[i]].type) ++links[i]->number;
  }
  std::vector<std::optional<Link>> shared = links;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    if (!links[i]) continue;
    const bool alone = std::none_of(links.begin(), links.end(), [&](const std::optional<Link>& other) {
      return other && other->table == links[i]->table && other->number == links[i]->number &&
             other->column != links[i]->column;
    });
    if (alone) shared[i].reset();
  }
  return shared;
}

bool has_row(const Job& job, std::size_t number, const std::vector<ColumnValue>& values) {
  const Table& table = job.tables[number];
  for (std::size_t row = 0; row < table.rows(); ++row)
    if (std::all_of(values.begin(), values.end(), [&](const ColumnValue& value) {
          const SlotType& type = job.slot_types[table.types[value.column]];
          return type.value(table.entry(row, value.column).first).canonical == value.canonical;
        }))
      return true;
  return false;
}

}  // namespace prompts
