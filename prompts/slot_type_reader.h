// `slot_types:` of a job: from their ranges, patterns, lists and files to catalogues.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "prompts/catalogue.h"
#include "prompts/job_fields.h"

namespace prompts {

struct SlotTypesRead {
  std::vector<SlotType> types;
  std::vector<Mark> marks;   // of their names
  std::vector<bool> usable;  // false: it had problems, and stands here only so that its name is known
  std::vector<bool> used;    // by an intent; filled in by read_intents
  std::vector<Ask> asks;     // those with ask:
  bool readable = true;      // false: slot_types: is no map, so that a missing type is no surprise
  std::unordered_map<std::string, std::size_t> index;

  std::optional<std::size_t> find(std::string_view name) const;
  bool asked(std::size_t type) const;
  void add(SlotType type, Mark mark, bool is_usable);
};

/// `node` may be null: a job without slots.
SlotTypesRead read_slot_types(const YamlNode* node, const ReadContext& context);

}  // namespace prompts
