#include "remote_model/chat.h"

#include <gtest/gtest.h>

#include <string>

namespace remote_model {
namespace {

using Kind = ChatAnswer::Kind;

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
      {R"({"choices":[{"message":{"content":"hi","reasoning":"hm"},"finish_reason":"stop"}]})", "hi",
       model::Finish::stop},
      {R"({"choices":[{"message":{"content":null,"reasoning":"hi"},"finish_reason":"stop"}]})", "hi",
       model::Finish::stop},
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
  const struct {
    const char* usage;
    std::int64_t cached;
    std::int64_t reasoning;
  } cases[] = {
      {R"("prompt_tokens":12,"completion_tokens":34)", 0, 0},
      {R"("prompt_tokens":12,"completion_tokens":34,"prompt_tokens_details":null)", 0, 0},
      // OpenAI, DashScope, vLLM
      {R"("prompt_tokens":12,"completion_tokens":34,"prompt_tokens_details":{"cached_tokens":8},
          "completion_tokens_details":{"reasoning_tokens":20})",
       8, 20},
      // DeepSeek
      {R"("prompt_tokens":12,"completion_tokens":34,"prompt_cache_hit_tokens":8,"prompt_cache_miss_tokens":4)",
       8, 0},
      // SGLang
      {R"("prompt_tokens":12,"completion_tokens":34,"reasoning_tokens":20,"prompt_tokens_details":null)", 0,
       20},
  };
  for (const auto& c : cases) {
    const ChatAnswer answer = read_chat_answer(std::string(R"({"choices":[{"message":{"content":"x"}}],)") +
                                               R"("usage":{)" + c.usage + "}}");
    EXPECT_EQ(answer.usage.prompt_tokens, 12) << c.usage;
    EXPECT_EQ(answer.usage.completion_tokens, 34) << c.usage;
    EXPECT_EQ(answer.usage.cached_tokens, c.cached) << c.usage;
    EXPECT_EQ(answer.usage.reasoning_tokens, c.reasoning) << c.usage;
  }
  const auto absurd = read_chat_answer(
      R"({"choices":[{"message":{"content":"x"}}],"usage":{"prompt_tokens":9000000000000000000,"completion_tokens":-5}})");
  EXPECT_EQ(absurd.usage.prompt_tokens, std::int64_t{1} << 40);
  EXPECT_EQ(absurd.usage.completion_tokens, 0);
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

}  // namespace
}  // namespace remote_model
