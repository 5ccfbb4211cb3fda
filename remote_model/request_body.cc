#include "remote_model/request_body.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "base/json_writer.h"

namespace remote_model {
namespace {

/// In a regular expression of JSON Schema (ECMA-262) only these characters have to be escaped; others
/// must not be, under its `u` flag.
void append_quoted(std::string_view name, std::string& pattern) {
  for (const char c : name) {
    if (std::string_view("^$\\.*+?()[]{}|/").find(c) != std::string_view::npos) pattern += '\\';
    pattern += c;
  }
}

/// What stands for a character: itself, or with an escape before it; in the value of a JSON string, and in
/// the text of one between its quotes, where JSON escapes the wire format's escapes once more.
constexpr std::string_view kInValue = R"([^\[\]\\]|\\[\[\]\\])";
constexpr std::string_view kInJson = R"([^"\\\[\]\x01-\x1F]|\\["]|\\\\(\[|\]|\\\\))";

/// Characters and tags of the request, any number of both.
std::string utterance_pattern(const std::vector<std::string>& tags, std::string_view character) {
  std::string pattern = fmt::format("({}", character);
  if (!tags.empty()) {
    pattern += R"(|\[()";
    for (std::size_t i = 0; i < tags.size(); ++i) {
      if (i != 0) pattern += '|';
      append_quoted(tags[i], pattern);
    }
    pattern += fmt::format(R"():({})+\])", character);
  }
  return pattern + ")*";
}

/// Of a catalogue: no brackets, no line ends; and in JSON without any escape.
constexpr std::string_view kValue = R"([^\[\]\n]+)";
constexpr std::string_view kValueInJson = R"([^"\\\[\]\x01-\x1F]+)";

/// `2 slots natural`: the number of the line, and `ok` or names of what is wrong with it.
std::string vote_pattern(const std::vector<std::string>& names) {
  std::string any;
  for (const std::string& name : names) {
    if (!any.empty()) any += '|';
    append_quoted(name, any);
  }
  std::string pattern = fmt::format("[0-9]+ (ok|({})", any);
  if (names.size() > 1) pattern += fmt::format("( ({})){{0,{}}}", any, names.size() - 1);
  return pattern + ")";
}

/// One of the list.
std::string item_pattern(const model::Request& request, bool in_json) {
  switch (request.wire) {
    case model::Wire::values:
      return std::string(in_json ? kValueInJson : kValue);
    case model::Wire::votes:
      return vote_pattern(request.tags);
    case model::Wire::readings:
      return "[0-9]+ " + utterance_pattern(request.tags, in_json ? kInJson : kInValue);
    default:
      return utterance_pattern(request.tags, in_json ? kInJson : kInValue);
  }
}

/// The whole answer as it is written, {"utterances": ["…", …]}.
std::string envelope_pattern(const model::Request& request) {
  const std::string item = item_pattern(request, true);
  std::string pattern = fmt::format(R"(\{{"{}": \["{}")", model::list_name(request.wire), item);
  // Of values a model may know fewer than are asked for.
  const std::string_view fewest = request.wire == model::Wire::values ? "0," : "";
  if (request.utterances.size() > 1)
    pattern += fmt::format(R"((, "{}"){{{}{}}})", item, fewest, request.utterances.size() - 1);
  return pattern + R"(\]\})";
}

void write_schema(base::JsonWriter& w, const Dialect& dialect, const model::Request& request) {
  const auto count = static_cast<std::uint64_t>(request.utterances.size());
  w.begin_object().member("type", "object");
  w.key("properties")
      .begin_object()
      .key(model::list_name(request.wire))
      .begin_object()
      .member("type", "array");
  w.member("minItems", request.wire == model::Wire::values ? 1 : count).member("maxItems", count);
  w.key("items").begin_object().member("type", "string");
  w.member("pattern", "^" + item_pattern(request, dialect.pattern_is_json) + "$").end_object();
  w.end_object().end_object();
  w.key("required").begin_array().value(model::list_name(request.wire)).end_array();
  w.member("additionalProperties", false).end_object();
}

bool mentions_json(std::string_view text) {
  constexpr std::string_view kWord = "json";
  return std::search(text.begin(), text.end(), kWord.begin(), kWord.end(), [](char c, char of_word) {
           return (c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c) == of_word;
         }) != text.end();
}

/// A request body under way: writes a member of ours unless the job's extra_body has one of that name.
class Body {
 public:
  Body(std::string& out, const model::ModelIdentity& identity) : identity_(identity), writer_(out) {
    writer_.begin_object().member("model", identity.name);
  }

  base::JsonWriter& writer() { return writer_; }

  bool owns(std::string_view name) const {
    return std::none_of(identity_.extra_body.begin(), identity_.extra_body.end(),
                        [&](const auto& member) { return member.first == name; });
  }
  template <class T>
  void member(std::string_view name, const T& value) {
    if (owns(name)) writer_.member(name, value);
  }

  void sampling(const Dialect& dialect, std::string_view token_limit, const model::Request& request) {
    member("temperature", identity_.sampling.temperature);
    member("top_p", identity_.sampling.top_p);
    member(token_limit, identity_.sampling.max_tokens);
    if (dialect.seed) member("seed", request.salt & 0x7FFFFFFFU);
  }

  void schema(const Dialect& dialect, const model::Request& request) {
    const SchemaForm form = dialect.schema;
    if (form == SchemaForm::regex) return member("structured_outputs_regex", envelope_pattern(request));
    const bool is_structured = form == SchemaForm::structured_outputs;
    const std::string_view name = is_structured ? "structured_outputs" : "response_format";
    if (!owns(name)) return;
    writer_.key(name).begin_object();
    if (form == SchemaForm::response_format) {
      writer_.member("type", "json_schema").key("json_schema").begin_object();
      writer_.member("name", model::list_name(request.wire)).member("strict", true).key("schema");
      write_schema(writer_, dialect, request);
      writer_.end_object();
    } else {
      if (form == SchemaForm::response_value) writer_.member("type", "json");
      if (form == SchemaForm::object_with_schema) writer_.member("type", "json_object");
      writer_.key(is_structured ? "json" : form == SchemaForm::response_value ? "value" : "schema");
      write_schema(writer_, dialect, request);
    }
    writer_.end_object();
  }

  void thinking_off(ThinkingSwitch by) {
    switch (by) {
      case ThinkingSwitch::none:
        break;
      case ThinkingSwitch::enable_thinking:
        member("enable_thinking", false);
        break;
      case ThinkingSwitch::thinking_type:
        if (owns("thinking")) writer_.key("thinking").begin_object().member("type", "disabled").end_object();
        break;
      case ThinkingSwitch::chat_template_kwargs:  // Qwen's templates ask for one, DeepSeek's for the other
        if (owns("chat_template_kwargs"))
          writer_.key("chat_template_kwargs")
              .begin_object()
              .member("enable_thinking", false)
              .member("thinking", false)
              .end_object();
        break;
      case ThinkingSwitch::reasoning_effort:
        member("reasoning_effort", "none");
        break;
    }
  }

  void finish() {
    for (const auto& [name, json] : identity_.extra_body) writer_.key(name).raw(json);
    writer_.end_object();
  }

 private:
  const model::ModelIdentity& identity_;
  base::JsonWriter writer_;
};

}  // namespace

std::string chat_request_body(const Dialect& dialect, const model::ModelIdentity& identity,
                              const model::Request& request) {
  const std::string_view prefix = request.prefix ? std::string_view(*request.prefix) : std::string_view();
  const bool as_object = identity.response_format == model::ResponseFormat::json_object;
  const bool says_json =
      !as_object || !dialect.says_json || mentions_json(prefix) || mentions_json(request.tail);
  std::string json;
  json.reserve(prefix.size() + request.tail.size() + 1024);
  Body body(json, identity);
  base::JsonWriter& w = body.writer();
  w.key("messages").begin_array();
  if (!prefix.empty()) w.begin_object().member("role", "system").member("content", prefix).end_object();
  w.begin_object().member("role", "user");
  w.member("content", says_json ? request.tail : request.tail + "\n\nJSON").end_object().end_array();
  body.sampling(dialect, dialect.token_limit, request);
  if (identity.response_format == model::ResponseFormat::json_schema)
    body.schema(dialect, request);
  else if (as_object && body.owns("response_format"))
    w.key("response_format").begin_object().member("type", "json_object").end_object();
  if (identity.thinking_off) body.thinking_off(dialect.thinking);
  body.finish();
  return json;
}

std::string completions_request_body(const Dialect& dialect, const model::ModelIdentity& identity,
                                     const model::Request& request) {
  const bool line = request.wire == model::Wire::line;
  std::string prompt = request.prefix ? *request.prefix : std::string();
  if (!line && !prompt.empty()) prompt += "\n\n";
  prompt += request.tail;
  std::string json;
  json.reserve(prompt.size() + 1024);
  Body body(json, identity);
  body.member("prompt", prompt);
  body.sampling(dialect, "max_tokens", request);  // the one name that this API has
  if (line && body.owns("stop"))
    body.writer().key("stop").begin_array().value("\n").end_array();  // what is behind a line is not asked
                                                                      // for
  body.finish();
  return json;
}

}  // namespace remote_model
