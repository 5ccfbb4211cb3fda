#include "remote_model/request_body.h"

#include <gtest/gtest.h>
#include <re2/re2.h>
#include <simdjson.h>

#include <string>

#include "base/hash.h"
#include "base/text.h"

namespace remote_model {
namespace {

model::Request two_utterances() {
  model::Request request;
  request.prefix = std::make_shared<const std::string>("你写\"训练\"数据");
  request.tail = "1. [device:主屏]\n2. [alarm.time:7:30]";
  request.utterances.resize(2);
  request.tags = {"device", "alarm.time"};
  request.salt = 0xFFFFFFFF80000005U;
  return request;
}

model::ModelIdentity qwen() {
  model::ModelIdentity identity;
  identity.name = "qwen3-max";
  identity.sampling = {0.7, 0.95, 800};
  return identity;
}

const Dialect& plain() { return dialect_for("openai", "http://127.0.0.1:8000/v1"); }

/// What the body asks for beside model, messages and sampling.
std::string asks_for(const char* provider, model::ModelIdentity identity,
                     const model::Request& request = two_utterances()) {
  const Dialect& dialect = dialect_for(provider, "https://api.openai.com/v1");
  const std::string body = chat_request_body(dialect, identity, request);
  simdjson::dom::parser parser;
  simdjson::dom::object root;
  EXPECT_EQ(parser.parse(body).get(root), simdjson::SUCCESS) << body;
  std::string rest;
  for (const auto& [name, value] : root)
    if (name != "model" && name != "messages" && name != "temperature" && name != "top_p")
      rest += (rest.empty() ? "" : ",") + std::string(name) + ":" + std::string(simdjson::minify(value));
  return rest;
}

TEST(ChatRequestBody, SaysWhatIsWanted) {
  simdjson::dom::parser parser;
  const std::string body = chat_request_body(plain(), qwen(), two_utterances());
  simdjson::dom::element root;
  ASSERT_EQ(parser.parse(body).get(root), simdjson::SUCCESS) << body;
  const auto text = [&](std::string_view pointer) {
    return std::string(root.at_pointer(pointer).get_string().value());
  };
  EXPECT_EQ(text("/model"), "qwen3-max");
  EXPECT_EQ(text("/messages/0/role"), "system");
  EXPECT_EQ(text("/messages/0/content"), "你写\"训练\"数据");
  EXPECT_EQ(text("/messages/1/role"), "user");
  EXPECT_EQ(text("/messages/1/content"), "1. [device:主屏]\n2. [alarm.time:7:30]");
  EXPECT_DOUBLE_EQ(root["temperature"].get_double().value(), 0.7);
  EXPECT_DOUBLE_EQ(root["top_p"].get_double().value(), 0.95);
  EXPECT_EQ(root["max_tokens"].get_int64().value(), 800);
  EXPECT_EQ(root["seed"].get_int64().value(), 5) << "31 bits";
  EXPECT_EQ(text("/response_format/type"), "json_schema");
  EXPECT_EQ(text("/response_format/json_schema/name"), "utterances");
  EXPECT_TRUE(root.at_pointer("/response_format/json_schema/strict").get_bool().value());
  const std::string schema = "/response_format/json_schema/schema";
  EXPECT_EQ(text(schema + "/required/0"), "utterances");
  EXPECT_FALSE(root.at_pointer(schema + "/additionalProperties").get_bool().value());
  EXPECT_EQ(root.at_pointer(schema + "/properties/utterances/minItems").get_int64().value(), 2);
  EXPECT_EQ(root.at_pointer(schema + "/properties/utterances/maxItems").get_int64().value(), 2);
}

TEST(ChatRequestBody, LeavesOutWhatIsNotThere) {
  model::Request request = two_utterances();
  request.prefix = nullptr;
  model::ModelIdentity identity = qwen();
  identity.response_format = model::ResponseFormat::text;
  EXPECT_EQ(chat_request_body(plain(), identity, request).find("system"), std::string::npos);
  EXPECT_EQ(chat_request_body(plain(), identity, request).find("response_format"), std::string::npos);
  identity.response_format = model::ResponseFormat::json_object;
  EXPECT_NE(chat_request_body(plain(), identity, request).find(R"("response_format":{"type":"json_object"})"),
            std::string::npos);
}

TEST(CompletionsRequestBody, IsOneText) {
  model::Request request = two_utterances();
  EXPECT_EQ(completions_request_body(plain(), qwen(), request),
            R"({"model":"qwen3-max","prompt":"你写\"训练\"数据\n\n1. [device:主屏]\n2. [alarm.time:7:30]",)"
            R"("temperature":0.7,"top_p":0.95,"max_tokens":800,"seed":5})");
  request.wire = model::Wire::line;
  EXPECT_EQ(completions_request_body(plain(), qwen(), request),
            R"({"model":"qwen3-max","prompt":"你写\"训练\"数据1. [device:主屏]\n2. [alarm.time:7:30]",)"
            R"("temperature":0.7,"top_p":0.95,"max_tokens":800,"seed":5,"stop":["\n"]})");
  request.prefix = nullptr;
  request.wire = model::Wire::envelope;
  request.tail = "x";
  EXPECT_NE(completions_request_body(plain(), qwen(), request).find(R"("prompt":"x",)"), std::string::npos);
}

TEST(ChatRequestBody, PatternAllowsOnlyTheTags) {
  const auto pattern_of = [](const model::Request& request) {
    simdjson::dom::parser parser;
    const std::string body = chat_request_body(*find_dialect("openai"), qwen(), request);
    return std::string(
        parser.parse(body)
            .at_pointer("/response_format/json_schema/schema/properties/utterances/items/pattern")
            .get_string()
            .value());
  };
  model::Request request = two_utterances();
  const re2::RE2 pattern(pattern_of(request));
  ASSERT_TRUE(pattern.ok()) << pattern.error();
  for (const char* good : {"", "把[device:主屏]打开", R"(叫[device:\[王\]工]来)", R"([device:a\\b]\[c\])",
                           "[device:a][alarm.time:7:30]", R"(a \[b\] c)", "没有标签"})
    EXPECT_TRUE(re2::RE2::FullMatch(good, pattern)) << good;
  for (const char* bad : {"[room:A301]", "[device:]", "[device:a", "device]", "[device:[device:a]]",
                          "[alarmXtime:1]", R"([device:a\])", R"([device:\b])"})
    EXPECT_FALSE(re2::RE2::FullMatch(bad, pattern)) << bad;
  request.tags.clear();
  const re2::RE2 no_tags(pattern_of(request));
  EXPECT_TRUE(re2::RE2::FullMatch("今天天气如何", no_tags));
  EXPECT_FALSE(re2::RE2::FullMatch("[device:a]", no_tags));
}

// Grammars of servers take a pattern for the JSON itself, escapes and all.
TEST(ChatRequestBody, PatternOfJsonKeepsItWhole) {
  simdjson::dom::parser parser;
  const std::string body = chat_request_body(*find_dialect("sglang"), qwen(), two_utterances());
  const re2::RE2 pattern(
      std::string(parser.parse(body)
                      .at_pointer("/response_format/json_schema/schema/properties/utterances/items/pattern")
                      .get_string()
                      .value()));
  ASSERT_TRUE(pattern.ok()) << pattern.error();
  for (const char* good : {"", "把[device:主屏]打开", R"(叫[device:\\[王\\]工]来)", R"(他说\"好\")",
                           R"([device:a\\\\b]\\[c\\])", "[device:a][alarm.time:7:30]"})
    EXPECT_TRUE(re2::RE2::FullMatch(good, pattern)) << good;
  for (const char* bad :
       {R"(", ")", "a\nb", "a\tb", R"(a\b)", R"(\[a\])", "[room:A301]", "[device:]", "[device:a"})
    EXPECT_FALSE(re2::RE2::FullMatch(bad, pattern)) << bad;
}

// Each provider's own words for the schema, a JSON object, and no thinking.
TEST(ChatRequestBody, SpeaksTheProvidersDialect) {
  using Format = model::ResponseFormat;
  const auto schema_of = [](const char* provider) {
    const std::string body =
        chat_request_body(dialect_for(provider, "https://api.openai.com/v1"), qwen(), two_utterances());
    const std::size_t start = body.find(R"({"type":"object","properties":)");
    const std::string_view end = R"("additionalProperties":false})";
    return body.substr(start, body.find(end) + end.size() - start);
  };
  const std::string schema = schema_of("openai");
  const std::string local_schema = schema_of("sglang");
  EXPECT_NE(schema, local_schema);
  const std::string before =
      R"(response_format:{"type":"json_schema","json_schema":{"name":"utterances","strict":true,"schema":)";
  const std::string openai_schema = before + schema + "}}";
  const std::string openai_form = before + local_schema + "}}";
  const std::string object = R"(response_format:{"type":"json_object"})";
  const std::string old_limit = "max_tokens:800";
  const std::string new_limit = "max_completion_tokens:800";
  const std::string seed = ",seed:5";
  const std::string no_template_thinking =
      R"(chat_template_kwargs:{"enable_thinking":false,"thinking":false})";
  const struct {
    const char* provider;
    std::string always;
    std::string json_schema;  // empty: not known
    std::string json_object;
    std::string thinking_off;
  } cases[] = {
      {"openai", new_limit + seed, openai_schema, object, R"(reasoning_effort:"none")"},
      {"anything", old_limit + seed, openai_form, object, ""},
      {"dashscope", new_limit + seed, openai_schema, object, "enable_thinking:false"},
      {"qianfan", old_limit, "", object, "enable_thinking:false"},
      {"ark", new_limit, openai_schema, object, R"(thinking:{"type":"disabled"})"},
      {"deepseek", old_limit, "", object, R"(thinking:{"type":"disabled"})"},
      {"vllm", new_limit + seed, R"(structured_outputs:{"json":)" + local_schema + "}", object,
       no_template_thinking},
      {"sglang", new_limit + seed, openai_form, object, no_template_thinking},
      {"tgi", old_limit + seed, R"(response_format:{"type":"json","value":)" + local_schema + "}", "", ""},
      {"xinference", old_limit + seed, openai_form, object, "enable_thinking:false"},
      {"ollama", old_limit + seed, openai_form, object, R"(reasoning_effort:"none")"},
      {"llama-server", old_limit + seed,
       R"(response_format:{"type":"json_object","schema":)" + local_schema + "}", object,
       no_template_thinking},
      {"ktransformers", new_limit + seed, openai_form, object, no_template_thinking},
  };
  for (const auto& c : cases) {
    const Dialect& dialect = dialect_for(c.provider, "https://api.openai.com/v1");
    model::ModelIdentity identity = qwen();
    identity.response_format = Format::text;
    EXPECT_EQ(asks_for(c.provider, identity), c.always);
    EXPECT_EQ(dialect.knows(Format::json_schema), !c.json_schema.empty()) << c.provider;
    EXPECT_EQ(dialect.knows(Format::json_object), !c.json_object.empty()) << c.provider;
    EXPECT_EQ(dialect.thinking != ThinkingSwitch::none, !c.thinking_off.empty()) << c.provider;
    if (!c.json_schema.empty()) {
      identity.response_format = Format::json_schema;
      EXPECT_EQ(asks_for(c.provider, identity), c.always + "," + c.json_schema);
    }
    if (!c.json_object.empty()) {
      identity.response_format = Format::json_object;
      EXPECT_EQ(asks_for(c.provider, identity), c.always + "," + c.json_object);
    }
    identity.response_format = Format::text;
    identity.thinking_off = true;
    const std::string off = c.thinking_off.empty() ? "" : "," + c.thinking_off;
    EXPECT_EQ(asks_for(c.provider, identity), c.always + off);
  }
}

TEST(ChatRequestBody, SwiftGetsARegexOfTheWholeAnswer) {
  simdjson::dom::parser parser;
  const std::string body = chat_request_body(*find_dialect("swift"), qwen(), two_utterances());
  std::string_view text;
  ASSERT_EQ(parser.parse(body)["structured_outputs_regex"].get(text), simdjson::SUCCESS) << body;
  const re2::RE2 pattern{re2::StringPiece(text.data(), text.size())};
  ASSERT_TRUE(pattern.ok()) << pattern.error();
  for (const char* good : {R"({"utterances": ["把[device:主屏]打开", "[alarm.time:7:30]叫我"]})",
                           R"({"utterances": ["", "他说\"好\""]})",
                           R"({"utterances": ["叫[device:\\[王\\]工]", "a \\[b\\] c\\\\"]})"})
    EXPECT_TRUE(re2::RE2::FullMatch(good, pattern)) << good;
  for (const char* bad :
       {R"({"utterances": ["只有一句"]})", R"({"utterances": ["一", "二", "三"]})",
        R"({"utterances": ["[room:A301]", "二"]})", R"({"utterances": ["[device:]", "二"]})",
        R"({"utterances": ["[device:a", "二"]})", "{\"utterances\": [\"一\n\", \"二\"]}", R"(["一", "二"])"})
    EXPECT_FALSE(re2::RE2::FullMatch(bad, pattern)) << bad;
}

// Some refuse json_object unless the word stands in the prompt, in any case.
TEST(ChatRequestBody, TheWordJsonIsInThePromptWhereItMustBe) {
  model::ModelIdentity identity = qwen();
  identity.response_format = model::ResponseFormat::json_object;
  const auto last_message = [&](const char* provider, const char* prefix, const char* tail) {
    model::Request request = two_utterances();
    request.prefix = std::make_shared<const std::string>(prefix);
    request.tail = tail;
    simdjson::dom::parser parser;
    const std::string body = chat_request_body(*find_dialect(provider), identity, request);
    return std::string(parser.parse(body).at_pointer("/messages/1/content").get_string().value());
  };
  for (const char* provider : {"openai", "dashscope", "qianfan", "ark", "deepseek"}) {
    EXPECT_EQ(last_message(provider, "写句子", "两句"), "两句\n\nJSON") << provider;
    EXPECT_EQ(last_message(provider, "输出 JSON", "两句"), "两句") << provider;
    EXPECT_EQ(last_message(provider, "写句子", "两句，Json"), "两句，Json") << provider;
  }
  EXPECT_EQ(last_message("vllm", "写句子", "两句"), "两句");
  identity.response_format = model::ResponseFormat::json_schema;
  EXPECT_EQ(last_message("openai", "写句子", "两句"), "两句");
}

TEST(ChatRequestBody, ExtraBodyOverridesOurs) {
  model::ModelIdentity identity = qwen();
  identity.thinking_off = true;
  identity.extra_body = {{"chat_template_kwargs", R"({"enable_thinking":true})"},
                         {"max_completion_tokens", "5"},
                         {"seed", "null"},
                         {"structured_outputs", R"({"json_object":true})"},
                         {"top_k", "20"}};
  EXPECT_EQ(asks_for("vllm", identity),
            R"(chat_template_kwargs:{"enable_thinking":true},max_completion_tokens:5,seed:null,)"
            R"(structured_outputs:{"json_object":true},top_k:20)");
  identity.extra_body = {{"stop", R"(["。"])"}, {"temperature", "0"}};
  model::Request request = two_utterances();
  request.wire = model::Wire::line;
  request.prefix = nullptr;
  request.tail = "x";
  EXPECT_EQ(completions_request_body(*find_dialect("vllm"), identity, request),
            R"({"model":"qwen3-max","prompt":"x","top_p":0.95,"max_tokens":800,"seed":5,"stop":["。"],)"
            R"("temperature":0})");
}

// Journals hold keys: what could be asked before has the key that it had.
TEST(RequestKey, ChangesOnlyWithWhatIsSet) {
  model::Request request = two_utterances();
  request.utterances[0].frames.push_back({"set_volume", {{"device", "主屏"}}});
  model::ModelIdentity identity = qwen();
  identity.provider = "openai";
  const auto key = [&] { return base::to_hex(model::request_key(identity, request)); };
  const std::string first = key();
  EXPECT_EQ(first, "8f0c2461f12f4ea00b51e0c44421bea1");
  identity.thinking_off = true;
  const std::string without_thinking = key();
  EXPECT_NE(without_thinking, first);
  identity.extra_body = {{"top_k", "20"}};
  const std::string with_extra_body = key();
  EXPECT_NE(with_extra_body, without_thinking);
  identity.extra_body = {{"top_k", "21"}};
  EXPECT_NE(key(), with_extra_body);
  identity = qwen();
  identity.provider = "vllm";
  EXPECT_NE(key(), first);
}

TEST(ChatRequestBody, AsksForValuesOfACatalogue) {
  model::Request request = two_utterances();
  request.wire = model::Wire::values;
  request.purpose = model::Purpose::catalogue;
  request.tags.clear();
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  const std::string body = chat_request_body(*find_dialect("openai"), qwen(), request);
  ASSERT_EQ(parser.parse(body).get(root), simdjson::SUCCESS) << body;
  const auto format = root.at_pointer("/response_format/json_schema");
  EXPECT_EQ(format["name"].get_string().value(), "values");
  EXPECT_EQ(format.at_pointer("/schema/required/0").get_string().value(), "values");
  const auto values = format.at_pointer("/schema/properties/values");
  EXPECT_EQ(values["minItems"].get_int64().value(), 1) << "a model may know fewer";
  EXPECT_EQ(values["maxItems"].get_int64().value(), 2);
  EXPECT_EQ(values.at_pointer("/items/pattern").get_string().value(), R"(^[^\[\]\n]+$)");
  EXPECT_EQ(asks_for("swift", qwen(), request).find("utterances"), std::string::npos);
  request.utterances.resize(3);
  EXPECT_NE(asks_for("swift", qwen(), request).find(R"(\"values\": )"), std::string::npos);
  EXPECT_NE(asks_for("swift", qwen(), request).find("{0,2}"), std::string::npos);
  EXPECT_NE(asks_for("vllm", qwen(), request).find(R"("values":{"type":"array","minItems":1,"maxItems":3)"),
            std::string::npos);
}

TEST(ChatRequestBody, AsksForOpinions) {
  model::Request request = two_utterances();
  request.purpose = model::Purpose::judge;
  request.wire = model::Wire::votes;
  request.tags = {"intent", "slots"};
  const auto pattern = [&](const char* list) {
    simdjson::dom::parser parser;
    simdjson::dom::element root;
    const std::string body = chat_request_body(*find_dialect("openai"), qwen(), request);
    EXPECT_EQ(parser.parse(body).get(root), simdjson::SUCCESS) << body;
    const auto items = root.at_pointer("/response_format/json_schema/schema/properties/" + std::string(list));
    EXPECT_EQ(items["minItems"].get_int64().value(), 2);
    EXPECT_EQ(items["maxItems"].get_int64().value(), 2);
    return std::string(items.at_pointer("/items/pattern").get_string().value());
  };
  EXPECT_EQ(pattern("votes"), "^[0-9]+ (ok|(intent|slots)( (intent|slots)){0,1})$");
  request.tags = {"natural"};
  EXPECT_EQ(pattern("votes"), "^[0-9]+ (ok|(natural))$");
  request.wire = model::Wire::readings;
  request.tags = {"level"};
  EXPECT_EQ(pattern("readings"), R"(^[0-9]+ ([^\[\]\\]|\\[\[\]\\]|\[(level):([^\[\]\\]|\\[\[\]\\])+\])*$)");
}

}  // namespace
}  // namespace remote_model
