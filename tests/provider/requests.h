// What is read of a chat request: OpenAI's chat completions, and Ollama's /api/chat, which differ in how a
// form of the reply is asked for and in nothing else that matters here. Pure.
#pragma once

#include <string>
#include <string_view>

#include "tests/provider/forms.h"

namespace provider {

struct ChatRequest {
  std::string model;
  std::string last_message;
  std::string_view mode;     // in last_message: what a line `#mode NAME` says, for tests
  std::string problem;       // what is wrong with the request; empty: nothing
  bool native = false;       // Ollama's /api/chat
  bool han = false;          // any message has Chinese characters
  bool constrained = false;  // it holds the reply to a form, in a way that this API knows
  std::uint64_t values = 0;  // so many values of a catalogue are asked for, as the schema says
};
ChatRequest read_chat_request(std::string_view body, Form form, bool native);

}  // namespace provider
