#include "local_model/pattern_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <unordered_map>

namespace local_model {
namespace {

using Kind = PatternNode::Kind;

constexpr std::array<std::string_view, 3> kReserved = {"out_of_scope_near", "out_of_scope_far", kMultiIntent};

std::vector<std::string> names_of(const std::vector<PatternDefinition>& definitions) {
  std::vector<std::string> names;
  names.reserve(definitions.size());
  for (const auto& definition : definitions) names.push_back(definition.name);
  return names;
}

/// The nodes of one definition, not those of the aliases that it uses.
template <class Visit>
void visit_own_nodes(const PatternFile& file, std::uint32_t root, Visit visit) {
  std::vector<std::uint32_t> stack = {root};
  while (!stack.empty()) {
    const std::uint32_t id = stack.back();
    stack.pop_back();
    const PatternNode& node = file.nodes[id];
    visit(node);
    if (node.kind != Kind::alias) stack.insert(stack.end(), node.children.rbegin(), node.children.rend());
  }
}

struct AliasUse {
  std::size_t alias;
  Position position;
};

// aliases[i] of the file -> what it uses, in the order in which it is written.
std::vector<AliasUse> uses_of(const PatternFile& file, std::uint32_t root,
                              const std::unordered_map<std::uint32_t, std::size_t>& alias_of_node) {
  std::vector<AliasUse> uses;
  visit_own_nodes(file, root, [&](const PatternNode& node) {
    if (node.kind == Kind::alias && !node.children.empty()) {
      uses.push_back({alias_of_node.at(node.children[0]), node.position});
    }
  });
  return uses;
}

std::unordered_map<std::uint32_t, std::size_t> index_aliases(const PatternFile& file) {
  std::unordered_map<std::uint32_t, std::size_t> alias_of_node;
  for (std::size_t i = 0; i < file.aliases.size(); ++i) alias_of_node.emplace(file.aliases[i].node, i);
  return alias_of_node;
}

// Depth first from each alias in file order, with a stack of our own: a chain may be as long as the file.
class CycleSearch {
 public:
  CycleSearch(const PatternFile& file, PatternProblems& problems)
      : file_(file), problems_(problems), depth_(file.aliases.size(), kUnseen), uses_(file.aliases.size()) {
    const auto alias_of_node = index_aliases(file);
    for (std::size_t i = 0; i < uses_.size(); ++i)
      uses_[i] = uses_of(file, file.aliases[i].node, alias_of_node);
  }

  void search() {
    for (std::size_t i = 0; i < depth_.size(); ++i)
      if (depth_[i] == kUnseen) search_from(i);
  }

 private:
  static constexpr std::size_t kUnseen = 0;
  static constexpr std::size_t kOpen = static_cast<std::size_t>(-1);

  struct Step {
    std::size_t alias;
    std::size_t next = 0;  // use to follow
    std::size_t depth = 1;
  };

  void search_from(std::size_t first) {
    std::vector<Step> path = {{first}};
    depth_[first] = kOpen;
    while (!path.empty()) {
      Step& step = path.back();
      if (step.next == uses_[step.alias].size()) {
        const Step done = step;
        depth_[done.alias] = done.depth;
        // Reported where the limit is first passed, not for all that build on it.
        if (done.depth == kMaxAliasDepth + 1) {
          problems_.add(file_.aliases[done.alias].position,
                        fmt::format("aliases nested deeper than {}", kMaxAliasDepth));
        }
        path.pop_back();
        if (!path.empty()) path.back().depth = std::max(path.back().depth, done.depth + 1);
        continue;
      }
      const AliasUse use = uses_[step.alias][step.next++];
      if (depth_[use.alias] == kOpen) {
        report(path, use);
      } else if (depth_[use.alias] != kUnseen) {
        step.depth = std::max(step.depth, depth_[use.alias] + 1);
      } else {
        depth_[use.alias] = kOpen;
        path.push_back({use.alias});
      }
    }
  }

  void report(const std::vector<Step>& path, const AliasUse& use) {
    std::string way;
    const auto start =
        std::find_if(path.begin(), path.end(), [&](const Step& step) { return step.alias == use.alias; });
    for (auto step = start; step != path.end(); ++step) {
      way += fmt::format("~[{}] -> ", file_.aliases[step->alias].name);
    }
    problems_.add(use.position,
                  fmt::format("an alias that reaches itself: {}~[{}]", way, file_.aliases[use.alias].name));
  }

  const PatternFile& file_;
  PatternProblems& problems_;
  std::vector<std::size_t> depth_;
  std::vector<std::vector<AliasUse>> uses_;
};

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// What the entries that use an alias say of its slots.
struct AliasSlots {
  bool used = false;
  bool unknown_users = false;      // an entry that the job doesn't speak of: it may have any slot
  std::vector<std::string> slots;  // of all entries that use it
};

class SlotCheck {
 public:
  SlotCheck(const PatternFile& file, const std::vector<PatternDemand>& demands, PatternProblems& problems)
      : file_(file), demands_(demands), problems_(problems), aliases_(file.aliases.size()) {}

  void check() {
    const auto alias_of_node = index_aliases(file_);
    for (const auto& entry : file_.entries) {
      const auto* slots = allowed_slots(entry.name, demands_);
      if (slots != nullptr) check_own(entry, *slots);
      mark_aliases(uses_of(file_, entry.node, alias_of_node), slots, alias_of_node);
    }
    for (std::size_t i = 0; i < aliases_.size(); ++i)
      if (aliases_[i].used && !aliases_[i].unknown_users) check_alias(i);
  }

 private:
  template <class Report>
  void for_unknown_slots(std::uint32_t root, const std::vector<std::string>& slots, Report report) {
    visit_own_nodes(file_, root, [&](const PatternNode& node) {
      const bool slot = node.kind == Kind::slot || node.kind == Kind::list;
      if (slot && !contains(slots, node.text)) report(node);
    });
  }

  void check_own(const PatternDefinition& entry, const std::vector<std::string>& slots) {
    for_unknown_slots(entry.node, slots, [&](const PatternNode& node) {
      const std::string intent = entry.name.substr(0, entry.name.find('#'));
      problems_.add(node.position, fmt::format("{} has no slot '{}'{}", intent, node.text,
                                               suggestion(node.text, slots, "'", "'")));
    });
  }

  void mark_aliases(std::vector<AliasUse> open, const std::vector<std::string>* slots,
                    const std::unordered_map<std::uint32_t, std::size_t>& alias_of_node) {
    std::vector<bool> seen(aliases_.size());
    while (!open.empty()) {
      const std::size_t alias = open.back().alias;
      open.pop_back();
      if (seen[alias]) continue;
      seen[alias] = true;
      AliasSlots& state = aliases_[alias];
      state.used = true;
      if (slots == nullptr) {
        state.unknown_users = true;
      } else {
        for (const auto& slot : *slots)
          if (!contains(state.slots, slot)) state.slots.push_back(slot);
      }
      for (const AliasUse& use : uses_of(file_, file_.aliases[alias].node, alias_of_node))
        open.push_back(use);
    }
  }

  void check_alias(std::size_t alias) {
    const auto& slots = aliases_[alias].slots;
    for_unknown_slots(file_.aliases[alias].node, slots, [&](const PatternNode& node) {
      problems_.add(node.position,
                    fmt::format("no intent that uses ~[{}] has a slot '{}'{}", file_.aliases[alias].name,
                                node.text, suggestion(node.text, slots, "'", "'")));
    });
  }

  const PatternFile& file_;
  const std::vector<PatternDemand>& demands_;
  PatternProblems& problems_;
  std::vector<AliasSlots> aliases_;
};

}  // namespace

void check_aliases(PatternFile& file, PatternProblems& problems) {
  std::unordered_map<std::string, std::uint32_t> definitions;
  for (const auto& alias : file.aliases) definitions.emplace(alias.name, alias.node);
  const auto names = names_of(file.aliases);
  for (PatternNode& node : file.nodes) {
    if (node.kind != Kind::alias) continue;
    if (const auto found = definitions.find(node.text); found != definitions.end()) {
      node.children = {found->second};
    } else {
      problems.add(node.position,
                   fmt::format("unknown alias ~[{}]{}", node.text, suggestion(node.text, names, "~[", "]")));
    }
  }
  CycleSearch(file, problems).search();
}

const std::vector<std::string>* allowed_slots(const std::string& entry,
                                              const std::vector<PatternDemand>& demands) {
  static const std::vector<std::string> none;
  const std::string_view intent = std::string_view(entry).substr(0, entry.find('#'));
  if (std::find(kReserved.begin(), kReserved.end(), intent) != kReserved.end()) return &none;
  const auto found = std::find_if(demands.begin(), demands.end(),
                                  [&](const auto& demand) { return demand.entry == intent; });
  return found == demands.end() ? nullptr : &found->slots;
}

void check_demands(const PatternFile& file, const std::vector<PatternDemand>& demands,
                   PatternProblems& problems) {
  std::vector<std::string> others;  // what a missing entry may have been meant by
  for (const auto& entry : file.entries) {
    const bool demanded = std::any_of(demands.begin(), demands.end(),
                                      [&](const auto& demand) { return demand.entry == entry.name; });
    if (!demanded) others.push_back(entry.name);
    if (!entry.name.ends_with(kClauseSuffix)) continue;
    const std::string intent = entry.name.substr(0, entry.name.size() - kClauseSuffix.size());
    if (file.find_entry(intent) == nullptr) {
      problems.add(entry.position, fmt::format("%[{}] without %[{}]{}", entry.name, intent,
                                               suggestion(intent, names_of(file.entries), "%[", "]")));
    }
  }
  for (const auto& demand : demands) {
    if (file.find_entry(demand.entry) != nullptr) continue;
    problems.add(
        {}, fmt::format("%[{}] is missing{}", demand.entry, suggestion(demand.entry, others, "%[", "]")));
  }
  SlotCheck(file, demands, problems).check();
}

}  // namespace local_model
