#include "remote_model/embeddings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace remote_model {
namespace {

using testing::ElementsAre;
using testing::FloatNear;
using testing::HasSubstr;

TEST(Embeddings, AskForOneText) {
  model::ModelIdentity identity;
  identity.name = "bge-m3";
  model::Request request;
  request.purpose = model::Purpose::embed;
  request.tail = "把\"主屏\"\n打开";
  EXPECT_EQ(embedding_request_body(identity, request), R"({"model":"bge-m3","input":"把\"主屏\"\n打开"})");
}

TEST(Embeddings, AreReadInEveryForm) {
  const struct {
    const char* server;
    const char* body;
    std::int64_t tokens;
  } cases[] = {
      {"OpenAI",
       R"({"object":"list","data":[{"object":"embedding","index":0,"embedding":[3.0,-4.0]}],"model":"m","usage":{"prompt_tokens":8,"total_tokens":8}})",
       8},
      {"vLLM",
       R"({"id":"embd-1","object":"list","created":1,"model":"m","data":[{"index":0,"object":"embedding","embedding":[0.3,-0.4]}],"usage":{"prompt_tokens":5,"total_tokens":5,"completion_tokens":0,"prompt_tokens_details":null}})",
       5},
      {"Xinference, integers",
       R"({"object":"list","model":"m-1-0","data":[{"index":0,"object":"embedding","embedding":[3,-4]}],"usage":{"prompt_tokens":37,"total_tokens":37}})",
       37},
      {"Ollama, no prompt_tokens",
       R"({"object":"list","data":[{"object":"embedding","embedding":[6e-3,-8e-3],"index":0}],"model":"m","usage":{"total_tokens":4}})",
       4},
      {"swift deploy",
       R"({"model":"m","data":[{"object":"embedding","embedding":[0.6,-0.8],"index":0}],"usage":{"prompt_tokens":6,"completion_tokens":0,"total_tokens":6},"id":"1","object":"list","created":1})",
       6},
      {"base64", R"({"data":[{"embedding":"AABAQAAAgMA=","index":0}]})", 0},
      {"base64 without padding", R"({"data":[{"embedding":"AABAQAAAgMA"}],"usage":null})", 0},
  };
  for (const auto& c : cases) {
    std::vector<float> vector;
    const ChatAnswer answer = read_embedding(c.body, vector);
    EXPECT_EQ(answer.kind, ChatAnswer::Kind::reply) << c.server << answer.message;
    EXPECT_THAT(vector, ElementsAre(FloatNear(0.6F, 1e-6F), FloatNear(-0.8F, 1e-6F))) << c.server;
    EXPECT_EQ(answer.usage.prompt_tokens, c.tokens) << c.server;
    EXPECT_EQ(answer.content, "") << c.server;
  }
}

TEST(Embeddings, AreRefusedWithWhatWasSaid) {
  const struct {
    const char* body;
    ChatAnswer::Kind kind;
    const char* message;
  } cases[] = {
      {R"({"error":{"message":"no such model","code":"model_not_found"}})", ChatAnswer::Kind::error,
       "no such model"},
      {R"({"detail":"Model not found"})", ChatAnswer::Kind::error, "Model not found"},
      {R"({"message":"wrong key","object":"error"})", ChatAnswer::Kind::error, "wrong key"},
      {"", ChatAnswer::Kind::unreadable, "an empty body"},
      {"<html><title>502</title>", ChatAnswer::Kind::unreadable, "an HTML page, `502`"},
      {R"({"data":[{"embedding":[1,2)", ChatAnswer::Kind::unreadable, "JSON without an embedding"},
      {R"({"data":[]})", ChatAnswer::Kind::unreadable, "JSON without an embedding"},
      {R"({"data":[{"embedding":[]}]})", ChatAnswer::Kind::unreadable, "JSON without an embedding"},
      {R"({"data":[{"embedding":[0,0]}]})", ChatAnswer::Kind::unreadable, "JSON without an embedding"},
      {R"({"data":[{"embedding":[1,"x"]}]})", ChatAnswer::Kind::unreadable, "JSON without an embedding"},
      {R"({"data":[{"embedding":[1e300,1]}]})", ChatAnswer::Kind::unreadable, "JSON without an embedding"},
      {R"({"data":[{"embedding":"AABA"}]})", ChatAnswer::Kind::unreadable, "JSON without an embedding"},
      {R"({"data":[{"embedding":"!"}]})", ChatAnswer::Kind::unreadable, "JSON without an embedding"},
      {R"({"data":[{"embedding":"AADAfwAAgD8="}]})", ChatAnswer::Kind::unreadable,
       "JSON without an embedding"},
      {R"({"choices":[{"message":{"content":"x"}}]})", ChatAnswer::Kind::unreadable,
       "JSON without an embedding"},
  };
  for (const auto& c : cases) {
    std::vector<float> vector{1};
    const ChatAnswer answer = read_embedding(c.body, vector);
    EXPECT_EQ(answer.kind, c.kind) << c.body;
    EXPECT_THAT(answer.message, HasSubstr(c.message)) << c.body;
    EXPECT_TRUE(vector.empty()) << c.body;
  }
}

}  // namespace
}  // namespace remote_model
