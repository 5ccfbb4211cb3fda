#include "remote_model/chat.h"

#include <gtest/gtest.h>
#include <re2/re2.h>
#include <simdjson.h>

#include <string>

namespace remote_model {
namespace {

using Kind = ChatAnswer::Kind;

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

TEST(ChatRequestBody, SaysWhatIsWanted) {
  simdjson::dom::parser parser;
  const std::string body = chat_request_body(qwen(), two_utterances());
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
  EXPECT_EQ(chat_request_body(identity, request).find("system"), std::string::npos);
  EXPECT_EQ(chat_request_body(identity, request).find("response_format"), std::string::npos);
  identity.response_format = model::ResponseFormat::json_object;
  EXPECT_NE(chat_request_body(identity, request).find(R"("response_format":{"type":"json_object"})"),
            std::string::npos);
}

TEST(CompletionsRequestBody, IsOneText) {
  model::Request request = two_utterances();
  EXPECT_EQ(completions_request_body(qwen(), request),
            R"({"model":"qwen3-max","prompt":"你写\"训练\"数据\n\n1. [device:主屏]\n2. [alarm.time:7:30]",)"
            R"("temperature":0.7,"top_p":0.95,"max_tokens":800,"seed":5})");
  request.wire = model::Wire::line;
  EXPECT_EQ(completions_request_body(qwen(), request),
            R"({"model":"qwen3-max","prompt":"你写\"训练\"数据1. [device:主屏]\n2. [alarm.time:7:30]",)"
            R"("temperature":0.7,"top_p":0.95,"max_tokens":800,"seed":5,"stop":["\n"]})");
  request.prefix = nullptr;
  request.wire = model::Wire::envelope;
  request.tail = "x";
  EXPECT_NE(completions_request_body(qwen(), request).find(R"("prompt":"x",)"), std::string::npos);
}

TEST(CompletionsAnswer, HasAText) {
  const ChatAnswer answer =
      read_chat_answer(R"({"object":"text_completion","choices":[{"text":" 音量","finish_reason":"length"}],)"
                       R"("usage":{"prompt_tokens":7,"completion_tokens":2}})");
  EXPECT_EQ(answer.kind, Kind::reply);
  EXPECT_EQ(answer.content, " 音量");
  EXPECT_EQ(answer.finish, model::Finish::length);
  EXPECT_EQ(answer.usage.completion_tokens, 2);
  EXPECT_EQ(read_chat_answer(R"({"choices":[{"text":null}]})").kind, Kind::unreadable);
}

TEST(ChatRequestBody, PatternAllowsOnlyTheTags) {
  const auto pattern_of = [](const model::Request& request) {
    simdjson::dom::parser parser;
    const std::string body = chat_request_body(qwen(), request);
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

TEST(ReadChatAnswer, Replies) {
  const struct {
    const char* body;
    const char* content;
    model::Finish finish;
  } cases[] = {
      {R"({"choices":[{"message":{"content":"hi"},"finish_reason":"stop"}]})", "hi", model::Finish::stop},
      {R"({"choices":[{"message":{"content":"hi"},"finish_reason":null}],"error":null})", "hi",
       model::Finish::stop},
      {R"({"choices":[{"message":{"content":"hi"},"finish_reason":"eos_token"}]})", "hi",
       model::Finish::stop},
      {R"({"choices":[{"message":{"content":"h"},"finish_reason":"length"}]})", "h", model::Finish::length},
      {R"({"choices":[{"message":{"content":""},"finish_reason":"content_filter"}]})", "",
       model::Finish::content_filter},
      {R"({"choices":[{"message":{"content":null,"refusal":"I can't"},"finish_reason":"stop"}]})", "I can't",
       model::Finish::stop},
      {R"({"choices":[{"message":{"content":null},"finish_reason":"stop"}]})", "", model::Finish::stop},
      {R"({"choices":[{"message":{"content":[{"type":"text","text":"a"},{"type":"text","text":"b"},"c"]}}]})",
       "abc", model::Finish::stop},
      {R"({"choices":[{"message":{"content":null,"reasoning_content":"hi"},"finish_reason":"stop"}]})", "hi",
       model::Finish::stop},
      {R"({"choices":[{"message":{"content":"hi","reasoning_content":"hm"},"finish_reason":"stop"}]})", "hi",
       model::Finish::stop},
      {R"({"choices":[{"message":{"content":"","reasoning_content":"hm"},"finish_reason":"length"}]})", "",
       model::Finish::length},
      {"\xEF\xBB\xBF{\"choices\":[{\"message\":{\"content\":\"hi\"}}]}", "hi", model::Finish::stop},
      {"{\"choices\":[{\"message\":{\"content\":\"a\xFF\xE4\xB8z\"}}]}", "a\uFFFD\uFFFD\uFFFDz",
       model::Finish::stop},
  };
  for (const auto& c : cases) {
    const ChatAnswer answer = read_chat_answer(c.body);
    EXPECT_EQ(answer.kind, Kind::reply) << c.body << answer.message;
    EXPECT_EQ(answer.content, c.content) << c.body;
    EXPECT_EQ(answer.finish, c.finish) << c.body;
  }
}

TEST(ReadChatAnswer, Usage) {
  const ChatAnswer answer = read_chat_answer(
      R"({"choices":[{"message":{"content":"x"}}],"usage":{"prompt_tokens":12,"completion_tokens":34}})");
  EXPECT_EQ(answer.usage.prompt_tokens, 12);
  EXPECT_EQ(answer.usage.completion_tokens, 34);
  EXPECT_EQ(read_chat_answer(R"({"choices":[{"message":{"content":"x"}}],"usage":null})").usage.prompt_tokens,
            0);
}

TEST(ReadChatAnswer, ErrorsInAllShapes) {
  const struct {
    const char* body;
    const char* message;
    const char* code;
    const char* type;
  } cases[] = {
      {R"({"error":{"message":"no","type":"t","param":null,"code":"c"}})", "no", "c", "t"},
      {R"({"error":{"message":"no","type":"t","code":400}})", "no", "400", "t"},
      {R"({"error":{"message":"no","code":null}})", "no", "", ""},
      {R"({"error":"Unauthorized"})", "Unauthorized", "", ""},
      {R"({"error":"busy","error_type":"overloaded"})", "busy", "", "overloaded"},
      {R"({"detail":"Rate limit reached"})", "Rate limit reached", "", ""},
      {R"({"detail":[{"loc":["body"],"msg":"field required"}]})",
       R"([{"loc":["body"],"msg":"field required"}])", "", ""},
      {R"({"object":"error","message":"full","type":"t","param":null,"code":503})", "full", "503", "t"},
      {R"({"message":"no","object":"error"})", "no", "", ""},
      {R"({"code":"x","msg":"slow"})", "slow", "x", ""},
      {R"([{"error":{"message":"no","status":"UNAVAILABLE","code":503}}])", "no", "503", "UNAVAILABLE"},
      {R"({"error":{"odd":1}})", R"({"odd":1})", "", ""},
  };
  for (const auto& c : cases) {
    const ChatAnswer answer = read_chat_answer(c.body);
    EXPECT_EQ(answer.kind, Kind::error) << c.body;
    EXPECT_EQ(answer.message, c.message) << c.body;
    EXPECT_EQ(answer.code, c.code) << c.body;
    EXPECT_EQ(answer.type, c.type) << c.body;
  }
}

TEST(ReadChatAnswer, Unreadable) {
  const struct {
    const char* body;
    const char* message;
  } cases[] = {
      {"", "an empty body"},
      {" \r\n", "an empty body"},
      {"<html><head><title>502 Bad\nGateway</title>", "an HTML page, `502 Bad Gateway`"},
      {"<!DOCTYPE html>", "an HTML page"},
      {R"({"choices":[{"message")", "a body that is not JSON: `{\"choices\":[{\"message\"`"},
      {R"({"choices":[]})", "JSON without a choice: `{\"choices\":[]}`"},
      {R"({"choices":[{"message":null}]})", "JSON without a choice: `{\"choices\":[{\"message\":null}]}`"},
      {R"({"id":"x"})", "JSON without a choice: `{\"id\":\"x\"}`"},
      {"[]", "JSON that is no object"},
      {"17", "JSON that is no object"},
  };
  for (const auto& c : cases) {
    const ChatAnswer answer = read_chat_answer(c.body);
    EXPECT_EQ(answer.kind, Kind::unreadable) << c.body;
    EXPECT_EQ(answer.message, c.message) << c.body;
  }
}

TEST(ReadChatAnswer, NoPrefixOfAReplyIsAReply) {
  const std::string body =
      R"({"choices":[{"message":{"content":"{\"utterances\":[\"打开\"]}"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1}})";
  ASSERT_EQ(read_chat_answer(body).kind, Kind::reply);
  for (std::size_t size = 0; size < body.size(); ++size)
    EXPECT_EQ(read_chat_answer(std::string_view(body).substr(0, size)).kind, Kind::unreadable) << size;
}

TEST(CleanServerText, IsOneShortLine) {
  EXPECT_EQ(clean_server_text(" a\r\n\tb\x1b[31m\x01 c "), "a b [31m c");
  EXPECT_EQ(clean_server_text("坏\xFF"), "坏\uFFFD");
  std::string much;
  std::string expected;
  for (int i = 0; i < 400; ++i) much += "错";
  for (int i = 0; i < 300; ++i) expected += "错";
  EXPECT_EQ(clean_server_text(much), expected + "…");
  EXPECT_EQ(clean_server_text(expected), expected);
}

TEST(ChatRequestBody, AsksForValuesOfACatalogue) {
  model::Request request = two_utterances();
  request.wire = model::Wire::values;
  request.purpose = model::Purpose::catalogue;
  request.tags.clear();
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  const std::string body = chat_request_body(qwen(), request);
  ASSERT_EQ(parser.parse(body).get(root), simdjson::SUCCESS) << body;
  const auto format = root.at_pointer("/response_format/json_schema");
  EXPECT_EQ(format["name"].get_string().value(), "values");
  EXPECT_EQ(format.at_pointer("/schema/required/0").get_string().value(), "values");
  const auto values = format.at_pointer("/schema/properties/values");
  EXPECT_EQ(values["minItems"].get_int64().value(), 1) << "a model may know fewer";
  EXPECT_EQ(values["maxItems"].get_int64().value(), 2);
  EXPECT_EQ(values.at_pointer("/items/pattern").get_string().value(), R"(^[^\[\]\n]+$)");
}

}  // namespace
}  // namespace remote_model
