// A pattern file (docs/patterns.md) read into a tree, and the list of all that is wrong with it.
//
// parse_patterns() never stops at the first problem: it hands back what it could read, so that one
// look at the messages is enough to mend a file. The tree must not be used for anything but further
// checks while there are problems. Nodes name each other by index; aliases are linked by
// check_aliases() (pattern_checks.h). Cost: one pass over the bytes. Nothing here is shared or global:
// any thread.
//
// Refused: bytes that are not UTF-8, control characters, braces nested deeper than kMaxBraces (so
// that recursion is bounded by construction).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace local_model {

constexpr std::string_view kMultiIntent = "multi_intent";
constexpr std::string_view kClauseSuffix = "#clause";
constexpr unsigned kMaxBraces = 16;

/// Where something stands in the file; both count from 1, columns in code points.
struct Position {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
  bool operator<(const Position& other) const {
    return line < other.line || (line == other.line && column < other.column);
  }
};

struct PatternNode {
  enum class Kind : std::uint8_t { text, slot, list, frame, sequence, choice, alias };
  Kind kind = Kind::text;
  Position position;
  std::string text;                     // the characters meant, or the name; frame: `1` or `2`
  std::vector<std::uint32_t> children;  // sequence, choice; alias: its definition once it is linked
  std::vector<std::uint32_t> weights;   // choice: one for each child. An optional part is {nothing, part}
};

struct PatternDefinition {
  std::string name;  // `set_volume`, `set_volume#clause`; an alias without its brackets
  Position position;
  std::uint32_t node = 0;  // a choice among the lines
};

struct PatternFile {
  std::vector<PatternNode> nodes;
  std::vector<PatternDefinition> entries;  // %[…] in file order
  std::vector<PatternDefinition> aliases;  // ~[…] in file order

  const PatternDefinition* find_entry(std::string_view name) const;
};

class PatternProblems {
 public:
  void add(Position position, std::string message);
  bool empty() const { return problems_.empty(); }
  /// One line `FILE:line:column: message` for each, in the order of the file; after 100 only how many
  /// more there are.
  std::string format(const std::string& file) const;

 private:
  struct Problem {
    Position position;
    std::string message;
  };
  std::vector<Problem> problems_;
};

/// `; did you mean ~[please]?` around the closest of `names`, or nothing.
std::string suggestion(std::string_view name, const std::vector<std::string>& names,
                       std::string_view before = "", std::string_view after = "");

PatternFile parse_patterns(std::string_view bytes, PatternProblems& problems);

}  // namespace local_model
