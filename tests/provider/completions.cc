#include "tests/provider/completions.h"

#include "base/json_writer.h"

namespace provider {
namespace {

void write_message(const Completion& completion, base::JsonWriter& w) {
  w.key("message").begin_object().member("role", "assistant").key("content");
  if (completion.raw.empty())
    w.value(completion.content);
  else
    w.raw(completion.raw);
  if (!completion.reasoning_field.empty()) w.member(completion.reasoning_field, completion.reasoning);
  w.end_object();
}

/// Two counts, and their sum if it has a name.
void write_counts(std::string_view prompt_name, std::string_view completion_name, std::string_view total_name,
                  Completion::Usage usage, std::size_t prompt, std::size_t answer, base::JsonWriter& w) {
  if (usage == Completion::Usage::absurd) {
    w.member(prompt_name, std::int64_t{9'000'000'000'000'000'000}).member(completion_name, -5);
    return;
  }
  if (usage == Completion::Usage::zero) prompt = answer = 0;
  w.member(prompt_name, std::uint64_t{prompt}).member(completion_name, std::uint64_t{answer});
  if (!total_name.empty()) w.member(total_name, std::uint64_t{prompt + answer});
}

}  // namespace

std::string completion_body(const ChatRequest& request, const Completion& completion,
                            std::size_t prompt_bytes) {
  std::string out;
  out.reserve(completion.content.size() + completion.content.size() / 8 + 320);
  base::JsonWriter w(out);
  w.begin_object();
  const std::size_t prompt = tokens_of(prompt_bytes);
  const std::size_t answer = tokens_of(completion.content.size());
  if (request.native) {
    w.member("model", request.model).member("created_at", "2026-01-01T00:00:00Z");
    write_message(completion, w);
    w.member("done", true).member("done_reason", completion.finish);
    if (completion.usage != Completion::Usage::none)
      write_counts("prompt_eval_count", "eval_count", "", completion.usage, prompt, answer, w);
    w.end_object();
    return out;
  }
  w.member("id", "chatcmpl-provider").member("object", "chat.completion");
  w.member("created", 0).member("model", request.model).key("choices").begin_array().begin_object();
  w.member("index", 0);
  write_message(completion, w);
  w.member("finish_reason", completion.finish).end_object().end_array();
  if (completion.usage != Completion::Usage::none) {
    w.key("usage").begin_object();
    write_counts("prompt_tokens", "completion_tokens", "total_tokens", completion.usage, prompt, answer, w);
    w.end_object();
  }
  w.end_object();
  return out;
}

}  // namespace provider
