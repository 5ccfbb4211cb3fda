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
  std::string_view mode;       // in last_message: what a line `#mode NAME` says, for tests
  std::string problem;         // what is wrong with the request; empty: nothing
  bool native = false;         // Ollama's /api/chat
  bool han = false;            // any message has Chinese characters
  bool constrained = false;    // it holds the reply to a form, in a way that this API knows
  std::string content;         // filled in by who knows already what is to be answered
  std::string intent;          // the one that utterances are asked for; empty: several, or none
  std::uint64_t values = 0;    // so many values of a catalogue are asked for, as the schema says
  std::uint64_t votes = 0;     // or votes about as many lines
  std::uint64_t readings = 0;  // or what as many lines say
};
ChatRequest read_chat_request(std::string_view body, Form form, bool native);

}  // namespace provider
