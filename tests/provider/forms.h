// Whose API the provider speaks: how an error looks, and which parameter holds a reply to a form.
//
//   openai      {"error":{"message","type","param","code"}}; response_format
//   tgi         {"error","error_type"}; response_format with `value`, anything else is 422
//   ollama      /v1 as openai; /api/chat with `format`, errors {"error":"…"}
//   swift       flat {"message","object":"error"}, always 400; structured_outputs_regex, response_format
//               is not looked at
//   sglang      flat {"object":"error","message","type","param","code"}; response_format, regex, ebnf;
//               rerank answers a bare array
//   xinference  {"detail"}; response_format
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tests/provider/response.h"

namespace provider {

enum class Form { openai, tgi, ollama, swift, sglang, xinference };

std::optional<Form> form_named(std::string_view name);

struct Fault {
  int status = 400;
  std::string message;
  std::string type = "invalid_request_error";
  std::string code = "invalid_request";
};

/// The fault as `form` says it; `native`: under Ollama's own paths.
Response fault_response(Form form, const Fault& fault, bool native = false);

}  // namespace provider
