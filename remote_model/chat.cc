#include "remote_model/chat.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <initializer_list>

#include "base/text.h"
#include "base/unicode.h"

namespace remote_model {
namespace {

using simdjson::dom::element;

constexpr std::size_t kMessageCharacters = 300;

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

/// The first of these places that has a number.
std::int64_t first_count(const simdjson::simdjson_result<element>& object,
                         std::initializer_list<std::string_view> pointers) {
  std::int64_t number = 0;
  for (const std::string_view pointer : pointers)
    if (object.at_pointer(pointer).get(number) == simdjson::SUCCESS) return model::plausible_tokens(number);
  return 0;
}

void read_usage(const simdjson::simdjson_result<element>& object, model::Usage& usage) {
  usage.prompt_tokens = first_count(object, {"/prompt_tokens"});
  usage.completion_tokens = first_count(object, {"/completion_tokens"});
  // The second ones are DeepSeek's and SGLang's.
  usage.cached_tokens =
      first_count(object, {"/prompt_tokens_details/cached_tokens", "/prompt_cache_hit_tokens"});
  usage.reasoning_tokens =
      first_count(object, {"/completion_tokens_details/reasoning_tokens", "/reasoning_tokens"});
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
  read_usage(root["usage"], answer.usage);
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

ChatAnswer unreadable(std::string message) {
  ChatAnswer answer;
  answer.message = std::move(message);
  return answer;
}

}  // namespace

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
