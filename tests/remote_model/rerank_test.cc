#include "remote_model/rerank.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "remote_model/remote_model.h"
#include "remote_model/transport.h"
#include "tests/support/http_server.h"

namespace remote_model {
namespace {

using testing::ElementsAre;
using testing::FloatNear;
using testing::HasSubstr;
using testing_support::HttpAnswer;
using testing_support::HttpExchange;
using testing_support::HttpServer;

TEST(Rerank, AsksForAllDocuments) {
  model::ModelIdentity identity;
  identity.name = "qwen3-rerank";
  model::Request request;
  request.purpose = model::Purpose::rank;
  request.tail = "开灯";
  request.documents = {"打开灯", "关\"灯\""};
  EXPECT_EQ(rank_request_body(identity, request),
            R"({"model":"qwen3-rerank","query":"开灯","documents":["打开灯","关\"灯\""]})");
}

TEST(Rerank, ScoresAreReadInEveryForm) {
  const struct {
    const char* server;
    const char* body;
    std::int64_t tokens;
  } cases[] = {
      {"Xinference",
       R"({"id":"1","results":[{"index":1,"relevance_score":0.25,"document":null},{"index":0,"relevance_score":-1.5,"document":null}],"meta":{"api_version":null,"tokens":null}})",
       0},
      {"vLLM",
       R"({"id":"rerank-1","model":"m","usage":{"total_tokens":56},"results":[{"index":0,"document":{"text":"a"},"relevance_score":-1.5},{"index":1,"document":{"text":"b"},"relevance_score":0.25}]})",
       56},
      {"SGLang",
       R"([{"score":0.25,"document":"b","index":1,"meta_info":{"prompt_tokens":12}},{"score":-1.5,"document":"a","index":0,"meta_info":{}}])",
       0},
      {"DashScope",
       R"({"object":"list","results":[{"index":1,"relevance_score":0.25},{"index":0,"relevance_score":-1.5}],"model":"qwen3-rerank","id":"x","usage":{"total_tokens":79}})",
       79},
  };
  for (const auto& c : cases) {
    std::vector<float> scores;
    const ChatAnswer answer = read_ranking(c.body, 2, scores);
    EXPECT_EQ(answer.kind, ChatAnswer::Kind::reply) << c.server << answer.message;
    EXPECT_THAT(scores, ElementsAre(-1.5F, 0.25F)) << c.server;
    EXPECT_EQ(answer.usage.prompt_tokens, c.tokens) << c.server;
  }
}

TEST(Rerank, WhatIsNoRankingIsRefused) {
  const struct {
    const char* body;
    ChatAnswer::Kind kind;
    const char* message;
  } cases[] = {
      {R"({"detail":"Model is loading"})", ChatAnswer::Kind::error, "Model is loading"},
      {R"({"object":"error","message":"too long","type":"BadRequestError","code":400})",
       ChatAnswer::Kind::error, "too long"},
      {R"([])", ChatAnswer::Kind::unreadable, "JSON without a score of each document"},
      {R"({"results":[{"index":0,"relevance_score":1}]})", ChatAnswer::Kind::unreadable,
       "JSON without a score"},
      {R"({"results":[{"index":0,"relevance_score":1},{"index":0,"relevance_score":1}]})",
       ChatAnswer::Kind::unreadable, "JSON without a score"},
      {R"({"results":[{"index":0,"relevance_score":1},{"index":2,"relevance_score":1}]})",
       ChatAnswer::Kind::unreadable, "JSON without a score"},
      {R"({"results":[{"index":0,"relevance_score":1},{"index":-1,"relevance_score":1}]})",
       ChatAnswer::Kind::unreadable, "JSON without a score"},
      {R"({"results":[{"index":0,"relevance_score":1},{"index":1,"relevance_score":null}]})",
       ChatAnswer::Kind::unreadable, "JSON without a score"},
      {R"({"results":[{"index":0,"relevance_score":1},{"index":1,"relevance_score":1e300}]})",
       ChatAnswer::Kind::unreadable, "JSON without a score"},
      {R"({"results":[{"index":0,)", ChatAnswer::Kind::unreadable, "JSON without a score"},
  };
  for (const auto& c : cases) {
    std::vector<float> scores{1};
    const ChatAnswer answer = read_ranking(c.body, 2, scores);
    EXPECT_EQ(answer.kind, c.kind) << c.body;
    EXPECT_THAT(answer.message, HasSubstr(c.message)) << c.body;
    EXPECT_TRUE(scores.empty()) << c.body;
  }
}

class OneOutcome final : public model::OutcomeSink {
 public:
  void deliver(model::Ticket, model::Outcome outcome) override { promise_.set_value(std::move(outcome)); }
  model::Outcome get() { return promise_.get_future().get(); }

 private:
  std::promise<model::Outcome> promise_;
};

struct Asked {
  model::Outcome outcome;
  std::string path;
  model::Capabilities capabilities;
};

Asked ask(RemoteSpec spec, const model::Request& request, const std::string& suffix,
          const std::vector<HttpAnswer>& answers) {
  Asked asked;
  OneOutcome sink;
  std::size_t requests = 0;
  const HttpServer server([&](const HttpExchange& exchange) {
    asked.path = exchange.path;
    EXPECT_EQ(exchange.method, "POST");
    EXPECT_THAT(exchange.body, HasSubstr(request.tail));
    return answers.at(requests++);
  });
  const auto transport = std::move(Transport::start(4).value());
  spec.id = "m";
  spec.identity.name = "m";
  const std::string address = server.base_url();
  spec.base_url =
      suffix.starts_with('!') ? address.substr(0, address.size() - 3) + suffix.substr(1) : address + suffix;
  auto model = RemoteModel::make(spec, *transport).value();
  asked.capabilities = model->capabilities();
  model->submit(1, request, sink);
  asked.outcome = sink.get();
  EXPECT_EQ(requests, answers.size());
  return asked;
}

TEST(Endpoints, EmbeddingsAndRankingsComeOverTheWire) {
  ASSERT_TRUE(init_transport_library());
  const HttpAnswer busy{503, R"({"detail":"Model is loading"})", "retry-after-ms: 1\r\n", false};
  model::Request embed;
  embed.purpose = model::Purpose::embed;
  embed.tail = "开灯";
  RemoteSpec spec;
  spec.purpose = model::Purpose::embed;
  const HttpAnswer vector{200, R"({"data":[{"embedding":[3,4]}],"usage":{"prompt_tokens":2}})"};
  for (const char* suffix : {"", "/", "/embeddings"}) {
    const Asked asked = ask(spec, embed, suffix, {busy, vector});
    EXPECT_EQ(asked.path, "/v1/embeddings");
    EXPECT_TRUE(asked.capabilities.embeds);
    EXPECT_FALSE(asked.capabilities.ranks);
    EXPECT_EQ(asked.outcome.kind, model::Outcome::Kind::reply) << asked.outcome.body;
    EXPECT_THAT(asked.outcome.embedding, ElementsAre(FloatNear(0.6F, 1e-6F), FloatNear(0.8F, 1e-6F)));
    EXPECT_EQ(asked.outcome.usage.prompt_tokens, 2);
  }

  model::Request rank = embed;
  rank.purpose = model::Purpose::rank;
  rank.documents = {"打开灯", "关灯"};
  spec.purpose = model::Purpose::rank;
  const HttpAnswer ranking{200, R"([{"score":0.5,"index":1},{"score":2,"index":0}])"};
  const struct {
    const char* provider;
    const char* suffix;
    const char* path;
  } cases[] = {
      {"vllm", "", "/v1/rerank"},
      {"vllm", "/rerank", "/v1/rerank"},
      {"vllm", "/reranks", "/v1/reranks"},
      {"dashscope", "!/compatible-mode/v1", "/compatible-api/v1/reranks"},
      {"dashscope", "!/compatible-api/v1", "/compatible-api/v1/reranks"},
      {"dashscope", "!/compatible-api/v1/reranks", "/compatible-api/v1/reranks"},
  };
  for (const auto& c : cases) {
    spec.identity.provider = c.provider;
    const Asked asked = ask(spec, rank, c.suffix, {ranking});
    EXPECT_EQ(asked.path, c.path);
    EXPECT_TRUE(asked.capabilities.ranks);
    EXPECT_EQ(asked.outcome.kind, model::Outcome::Kind::reply) << asked.outcome.body;
    EXPECT_THAT(asked.outcome.scores, ElementsAre(2.0F, 0.5F));
  }
  const Asked down = ask(spec, rank, "", {{404, R"({"detail":"Model not found"})"}});
  EXPECT_EQ(down.outcome.kind, model::Outcome::Kind::owed);
  EXPECT_TRUE(down.outcome.model_down);
  EXPECT_THAT(down.outcome.body, HasSubstr("404 Not Found: Model not found"));
}

}  // namespace
}  // namespace remote_model
