// Which slots of an utterance take their values from one row of a table (`tables:` of the job). Pure
// functions, any thread; nothing to do for a job without tables.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "prompts/job.h"

namespace prompts {

/// A slot's place in the row that it shares with others.
struct Link {
  std::size_t table = 0;  // index into Job::tables
  std::size_t column = 0;
  /// 0 for the first slots of their types, 1 for the second ones (from city A in country B to city C): each
  /// number has a row of its own.
  std::size_t number = 0;
  bool operator==(const Link&) const = default;
};

/// For each of `slots` (indices into the intent's), its link. Slots whose table no other slot shares with
/// them have none: they take values of their type like any other.
std::vector<std::optional<Link>> link_slots(const Job& job, const Intent& intent,
                                            const std::vector<std::size_t>& slots);

struct ColumnValue {
  std::size_t column = 0;
  std::string canonical;
};
/// Whether a row of the table has all these values. A scan of the table.
bool has_row(const Job& job, std::size_t table, const std::vector<ColumnValue>& values);

}  // namespace prompts
