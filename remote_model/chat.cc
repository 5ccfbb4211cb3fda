#include "remote_model/chat.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <initializer_list>

#include "base/json_writer.h"
#include "base/text.h"
#include "base/unicode.h"

namespace remote_model {
namespace {

using simdjson::dom::element;

constexpr std::size_t kMessageCharacters = 300;

/// In a regular expression of JSON Schema (ECMA-262) only these characters have to be escaped; others
/// must not be, under its `u` flag.
void append_quoted(std::string_view name, std::string& pattern) {
  for (const char c : name) {
    if (std::string_view("^$\\.*+?()[]{}|/").find(c) != std::string_view::npos) pattern += '\\';
    pattern += c;
  }
}

/// A value of a catalogue: no brackets, no line ends.
constexpr std::string_view kValuePattern = R"(^[^\[\]\n]+$)";

/// Text without brackets, escaped brackets, or a tag of the request with some value.
std::string utterance_pattern(const std::vector<std::string>& tags) {
  std::string pattern = R"(^([^\[\]]|\\[\[\]\\])";
  if (!tags.empty()) {
    pattern += R"(|\[()";
    for (std::size_t i = 0; i < tags.size(); ++i) {
      if (i != 0) pattern += '|';
      append_quoted(tags[i], pattern);
    }
    pattern += R"():([^\[\]\\]|\\[\[\]\\])+\])";
  }
  pattern += ")*$";
  return pattern;
}

void write_schema(base::JsonWriter& w, const model::Request& request) {
  const auto count = static_cast<std::uint64_t>(request.utterances.size());
  // Of values a model may know fewer than are asked for.
  const bool values = request.wire == model::Wire::values;
  const std::string_view name = values ? "values" : "utterances";
  w.key("response_format").begin_object().member("type", "json_schema");
  w.key("json_schema").begin_object().member("name", name).member("strict", true);
  w.key("schema").begin_object().member("type", "object");
  w.key("properties").begin_object().key(name).begin_object().member("type", "array");
  w.member("minItems", values ? 1 : count).member("maxItems", count);
  w.key("items").begin_object().member("type", "string");
  w.member("pattern", values ? std::string(kValuePattern) : utterance_pattern(request.tags)).end_object();
  w.end_object().end_object();
  w.key("required").begin_array().value(name).end_array();
  w.member("additionalProperties", false).end_object().end_object().end_object();
}

/// A string, or a number or boolean as text; anything else is empty.
std::string text_of(const simdjson::simdjson_result<element>& value) {
  std::string_view text;
  if (value.get(text) == simdjson::SUCCESS) return std::string(text);
  std::int64_t number = 0;
  if (value.get(number) == simdjson::SUCCESS) return fmt::format("{}", number);
  return {};
}

/// A string, or the texts of an array of parts ({"type":"text","text":…}).
std::string content_of(const simdjson::simdjson_result<element>& value) {
  simdjson::dom::array parts;
  if (value.get(parts) != simdjson::SUCCESS) return text_of(value);
  std::string content;
  for (const element part : parts) {
    std::string_view text;
    if (part.get(text) == simdjson::SUCCESS)
      content += text;
    else
      content += text_of(part["text"]);
  }
  return content;
}

std::string first_text(const element& object, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names)
    if (std::string text = text_of(object[name]); !text.empty()) return text;
  return {};
}

/// Fills the error of `answer` if `root` is one, in any of the shapes: {"error":{…}}, {"error":"…"},
/// {"detail":…}, {"message":…,"object":"error"}, {"code":…,"msg":…}, or an array around one of them.
bool read_error(const element& root, ChatAnswer& answer) {
  element error;
  const bool has_error = root["error"].get(error) == simdjson::SUCCESS && !error.is_null();
  if (has_error && error.is_object()) {
    answer.message = first_text(error, {"message", "msg", "detail"});
    answer.code = first_text(error, {"code"});
    answer.type = first_text(error, {"type", "status"});
    if (answer.message.empty()) answer.message = simdjson::minify(error);
  } else if (has_error) {
    answer.message = text_of(root["error"]);
    answer.type = first_text(root, {"error_type", "type"});
    answer.code = first_text(root, {"code"});
    if (answer.message.empty()) answer.message = simdjson::minify(error);
  } else if (element detail; root["detail"].get(detail) == simdjson::SUCCESS) {
    answer.message = detail.is_string() ? text_of(root["detail"]) : std::string(simdjson::minify(detail));
  } else {
    answer.message = first_text(root, {"message", "msg", "error_msg"});
    answer.code = first_text(root, {"code", "error_code"});
    answer.type = first_text(root, {"type"});
    if (answer.message.empty()) return false;
  }
  answer.kind = ChatAnswer::Kind::error;
  return true;
}

bool read_choice(const element& root, ChatAnswer& answer) {
  element choice;
  if (root["choices"].at(0).get(choice) != simdjson::SUCCESS) return false;
  element message;
  std::string_view text;
  const bool chat = choice["message"].get(message) == simdjson::SUCCESS && message.is_object();
  if (!chat && choice["text"].get(text) != simdjson::SUCCESS) return false;
  const std::string finish = text_of(choice["finish_reason"]);
  // SGLang ends a request so when it is stopped from outside: not the model's reply.
  if (finish == "abort" || finish == "error") return false;
  if (finish == "length" || finish == "max_tokens" || finish == "model_length")
    answer.finish = model::Finish::length;
  else if (finish == "content_filter" || finish == "sensitive")
    answer.finish = model::Finish::content_filter;
  answer.content = chat ? content_of(message["content"]) : std::string(text);
  if (chat && answer.content.empty()) answer.content = text_of(message["refusal"]);
  if (chat && answer.content.empty() && answer.finish == model::Finish::stop)
    answer.content = first_text(message, {"reasoning_content", "reasoning"});
  const auto usage = root["usage"];
  if (usage["prompt_tokens"].get(answer.usage.prompt_tokens) != simdjson::SUCCESS)
    answer.usage.prompt_tokens = 0;
  if (usage["completion_tokens"].get(answer.usage.completion_tokens) != simdjson::SUCCESS)
    answer.usage.completion_tokens = 0;
  answer.kind = ChatAnswer::Kind::reply;
  return true;
}

std::string describe_html(std::string_view body) {
  for (const std::string_view tag : {"<title>", "<TITLE>"}) {
    const std::size_t start = body.find(tag);
    if (start == std::string_view::npos) continue;
    const std::string_view title = body.substr(start + tag.size());
    return fmt::format("an HTML page, `{}`", clean_server_text(title.substr(0, title.find('<'))));
  }
  return "an HTML page";
}

void write_sampling(base::JsonWriter& w, const model::ModelIdentity& identity,
                    const model::Request& request) {
  w.member("temperature", identity.sampling.temperature).member("top_p", identity.sampling.top_p);
  w.member("max_tokens", identity.sampling.max_tokens);
  // 31 bits: DashScope refuses more.
  w.member("seed", request.salt & 0x7FFFFFFFU);
}

ChatAnswer unreadable(std::string message) {
  ChatAnswer answer;
  answer.message = std::move(message);
  return answer;
}

}  // namespace

std::string chat_request_body(const model::ModelIdentity& identity, const model::Request& request) {
  std::string body;
  body.reserve((request.prefix ? request.prefix->size() : 0) + request.tail.size() + 1024);
  base::JsonWriter w(body);
  w.begin_object().member("model", identity.name).key("messages").begin_array();
  if (request.prefix && !request.prefix->empty())
    w.begin_object().member("role", "system").member("content", *request.prefix).end_object();
  w.begin_object().member("role", "user").member("content", request.tail).end_object().end_array();
  write_sampling(w, identity, request);
  switch (identity.response_format) {
    case model::ResponseFormat::json_schema:
      write_schema(w, request);
      break;
    case model::ResponseFormat::json_object:
      w.key("response_format").begin_object().member("type", "json_object").end_object();
      break;
    case model::ResponseFormat::text:
      break;
  }
  w.end_object();
  return body;
}

std::string completions_request_body(const model::ModelIdentity& identity, const model::Request& request) {
  const bool line = request.wire == model::Wire::line;
  std::string prompt = request.prefix ? *request.prefix : std::string();
  if (!line && !prompt.empty()) prompt += "\n\n";
  prompt += request.tail;
  std::string body;
  body.reserve(prompt.size() + 1024);
  base::JsonWriter w(body);
  w.begin_object().member("model", identity.name).member("prompt", prompt);
  write_sampling(w, identity, request);
  if (line) w.key("stop").begin_array().value("\n").end_array();  // what is behind a line is not asked for
  w.end_object();
  return body;
}

ChatAnswer read_chat_answer(std::string_view body) {
  if (body.starts_with("\xEF\xBB\xBF")) body.remove_prefix(3);
  const std::string_view trimmed = base::trim(body);
  if (trimmed.empty()) return unreadable("an empty body");
  thread_local simdjson::dom::parser parser(std::size_t{64} << 20);
  element root;
  simdjson::error_code error = parser.parse(body.data(), body.size()).get(root);
  if (error == simdjson::UTF8_ERROR) error = parser.parse(base::to_utf8(base::to_utf32(body))).get(root);
  if (error != simdjson::SUCCESS) {
    if (trimmed.front() == '<') return unreadable(describe_html(trimmed));
    return unreadable(
        fmt::format("a body that is not JSON: `{}`", clean_server_text(trimmed.substr(0, 200))));
  }
  if (element first; root.is_array() && root.at(0).get(first) == simdjson::SUCCESS) root = first;
  ChatAnswer answer;
  if (!root.is_object()) return unreadable("JSON that is no object");
  // A field "error": null beside choices is usual.
  if (read_choice(root, answer)) return answer;
  if (read_error(root, answer)) return answer;
  return unreadable(fmt::format("JSON without a choice: `{}`", clean_server_text(trimmed.substr(0, 200))));
}

std::string clean_server_text(std::string_view text) {
  std::string clean;
  std::size_t characters = 0;
  bool space = false;
  for (std::size_t at = 0; at < text.size();) {
    char32_t c = base::next_code_point(text, at);
    if (c == base::kInvalidCodePoint) c = 0xFFFD;
    if (base::is_white_space(c) || base::is_control(c)) {
      space = !clean.empty();
      continue;
    }
    if (characters + (space ? 1 : 0) >= kMessageCharacters) {
      clean += "…";
      break;
    }
    if (space) {
      clean += ' ';
      ++characters;
      space = false;
    }
    base::append_utf8(c, clean);
    ++characters;
  }
  return clean;
}

}  // namespace remote_model
