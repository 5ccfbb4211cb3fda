// The provider itself: what other tests, and people by hand, rely on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <set>
#include <string>

#include "base/text.h"
#include "tests/support/process.h"

namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using testing_support::Provider;

std::string chat(const std::string& model, const std::string& more = "") {
  return R"({"model":")" + model + R"(","messages":[{"role":"user","content":"1. [a:b] | plain"}])" + more +
         "}";
}

struct FormCase {
  const char* form;
  const char* path;
  std::string body;
  std::string status;
  std::string says;
  int constrained = 0;
};

void PrintTo(const FormCase& c, std::ostream* out) { *out << c.form << ' ' << c.body; }

class Forms : public ::testing::TestWithParam<FormCase> {};

TEST_P(Forms, ErrorsAndConstraints) {
  const FormCase& c = GetParam();
  const Provider provider({"--form", c.form});
  EXPECT_THAT(provider.post(c.path, c.body), AllOf(StartsWith("HTTP/1.1 " + c.status), HasSubstr(c.says)));
  EXPECT_EQ(provider.statistic("/constrained"), c.constrained);
}

constexpr const char* kChat = "/v1/chat/completions";
const char* kOpenAi = R"(,"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{}}})";

INSTANTIATE_TEST_SUITE_P(
    All, Forms,
    ::testing::Values(
        FormCase{"openai", kChat, chat("m", kOpenAi), "200", "[a:b]", 1},
        FormCase{"openai", kChat, chat("m"), "200", "[a:b]"},
        FormCase{
            "openai", kChat, chat("throttle"), "429",
            R"({"error":{"message":"Rate limit reached","type":"rate_limit_error","param":null,"code":"ra)"},
        FormCase{"openai", kChat, "{}", "400", R"("code":"invalid_body")"},
        FormCase{"tgi", kChat, chat("m", kOpenAi), "422", R"("error_type":"validation")"},
        FormCase{"tgi", kChat, chat("m", R"(,"response_format":{"type":"json","value":{"type":"object"}})"),
                 "200", "[a:b]", 1},
        FormCase{"tgi", kChat, chat("throttle"), "429",
                 R"({"error":"Rate limit reached","error_type":"overloaded"})"},
        FormCase{"ollama", kChat, chat("not-found"), "404", R"("code":null)"},
        FormCase{"ollama", "/api/chat", chat("m", R"(,"stream":false,"format":{"type":"object"})"), "200",
                 R"("done":true,"done_reason":"stop","prompt_eval_count":)", 1},
        FormCase{"ollama", "/api/chat", chat("m", R"(,"stream":false,"format":"jsom")"), "400",
                 R"({"error":"inv)"},
        FormCase{"ollama", "/api/chat", chat("m"), "400", "stream"},
        FormCase{"swift", kChat, chat("unauthorized"), "400",
                 R"({"message":"invalid key","object":"error"})"},
        FormCase{"swift", kChat, chat("m", kOpenAi), "200", "[a:b]"},
        FormCase{"swift", kChat, chat("m", R"(,"structured_outputs_regex":".*")"), "200", "[a:b]", 1},
        FormCase{"swift", "/v1/embeddings", R"({"model":"m","input":["a","b"]})", "400", "one text"},
        FormCase{
            "sglang", kChat, chat("error-503"), "503",
            R"({"object":"error","message":"The server is overloaded","type":"service_unavailable_error",)"
            R"("param":null,"code":503})"},
        FormCase{"sglang", kChat, chat("m", R"(,"regex":".*")"), "200", "[a:b]", 1},
        FormCase{"xinference", kChat, chat("throttle"), "429", R"({"detail":"Rate limit reached"})"}));

TEST(Provider, EmbeddingsAndRanksAreTheSameForTheSameText) {
  const std::string texts =
      R"({"model":"e","input":["open the door","open the door","close"],"dimensions":8})";
  const std::string rank =
      R"({"model":"r","query":"close it","documents":["open","close","close it"],"top_n":2})";
  const struct {
    const char* form;
    const char* path;
    std::string body;
    const char* says;
  } cases[] = {
      {"openai", "/v1/embeddings", texts, R"({"object":"embedding","index":2,"embedding":[)"},
      {"openai", "/v1/rerank", rank,
       R"("results":[{"index":2,"document":{"text":"close it"},"relevance_score":1},)"},
      {"xinference", "/v1/rerank", rank, R"([{"index":2,"relevance_score":1,"document":null},{"index":1,)"},
      {"sglang", "/v1/rerank", rank, "[{\"score\":1,\"document\":\"close it\",\"index\":2,"},
      {"openai", "/compatible-api/v1/reranks", rank,
       R"("results":[{"index":2,"relevance_score":1},{"index":1,)"},
  };
  for (const auto& c : cases) {
    const Provider provider({"--form", c.form});
    const std::string answer = provider.post(c.path, c.body);
    EXPECT_THAT(answer, AllOf(StartsWith("HTTP/1.1 200"), HasSubstr(c.says))) << c.form << c.path;
    EXPECT_EQ(provider.post(c.path, c.body), answer);
  }
}

TEST(Provider, LimitsAreEnforcedAndShown) {
  const Provider requests({"--max-rate", "0.001", "--burst", "2"});
  EXPECT_THAT(requests.post(kChat, chat("m")),
              AllOf(StartsWith("HTTP/1.1 200"), HasSubstr("x-ratelimit-limit-requests: 2\r\n"),
                    HasSubstr("x-ratelimit-remaining-requests: 1\r\n")));
  EXPECT_THAT(requests.post(kChat, chat("m")), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(requests.post(kChat, chat("m")),
              AllOf(StartsWith("HTTP/1.1 429"), HasSubstr("x-ratelimit-reset-requests: 33m")));

  const Provider tokens({"--tokens-per-minute", "50"});
  EXPECT_THAT(tokens.post(kChat, chat("m")), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(tokens.post(kChat, chat("m")),
              AllOf(StartsWith("HTTP/1.1 429"), HasSubstr("x-ratelimit-limit-tokens: 50\r\n")));
}

std::string line(const std::string& id, const std::string& model = "m") {
  return R"({"custom_id":")" + id + R"(","method":"POST","url":"/v1/chat/completions","body":)" +
         chat(model) + "}\n";
}

std::string upload(const Provider& provider, const std::string& content) {
  const std::string body =
      "--xyz\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n"
      "--xyz\r\nContent-Disposition: form-data; name=\"file\"; filename=\"in.jsonl\"\r\n"
      "Content-Type: application/jsonl\r\n\r\n" +
      content + "\r\n--xyz--\r\n";
  return provider.post("/v1/files", body, "Content-Type: multipart/form-data; boundary=xyz\r\n");
}

std::string submit(const Provider& provider, const std::string& file = "file-provider-1") {
  return provider.post("/v1/batches", R"({"input_file_id":")" + file +
                                          R"(","endpoint":"/v1/chat/completions","completion_window":"24h",)"
                                          R"("metadata":{"ds_name":"n"}})");
}

TEST(Batches, LinesAreAnsweredOutOfOrderAndSomeFail) {
  const Provider provider({"--batch-fail-rate", "0.3"});
  std::string input;
  for (int i = 0; i < 40; ++i) input += line("c" + std::to_string(i));
  EXPECT_THAT(upload(provider, input), HasSubstr("\"id\":\"file-provider-1\""));
  EXPECT_THAT(submit(provider), AllOf(HasSubstr("\"id\":\"batch_1\""), HasSubstr("\"status\":\"validating\""),
                                      HasSubstr(R"("metadata":{"ds_name":"n"})")));
  EXPECT_THAT(provider.get("/v1/batches/batch_1"), HasSubstr(R"("status":"in_progress")"));
  EXPECT_THAT(provider.get("/v1/batches/batch_1"),
              AllOf(HasSubstr(R"("status":"completed")"), HasSubstr(R"("output_file_id":"file-provider-2")"),
                    HasSubstr(R"("error_file_id":"file-provider-3")"), HasSubstr(R"("total":40)")));
  const std::string output = provider.get("/v1/files/file-provider-2/content");
  const std::string errors = provider.get("/v1/files/file-provider-3/content");
  EXPECT_THAT(output, AllOf(HasSubstr(R"("status_code":200)"), Not(HasSubstr(R"("status_code":500)"))));
  EXPECT_THAT(errors, HasSubstr(R"("status_code":500)"));
  std::vector<std::string> ids;
  const std::string both = output + errors;
  for (const std::string_view text : base::split(both, '\n')) {
    const std::size_t at = text.find("\"custom_id\":\"");
    if (at != std::string_view::npos)
      ids.emplace_back(text.substr(at + 13, text.find('"', at + 13) - at - 13));
  }
  EXPECT_EQ(ids.size(), 40U);
  EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), 40U);
  EXPECT_FALSE(ids[0] == "c0" && ids[1] == "c1" && ids[2] == "c2");
  EXPECT_EQ(provider.statistic("/batches/submitted"), 1);
  EXPECT_EQ(provider.statistic("/batches/lines"), 40);
  EXPECT_EQ(provider.statistic("/requests"), 0);
  submit(provider);
  EXPECT_EQ(provider.statistic("/batches/submitted"), 2);
  EXPECT_THAT(
      provider.get("/v1/batches?limit=1"),
      AllOf(HasSubstr("batch_2"), Not(HasSubstr("\"id\":\"batch_1\"")), HasSubstr("\"has_more\":true")));
  EXPECT_THAT(provider.get("/v1/batches?after=batch_2"),
              AllOf(HasSubstr("\"id\":\"batch_1\""), HasSubstr("\"has_more\":false")));
}

TEST(Batches, WhatIsWrongWithAFileEndsItsBatch) {
  const struct {
    std::string input;
    const char* code;
  } cases[] = {
      {"", "empty_file"},
      {line("a") + line("b") + line("c") + line("d"), "too_many_tasks"},
      {line("a") + line("a"), "duplicate_custom_id"},
      {line("a") + line("b", "other"), "mismatched_model"},
      {line("a") + "{\n", "invalid_json_line"},
  };
  for (const auto& c : cases) {
    const Provider provider({"--batch-lines", "3"});
    upload(provider, c.input);
    EXPECT_THAT(submit(provider), HasSubstr("\"status\":\"validating\""));
    EXPECT_THAT(provider.get("/v1/batches/batch_1"),
                AllOf(HasSubstr("\"status\":\"failed\""), HasSubstr(c.code)));
  }
  const Provider small({"--batch-bytes", "100"});
  EXPECT_THAT(upload(small, line("a") + line("b")),
              AllOf(StartsWith("HTTP/1.1 413"), HasSubstr("100 bytes")));
  EXPECT_THAT(submit(small), StartsWith("HTTP/1.1 404"));
}

TEST(Batches, TheyExpireAndAreCancelled) {
  const Provider expiring({"--batch-end", "expired", "--batch-polls", "1"});
  upload(expiring, line("a") + line("b"));
  submit(expiring);
  EXPECT_THAT(expiring.get("/v1/batches/batch_1"),
              AllOf(HasSubstr("\"status\":\"expired\""), HasSubstr(R"("completed":1,"failed":1)")));
  EXPECT_THAT(expiring.get("/v1/files/file-provider-3/content"), HasSubstr("\"code\":\"batch_expired\""));

  const Provider cancelled;
  upload(cancelled, line("a") + line("b"));
  submit(cancelled);
  EXPECT_THAT(cancelled.get("/v1/batches/batch_1"), HasSubstr("\"completed\":1"));
  EXPECT_THAT(cancelled.post("/v1/batches/batch_1/cancel", ""), HasSubstr("\"status\":\"cancelling\""));
  EXPECT_THAT(cancelled.get("/v1/batches/batch_1"),
              AllOf(HasSubstr("\"status\":\"cancelled\""), HasSubstr(R"("completed":1,"failed":1)")));
  EXPECT_THAT(cancelled.post("/v1/batches/batch_1/cancel", ""), StartsWith("HTTP/1.1 409"));
}

}  // namespace
