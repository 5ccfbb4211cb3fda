// How a chat model wants to be addressed: where the instructions (a request's prefix), the task (its tail)
// and the beginning of its answer go. libllama knows chat templates by pattern but renders a conversation in
// one piece; here the part that many requests share must stand apart, so that it is evaluated once.
//
// Pure functions, any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace local_model {

/// Text around a prompt, with the special tokens of the model. The prompt itself may hold none but in
/// `compact`, which consists of them.
struct PromptFormat {
  std::string_view name;  // `chatml`, `llama3`, `mistral`, `gemma`, `deepseek`, `plain`, `compact`
  std::string_view before_prefix;
  std::string_view after_prefix;  // still the same for all requests that share the prefix
  std::string_view before_tail;
  std::string_view after_tail;  // up to where the answer begins
};

constexpr std::string_view kCompactFormat = "compact";

/// nullptr if there is none of that name.
const PromptFormat* find_prompt_format(std::string_view name);

/// The format of a GGUF file by its Jinja chat template (`tokenizer.chat_template`): by the special tokens
/// that stand in it. nullptr if it isn't one of those above.
const PromptFormat* detect_prompt_format(std::string_view chat_template);

/// Behind after_tail, this makes a model that thinks aloud begin with its answer.
constexpr std::string_view kNoThinking = "<think>\n\n</think>\n\n";

}  // namespace local_model
