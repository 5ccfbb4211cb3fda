// A YAML file as a tree of plain nodes with places, built from yaml-cpp's events; the only file that
// includes yaml-cpp. Its own node type is avoided on purpose: it drops the place of aliases, accepts
// duplicate keys, turns `yes` and 010 into other things on conversion, and rewrites a tree on
// assignment. Here a scalar is its text and nothing else.
//
// Refuses: a file without content or with a second document, a root that is no map, duplicate keys in
// any map, keys that aren't text, merge keys, explicit tags but !!str, !!seq and !!map, an alias inside
// its own anchor, more than kMaxDepth levels, and more than kMaxNodes nodes with all aliases written
// out (a few nested aliases can stand for more nodes than there are atoms).
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "prompts/problems.h"

namespace prompts {

struct YamlNode {
  enum class Kind { nothing, scalar, list, map };
  Kind kind = Kind::nothing;
  Mark mark;
  std::string text;                                                  // of a scalar
  bool quoted = false;                                               // and it stands in quotes, or is a block
  std::vector<const YamlNode*> items;                                // of a list
  std::vector<std::pair<const YamlNode*, const YamlNode*>> members;  // of a map; keys are scalars, unique
};

class YamlTree {
 public:
  static constexpr std::size_t kMaxDepth = 64;
  static constexpr std::size_t kMaxNodes = 500'000;

  /// nullopt when there is no tree to read on, for reasons added to `problems`. Duplicate keys and the
  /// like are added as well, but the rest of the tree is there.
  static std::optional<YamlTree> parse(std::string_view text, Problems& problems);
  const YamlNode& root() const { return *root_; }

 private:
  friend class YamlBuilder;
  std::deque<YamlNode> nodes_;  // addresses stay when the tree is moved
  const YamlNode* root_ = nullptr;
};

}  // namespace prompts
