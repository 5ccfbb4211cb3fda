// What the servers that speak OpenAI's chat completions do differently, as data: a row per provider that a
// job may name, and a table of what their errors mean. chat.cc writes requests by it, retry_policy.cc judges
// answers by it, prompts/model_reader.cc takes its defaults and refuses what a provider doesn't know. Pure;
// any thread.
//
// Reading needs no dialect: all places where content, thinking and usage come back are tried in turn
// (chat.h). What stands here is what has to be said or judged in one way, because the others are refused or,
// worse, silently ignored. docs/providers says the same for people, and what could not be verified.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/request.h"

namespace remote_model {

/// How a request asks for the schema of its answer (`response_format: json_schema` in a job).
enum class SchemaForm {
  none,                // the provider can't, or it isn't known that it can
  response_format,     // "response_format": {"type": "json_schema", "json_schema": {name, strict, schema}}
  response_value,      // "response_format": {"type": "json", "value": schema}
  object_with_schema,  // "response_format": {"type": "json_object", "schema": schema}
  structured_outputs,  // "structured_outputs": {"json": schema}
  regex,               // "structured_outputs_regex": a regular expression of the whole answer
};

/// How a request switches thinking off.
enum class ThinkingSwitch {
  none,                  // it can't
  enable_thinking,       // "enable_thinking": false
  thinking_type,         // "thinking": {"type": "disabled"}
  chat_template_kwargs,  // "chat_template_kwargs": {"enable_thinking": false, "thinking": false}
  reasoning_effort,      // "reasoning_effort": "none"
};

struct Dialect {
  std::string_view name;
  std::string_view base_url = {};      // where it is unless the job says so; empty: the job must
  std::string_view key_variable = {};  // that holds the key unless the job names another; empty: no key
  std::string_view key_advice = {};    // what to look at besides when a key is refused
  std::string_view token_limit = {};   // the parameter that bounds the answer, thinking included where it can
  SchemaForm schema = SchemaForm::none;
  bool pattern_is_json = false;  // it holds a string's pattern against the JSON between the quotes
  bool json_object = true;       // knows {"type": "json_object"}
  bool says_json = false;        // and refuses it unless the word stands in the prompt
  bool prefers_schema = true;    // over json_object, where the job doesn't say
  ThinkingSwitch thinking = ThinkingSwitch::none;
  bool seed = true;           // takes one, of 31 bits: DashScope refuses more
  bool vague_errors = false;  // 400 for everything, its own failures too: worth another try

  bool knows(model::ResponseFormat format) const;
  model::ResponseFormat default_format() const;
};

/// The row that a job names; nullptr: there is none.
const Dialect* find_dialect(std::string_view provider);
/// The row for a provider at an address: for an unknown one, and for `openai` elsewhere than at OpenAI's,
/// what all servers have in common.
const Dialect& dialect_for(std::string_view provider, std::string_view base_url);
/// All that a job may name, in the order of the table.
std::vector<std::string> provider_names();

/// What a provider means by an error.
enum class Meaning {
  unknown,    // the HTTP status decides
  filtered,   // prompt or answer were filtered: that is its reply
  throttled,  // come again, slower
  retry,      // come again
  refused,    // this request will never do
  down,       // no request will, until somebody does something
};
/// By the error's code and type, in any spelling: `RateLimitExceeded`, `rate_limit_exceeded`.
Meaning meaning_of(const Dialect& dialect, std::string_view code, std::string_view type);

}  // namespace remote_model
