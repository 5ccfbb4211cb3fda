#include "datasets/readers/json_value.h"

#include <fmt/format.h>

#include "base/json_writer.h"

namespace datasets {

base::Result<simdjson::dom::element> parse_json(std::string_view json) {
  thread_local simdjson::dom::parser parser;
  if (json.empty()) json = "";  // simdjson would copy from a null pointer
  simdjson::dom::element root;
  if (const auto code = parser.parse(json.data(), json.size()).get(root); code != simdjson::SUCCESS)
    return base::bad_input(fmt::format("isn't JSON: {}", simdjson::error_message(code)));
  return root;
}

std::string_view string_member(const simdjson::dom::object& object, std::string_view key) {
  std::string_view text;
  if (object.at_key(key).get(text) != simdjson::SUCCESS) return {};
  return text;
}

bool scalar_text(const simdjson::dom::element& element, std::string& out) {
  std::string_view text;
  std::int64_t whole = 0;
  std::uint64_t large = 0;
  double number = 0;
  bool flag = false;
  out.clear();
  if (element.get(text) == simdjson::SUCCESS) {
    out = text;
  } else if (element.get(whole) == simdjson::SUCCESS) {
    out = std::to_string(whole);
  } else if (element.get(large) == simdjson::SUCCESS) {
    out = std::to_string(large);
  } else if (element.get(number) == simdjson::SUCCESS) {
    base::JsonWriter(out).value(number);
  } else if (element.get(flag) == simdjson::SUCCESS) {
    out = flag ? "true" : "false";
  } else {
    return false;
  }
  return true;
}

}  // namespace datasets
