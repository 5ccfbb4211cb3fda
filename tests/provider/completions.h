// The body around a model's text: OpenAI's chat completion, or Ollama's own answer. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "tests/provider/requests.h"

namespace provider {

struct Completion {
  enum class Usage { counted, none, zero, absurd };
  std::string content;
  std::string raw;  // replaces the content if it isn't empty (JSON)
  std::string_view finish = "stop";
  std::string_view reasoning_field = {};  // `reasoning` stands there
  std::string reasoning = {};
  Usage usage = Usage::counted;
};

/// About three bytes a token: enough for budgets and limits to have something to count.
inline std::size_t tokens_of(std::size_t bytes) { return bytes / 3; }

std::string completion_body(const ChatRequest& request, const Completion& completion,
                            std::size_t prompt_bytes);

}  // namespace provider
