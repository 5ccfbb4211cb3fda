#include "prompts/yaml_json.h"

#include <re2/re2.h>

#include <algorithm>
#include <charconv>

#include "base/json_writer.h"

namespace prompts {
namespace {

void write(base::JsonWriter& w, const YamlNode& node);

template <class T>
bool write_number(base::JsonWriter& w, const std::string& text) {
  T number{};
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  if (read.ec != std::errc() || read.ptr != end) return false;
  w.value(number);
  return true;
}

void write_plain(base::JsonWriter& w, const std::string& text) {
  if (text == "true" || text == "false") {
    w.value(text == "true");
    return;
  }
  const bool is_number = re2::RE2::FullMatch(text, R"(-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?)");
  if (is_number && (write_number<std::int64_t>(w, text) || write_number<std::uint64_t>(w, text) ||
                    write_number<double>(w, text)))
    return;
  w.value(text);
}

void write_map(base::JsonWriter& w, const YamlNode& node) {
  auto members = node.members;
  std::sort(members.begin(), members.end(),
            [](const auto& a, const auto& b) { return a.first->text < b.first->text; });
  w.begin_object();
  for (const auto& [key, value] : members) {
    w.key(key->text);
    write(w, *value);
  }
  w.end_object();
}

void write(base::JsonWriter& w, const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::nothing:
      w.null();
      break;
    case YamlNode::Kind::scalar:
      if (node.quoted)
        w.value(node.text);
      else
        write_plain(w, node.text);
      break;
    case YamlNode::Kind::list:
      w.begin_array();
      for (const YamlNode* item : node.items) write(w, *item);
      w.end_array();
      break;
    case YamlNode::Kind::map:
      write_map(w, node);
      break;
  }
}

}  // namespace

std::string json_of(const YamlNode& node) {
  std::string json;
  base::JsonWriter w(json);
  write(w, node);
  return json;
}

}  // namespace prompts
