#include "tests/provider/requests.h"

#include <simdjson.h>

#include <algorithm>

#include "base/text.h"
#include "base/unicode.h"

namespace provider {
namespace {

using simdjson::SUCCESS;
using simdjson::dom::element;

bool has_han(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    if (static_cast<unsigned char>(text[at]) < 0x80) {
      ++at;
      continue;
    }
    if (base::is_han(base::next_code_point(text, at))) return true;
  }
  return false;
}

bool has(const element& object, std::string_view name) {
  element value;
  return object[name].get(value) == SUCCESS && !value.is_null();
}

/// TGI takes {"type":"json","value":…} and the like; whatever it can't parse it refuses.
void read_tgi_format(const element& format, ChatRequest& request) {
  std::string_view type;
  element value;
  const bool known = format["type"].get(type) == SUCCESS &&
                     (type == "json" || type == "json_schema" || type == "regex") &&
                     format["value"].get(value) == SUCCESS && (type == "regex") == value.is_string();
  request.constrained = known;
  if (!known)
    request.problem = "response_format: expected a type of json, json_schema or regex and its value";
}

void read_response_format(const element& format, Form form, ChatRequest& request) {
  std::string_view type;
  element schema;
  if (format["type"].get(type) != SUCCESS) {
    request.problem = "response_format has no type";
  } else if (type == "json_object") {
    request.constrained = true;
  } else if (type == "json_schema") {
    request.constrained = format["json_schema"]["schema"].get(schema) == SUCCESS && schema.is_object();
    if (form == Form::sglang && format["schema"].get(schema) == SUCCESS) request.constrained = true;
    if (!request.constrained) request.problem = "response_format.json_schema has no schema";
  } else if (type != "text") {
    request.problem = "unknown response_format.type";
  }
}

void read_constraint(const element& root, Form form, ChatRequest& request) {
  element value;
  if (request.native) {
    if (root["format"].get(value) != SUCCESS || value.is_null()) return;
    request.constrained = value.is_object() || (value.is_string() && std::string_view(value) == "json");
    if (!request.constrained) request.problem = "invalid format: expected \"json\" or a JSON schema";
    return;
  }
  if (form == Form::swift) {
    request.constrained = has(root, "structured_outputs_regex");
    return;
  }
  if (form == Form::sglang) request.constrained = has(root, "regex") || has(root, "ebnf");
  if (root["response_format"].get(value) != SUCCESS || value.is_null()) return;
  if (form == Form::tgi)
    read_tgi_format(value, request);
  else
    read_response_format(value, form, request);
}

/// What stands behind the first heading of the instructions: `set_volume：…`.
std::string intent_in(std::string_view instructions) {
  for (const std::string_view heading : {"# 意图\n\n", "# Intent\n\n"})
    if (const std::size_t at = instructions.find(heading); at != std::string_view::npos) {
      const std::string_view rest = instructions.substr(at + heading.size());
      return std::string(rest.substr(0, std::min(rest.find("："), rest.find(':'))));
    }
  return {};
}

}  // namespace

ChatRequest read_chat_request(std::string_view body, Form form, bool native) {
  thread_local simdjson::dom::parser parser;
  ChatRequest request;
  request.native = native;
  request.problem = "the body is no chat completions request";
  element root;
  simdjson::dom::array messages;
  std::string_view model;
  if (parser.parse(body.data(), body.size()).get(root) != SUCCESS) return request;
  if (root["model"].get(model) != SUCCESS || root["messages"].get(messages) != SUCCESS) return request;
  request.model = model;
  for (const element message : messages) {
    std::string_view content;
    if (message["content"].get(content) != SUCCESS) return request;
    request.han = request.han || has_han(content);
    if (request.intent.empty()) request.intent = intent_in(content);
    request.last_message = content;
  }
  if (messages.size() == 0) return request;
  request.problem.clear();
  // Ollama streams unless it is told not to.
  bool stream = false;
  if (root["stream"].get(stream) != SUCCESS) stream = native;
  if (stream) request.problem = "this provider doesn't stream: set stream to false";
  read_constraint(root, form, request);
  const auto count_of = [&](const char* list) {
    std::uint64_t count = 0;
    const std::string path =
        std::string("/response_format/json_schema/schema/properties/") + list + "/maxItems";
    return root.at_pointer(path).get(count) == SUCCESS ? count : 0;
  };
  request.values = count_of("values");
  request.votes = count_of("votes");
  request.readings = count_of("readings");
  constexpr std::string_view kMode = "\n#mode ";
  if (const std::size_t at = request.last_message.find(kMode); at != std::string::npos) {
    request.mode = std::string_view(request.last_message).substr(at + kMode.size());
    request.mode = request.mode.substr(0, request.mode.find('\n'));
  }
  return request;
}

}  // namespace provider
