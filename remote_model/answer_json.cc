#include "remote_model/answer_json.h"

#include <fmt/format.h>

#include "base/text.h"

namespace remote_model {

ChatAnswer reply_with_usage(const simdjson::dom::element& root) {
  ChatAnswer answer;
  answer.kind = ChatAnswer::Kind::reply;
  const auto usage = root["usage"];
  // Rankings have a total only.
  if (usage["prompt_tokens"].get(answer.usage.prompt_tokens) != simdjson::SUCCESS &&
      usage["total_tokens"].get(answer.usage.prompt_tokens) != simdjson::SUCCESS)
    answer.usage.prompt_tokens = 0;
  return answer;
}

ChatAnswer read_other_answer(std::string_view body, std::string_view what) {
  ChatAnswer answer = read_chat_answer(body);
  const std::string_view trimmed = base::trim(body);
  const bool json = trimmed.starts_with('{') || trimmed.starts_with('[');
  if (answer.kind == ChatAnswer::Kind::error || !json) return answer;
  answer = {};
  answer.message = fmt::format("JSON without {}: `{}`", what, clean_server_text(trimmed.substr(0, 200)));
  return answer;
}

}  // namespace remote_model
