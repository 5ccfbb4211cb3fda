// Reading typed values out of the tree of a job file, strictly: a number is a number (010, 1_000 and
// 0x10 are not), a bool is true or false (yes and on are text), text is what was written. What is
// absent or wrong leaves the output as it is; what is wrong says what was expected and what was found,
// under the key's full name (`models[0].limits.in_flight`).
//
// Fields reads one map and remembers which keys were asked for, so that finish() can name the others.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "prompts/problems.h"
#include "prompts/yaml_tree.h"

namespace re2 {
class RE2;
}

namespace prompts {

/// What the readers of a job's parts share.
struct ReadContext {
  Problems& problems;
  base::Path directory;  // of the job file, as given
  std::string language;  // empty if the job's isn't known: then nothing that depends on it is checked
  base::Path run_directory = {};  // as a user would name it; empty if it isn't known

  bool chinese() const { return language.starts_with("zh"); }
};

// One value. `where` is its full name, for messages.
/// Text in one line, trimmed, without control characters.
std::optional<std::string> read_text(const YamlNode& node, std::string_view where, Problems& problems);
/// The same, of several lines.
std::optional<std::string> read_paragraph(const YamlNode& node, std::string_view where, Problems& problems);
std::optional<std::int64_t> read_integer(const YamlNode& node, std::string_view where, std::int64_t low,
                                         std::int64_t high, Problems& problems);
std::optional<double> read_number(const YamlNode& node, std::string_view where, double low, double high,
                                  Problems& problems);
/// `90s`, `2m`, `1.5h`; a plain number is seconds.
std::optional<double> read_seconds(const YamlNode& node, std::string_view where, double low, double high,
                                   Problems& problems);
std::optional<std::size_t> read_choice(const YamlNode& node, std::string_view where,
                                       const std::vector<std::string>& choices, Problems& problems);
/// nullptr and a problem if `node` isn't a list.
const std::vector<const YamlNode*>* read_list(const YamlNode& node, std::string_view where,
                                              std::string_view example, Problems& problems);
/// An RE2 pattern, compiled; nullptr and a problem if it can't be.
std::shared_ptr<const re2::RE2> read_pattern(const YamlNode& node, std::string_view where,
                                             Problems& problems);
/// An existing file, relative to the job; as the user would name it. nullopt and a problem if it
/// isn't there.
std::optional<base::Path> read_file_name(const YamlNode& node, std::string_view where,
                                         const ReadContext& context);
/// `path` from the root, without `..`: what a job keeps.
base::Path absolute_path(const base::Path& path);

struct NamedFile {
  base::Path path;
  std::string text;  // without a byte order mark; otherwise unchecked
};
/// Such a file with its contents.
std::optional<NamedFile> read_named_file(const YamlNode& node, std::string_view where,
                                         const ReadContext& context);

constexpr std::uint64_t kMaxFileSize = std::uint64_t{16} << 20;
/// A regular file of at most kMaxFileSize bytes, or why not.
base::Result<std::string> read_input(const base::Path& path);

/// Letters, digits and _ only, at most 64: names of intents, slots and slot types.
bool is_name(std::string_view text);
/// What a node is, for `expected …, found …`.
std::string describe(const YamlNode& node);
/// `expected WHAT, found …`.
void wrong_type(const YamlNode& node, std::string_view where, std::string_view expected, Problems& problems);

class Fields {
 public:
  /// If `node` is null or no map, every key is absent; the latter is a problem. `where` is empty at
  /// the top of the file.
  Fields(const YamlNode* node, std::string where, std::string_view example, Problems& problems);

  bool usable() const { return node_ != nullptr; }
  Mark mark() const { return mark_; }
  const std::string& where() const { return where_; }
  std::string name(std::string_view key) const;
  bool has(std::string_view key) const { return member(key) != nullptr; }
  /// The value, or nullptr; the key counts as asked for.
  const YamlNode* find(std::string_view key);
  Mark key_mark(std::string_view key) const;
  /// As find(), but absence is a problem: `missing; ADVICE`.
  const YamlNode* require(std::string_view key, std::string_view advice);

  void text(std::string_view key, std::string& out);
  void integer(std::string_view key, std::int64_t low, std::int64_t high, std::int64_t& out);
  void number(std::string_view key, double low, double high, double& out);
  void boolean(std::string_view key, bool& out);
  void seconds(std::string_view key, double low, double high, double& out);
  std::optional<std::size_t> choice(std::string_view key, const std::vector<std::string>& choices);

  /// A key of the design that this version doesn't obey.
  void not_yet_built(std::string_view key, std::string_view instead);
  /// Keys that mean nothing here: `only WHERE; remove it`.
  void only_with(std::initializer_list<std::string_view> keys, std::string_view where);
  /// Refuses the keys that nobody asked for.
  void finish();

 private:
  const std::pair<const YamlNode*, const YamlNode*>* member(std::string_view key) const;

  const YamlNode* node_ = nullptr;
  Mark mark_;
  std::string where_;
  Problems& problems_;
  std::vector<std::string> known_;    // asked for
  std::vector<std::string> refused_;  // not yet built, or misplaced
};

}  // namespace prompts
