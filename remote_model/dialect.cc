#include "remote_model/dialect.h"

#include <algorithm>
#include <cctype>

namespace remote_model {
namespace {

using model::ResponseFormat;

constexpr std::string_view kOpenAi = "openai";
constexpr std::string_view kOpenAiHost = "api.openai.com";       // and eu.api.openai.com
constexpr std::string_view kOldLimit = "max_tokens";             // every server knows it
constexpr std::string_view kNewLimit = "max_completion_tokens";  // spans thinking where the old one doesn't

// What servers that nobody has described have in common. Most of them hold answers by a grammar.
constexpr Dialect kPlain = {.name = "",
                            .token_limit = kOldLimit,
                            .schema = SchemaForm::response_format,
                            .pattern_is_json = true,
                            .says_json = true};

// clang-format off
constexpr Dialect kDialects[] = {
    // APIs. Of DashScope's models few know json_schema, and which ones has changed; what Qianfan does with
    // it, and what Qianfan, Ark and DeepSeek do with a seed, isn't documented.
    {.name = kOpenAi, .base_url = "https://api.openai.com/v1", .key_variable = "OPENAI_API_KEY",
     .token_limit = kNewLimit, .schema = SchemaForm::response_format, .says_json = true,
     .thinking = ThinkingSwitch::reasoning_effort},
    {.name = "dashscope", .base_url = "https://dashscope.aliyuncs.com/compatible-mode/v1",
     .key_variable = "DASHSCOPE_API_KEY",
     .key_advice = "or base_url to the address of the key's region (docs/providers/dashscope.md)",
     .token_limit = kNewLimit, .schema = SchemaForm::response_format, .says_json = true,
     .prefers_schema = false, .thinking = ThinkingSwitch::enable_thinking},
    {.name = "qianfan", .base_url = "https://qianfan.baidubce.com/v2", .key_variable = "QIANFAN_API_KEY",
     .token_limit = kOldLimit, .says_json = true,
     .thinking = ThinkingSwitch::enable_thinking, .seed = false},
    {.name = "ark", .base_url = "https://ark.cn-beijing.volces.com/api/v3", .key_variable = "ARK_API_KEY",
     .token_limit = kNewLimit, .schema = SchemaForm::response_format, .says_json = true,
     .thinking = ThinkingSwitch::thinking_type, .seed = false},
    {.name = "deepseek", .base_url = "https://api.deepseek.com", .key_variable = "DEEPSEEK_API_KEY",
     .token_limit = kOldLimit, .says_json = true,
     .thinking = ThinkingSwitch::thinking_type, .seed = false},

    // Servers of one's own. vLLM's older guided_json is gone and silently ignored; Ollama, swift and TGI have
    // no max_completion_tokens of their own. llama-server's and TGI's ports depend on who starts them. Of their
    // grammars llama.cpp's was measured: with a pattern of values 4 of 60 answers at temperature 2 broke (line
    // ends and lone backslashes between the quotes), with one of JSON none.
    {.name = "vllm", .base_url = "http://127.0.0.1:8000/v1",
     .token_limit = kNewLimit, .schema = SchemaForm::structured_outputs, .pattern_is_json = true,
     .thinking = ThinkingSwitch::chat_template_kwargs},
    {.name = "sglang", .base_url = "http://127.0.0.1:30000/v1",
     .token_limit = kNewLimit, .schema = SchemaForm::response_format, .pattern_is_json = true,
     .thinking = ThinkingSwitch::chat_template_kwargs},
    {.name = "tgi",
     .token_limit = kOldLimit, .schema = SchemaForm::response_value, .pattern_is_json = true,
     .json_object = false},
    {.name = "xinference", .base_url = "http://127.0.0.1:9997/v1",
     .token_limit = kOldLimit, .schema = SchemaForm::response_format, .pattern_is_json = true,
     .thinking = ThinkingSwitch::enable_thinking},
    {.name = "ollama", .base_url = "http://127.0.0.1:11434/v1",
     .token_limit = kOldLimit, .schema = SchemaForm::response_format, .pattern_is_json = true,
     .thinking = ThinkingSwitch::reasoning_effort},
    {.name = "swift", .base_url = "http://127.0.0.1:8000/v1",
     .token_limit = kOldLimit, .schema = SchemaForm::regex, .json_object = false,
     .thinking = ThinkingSwitch::chat_template_kwargs, .vague_errors = true},
    {.name = "llama-server",
     .token_limit = kOldLimit, .schema = SchemaForm::object_with_schema, .pattern_is_json = true,
     .thinking = ThinkingSwitch::chat_template_kwargs},
    {.name = "ktransformers", .base_url = "http://127.0.0.1:30000/v1",  // its server is SGLang's
     .token_limit = kNewLimit, .schema = SchemaForm::response_format, .pattern_is_json = true,
     .thinking = ThinkingSwitch::chat_template_kwargs},
};

struct ErrorRule {
  std::string_view provider;  // empty: all
  std::string_view words;     // anywhere in the code or the type, both squeezed
  Meaning meaning;
};

// The first that fits decides.
constexpr ErrorRule kErrors[] = {
    // Tokens per minute at DashScope, no money everywhere else.
    {"dashscope", "insufficientquota", Meaning::throttled},
    {"dashscope", "allocationquota", Meaning::throttled},
    {"", "insufficientquota", Meaning::down},
    {"dashscope", "modelservingerror", Meaning::retry},
    {"dashscope", "requesttimeout", Meaning::retry},
    {"qianfan", "malformedjson", Meaning::refused},
    {"qianfan", "invalidmessages", Meaning::refused},
    {"qianfan", "characterstoolong", Meaning::refused},
    {"qianfan", "tokenstoolong", Meaning::refused},
    {"ark", "invalidendpointormodel", Meaning::down},

    {"", "contentfilter", Meaning::filtered},
    {"", "contentpolicy", Meaning::filtered},
    {"", "datainspection", Meaning::filtered},
    {"", "sensitivecontent", Meaning::filtered},

    {"", "arrearage", Meaning::down},
    {"", "overdue", Meaning::down},
    {"", "notpurchased", Meaning::down},
    {"", "insufficientbalance", Meaning::down},
    {"", "billinghardlimit", Meaning::down},
    {"", "creditexhausted", Meaning::down},
    {"", "accountdeactivated", Meaning::down},

    {"", "ratelimit", Meaning::throttled},
    {"", "throttl", Meaning::throttled},
    {"", "limitrequests", Meaning::throttled},
    {"", "limitburstrate", Meaning::throttled},
    {"", "toomanyrequests", Meaning::throttled},
    {"", "overloaded", Meaning::throttled},
    {"", "slowdown", Meaning::throttled},

    {"", "contextlengthexceeded", Meaning::refused},
    {"", "invalidapikey", Meaning::down},
    {"", "invalidiamtoken", Meaning::down},
    {"", "authentication", Meaning::down},
    {"", "unauthorized", Meaning::down},
    {"", "modelnotfound", Meaning::down},
    {"", "invalidmodel", Meaning::down},
    {"", "notfounderror", Meaning::down},
};
// clang-format on

/// `RateLimitExceeded`, `rate_limit_exceeded` and `Throttling.RateQuota` are spellings of few things.
std::string squeeze(std::string_view text) {
  std::string squeezed;
  for (const char c : text)
    if (std::isalnum(static_cast<unsigned char>(c)) != 0)
      squeezed += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return squeezed;
}

bool is_at_openai(std::string_view base_url) {
  const std::size_t scheme = base_url.find("://");
  if (scheme == std::string_view::npos) return false;
  base_url.remove_prefix(scheme + 3);
  return base_url.substr(0, base_url.find('/')).ends_with(kOpenAiHost);
}

}  // namespace

bool Dialect::knows(ResponseFormat format) const {
  switch (format) {
    case ResponseFormat::json_schema:
      return schema != SchemaForm::none;
    case ResponseFormat::json_object:
      return json_object;
    case ResponseFormat::text:
      break;
  }
  return true;
}

ResponseFormat Dialect::default_format() const {
  if (schema != SchemaForm::none && (prefers_schema || !json_object)) return ResponseFormat::json_schema;
  return json_object ? ResponseFormat::json_object : ResponseFormat::text;
}

const Dialect* find_dialect(std::string_view provider) {
  const auto* const found = std::find_if(std::begin(kDialects), std::end(kDialects),
                                         [&](const Dialect& dialect) { return dialect.name == provider; });
  return found == std::end(kDialects) ? nullptr : found;
}

const Dialect& dialect_for(std::string_view provider, std::string_view base_url) {
  const Dialect* dialect = find_dialect(provider);
  if (dialect == nullptr || (provider == kOpenAi && !is_at_openai(base_url))) return kPlain;
  return *dialect;
}

std::vector<std::string> provider_names() {
  std::vector<std::string> names;
  for (const Dialect& dialect : kDialects) names.emplace_back(dialect.name);
  return names;
}

Meaning meaning_of(const Dialect& dialect, std::string_view code, std::string_view type) {
  const std::string said = squeeze(code) + ' ' + squeeze(type);
  for (const ErrorRule& rule : kErrors)
    if ((rule.provider.empty() || rule.provider == dialect.name) &&
        said.find(rule.words) != std::string::npos)
      return rule.meaning;
  return Meaning::unknown;
}

}  // namespace remote_model
