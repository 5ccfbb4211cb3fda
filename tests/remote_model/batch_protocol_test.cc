#include "remote_model/batch_protocol.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace remote_model {
namespace {

using testing::HasSubstr;
using Kind = BatchState::Kind;

constexpr const char* kKey = "0123456789abcdef0123456789abcdef";
const BatchRules& kRules = *batch_rules("openai");

TEST(BatchRules, AreThoseOfTheProviders) {
  EXPECT_EQ(batch_rules("openai")->most_lines, 50000U);
  EXPECT_EQ(batch_rules("openai")->most_file_bytes, 200000000U);
  EXPECT_EQ(batch_rules("dashscope")->most_file_bytes, 500000000U);
  EXPECT_EQ(batch_rules("dashscope")->most_line_bytes, 6000000U);
  EXPECT_EQ(batch_rules("vllm"), nullptr);
}

TEST(BatchProtocol, Writes) {
  base::Hash128 key;
  ASSERT_TRUE(base::from_hex(kKey, key));
  EXPECT_EQ(batch_line(key, R"({"model":"m"})"),
            std::string(R"({"custom_id":")") + kKey +
                R"(","method":"POST","url":"/v1/chat/completions","body":{"model":"m"}})" + "\n");
  EXPECT_EQ(creation_body(kRules, "file-1", "slotmill-7"),
            R"({"input_file_id":"file-1","endpoint":"/v1/chat/completions","completion_window":"24h",)"
            R"("metadata":{"slotmill":"slotmill-7"}})");
  EXPECT_THAT(creation_body(*batch_rules("dashscope"), "f", "r"), HasSubstr(R"("metadata":{"ds_name":"r"})"));
}

TEST(BatchProtocol, ReadsTheStateOfABatch) {
  const struct {
    const char* status;
    Kind kind;
  } cases[] = {
      {"validating", Kind::under_way}, {"in_progress", Kind::under_way},   {"finalizing", Kind::under_way},
      {"cancelling", Kind::under_way}, {"something new", Kind::under_way}, {"completed", Kind::completed},
      {"failed", Kind::failed},        {"expired", Kind::expired},         {"cancelled", Kind::cancelled}};
  for (const auto& c : cases) {
    const auto state = read_batch(std::string(R"({"id":"batch_1","status":")") + c.status + "\"}", kRules);
    ASSERT_TRUE(state) << c.status;
    EXPECT_EQ(state->kind, c.kind) << c.status;
    EXPECT_EQ(state->status, c.status);
  }
  const auto full = read_batch(
      R"({"id":"batch_1","status":"failed","output_file_id":"out","error_file_id":null,"metadata":{"slotmill":"r"},)"
      R"("request_counts":{"total":9,"completed":5,"failed":2},"errors":{"object":"list","data":[)"
      R"({"code":"mismatched_model","message":"two models","param":null,"line":3},{"message":"b"},{"message":"c"},)"
      R"({"message":"d"}]}})",
      kRules);
  ASSERT_TRUE(full);
  EXPECT_EQ(full->reference, "r");
  EXPECT_EQ(full->output_file, "out");
  EXPECT_EQ(full->error_file, "");
  EXPECT_EQ(full->answered, 5);
  EXPECT_EQ(full->failed, 2);
  EXPECT_EQ(full->errors, "two models [mismatched_model] (line 3); b; c; and 1 more");
}

TEST(BatchProtocol, ReadsNothingElse) {
  for (const char* text : {"", "no", "[]", "{}", R"({"id":"batch_1"})", R"({"id":7,"status":"failed"})",
                           R"({"id":"../files","status":"failed"})", R"({"id":"a?b","status":"failed"})"}) {
    EXPECT_FALSE(read_batch(text, kRules)) << text;
    EXPECT_FALSE(read_batch_page(text, kRules)) << text;
    EXPECT_FALSE(read_batch_line(text)) << text;
  }
  EXPECT_FALSE(read_file_id(R"({"id":"a/b"})"));
  EXPECT_EQ(read_file_id(R"({"id":"file-1","object":"file"})"), "file-1");
}

TEST(BatchProtocol, ReadsAPage) {
  const auto page = read_batch_page(
      R"({"data":[{"id":"b2","status":"failed","metadata":{"slotmill":"r2"}},{"id":"b1","status":"completed"},)"
      R"({"id":5}],"has_more":true})",
      kRules);
  ASSERT_TRUE(page);
  ASSERT_EQ(page->batches.size(), 2U);
  EXPECT_EQ(page->batches[0].reference, "r2");
  EXPECT_EQ(page->next, "b1");
  EXPECT_EQ(read_batch_page(R"({"data":[{"id":"b1","status":"completed"}],"has_more":false})", kRules)->next,
            "");
}

TEST(BatchProtocol, ReadsLines) {
  const std::string head = std::string(R"({"id":"r","custom_id":")") + kKey + "\",";
  const struct {
    std::string rest;
    int status;
    ChatAnswer::Kind kind;
    const char* text;  // content, or message
    const char* code;
  } cases[] = {
      {R"("response":{"status_code":200,"request_id":"q","body":{"choices":[{"message":{"content":"你好"},"finish_reason":"stop"}]}},"error":null})",
       200, ChatAnswer::Kind::reply, "你好", ""},
      {R"("response":{"status_code":400,"body":{"error":{"message":"too long","code":"context_length_exceeded"}}},"error":null})",
       400, ChatAnswer::Kind::error, "too long", "context_length_exceeded"},
      {R"("response":null,"error":{"code":"batch_expired","message":"This request could not be executed."}})",
       0, ChatAnswer::Kind::error, "This request could not be executed.", "batch_expired"},
      {R"("response":{"status_code":500,"body":{}},"error":{"code":"c","message":"m"}})", 500,
       ChatAnswer::Kind::error, "m", "c"},
  };
  for (const auto& c : cases) {
    const auto line = read_batch_line(head + c.rest);
    ASSERT_TRUE(line) << c.rest;
    EXPECT_EQ(base::to_hex(line->key), kKey);
    EXPECT_EQ(line->status, c.status);
    EXPECT_EQ(line->answer.kind, c.kind) << c.rest;
    EXPECT_EQ(c.kind == ChatAnswer::Kind::reply ? line->answer.content : line->answer.message, c.text);
    EXPECT_EQ(line->answer.code, c.code);
  }
  std::vector<BatchLine> lines;
  EXPECT_TRUE(read_batch_lines(head + cases[0].rest + "\n\nnot JSON\n" + head + cases[1].rest, lines));
  EXPECT_EQ(lines.size(), 2U);
  EXPECT_TRUE(read_batch_lines("\n", lines)) << "empty";
  EXPECT_TRUE(read_batch_lines(R"({"custom_id":"of somebody else"})", lines));
  EXPECT_FALSE(read_batch_lines("<html>502</html>", lines));
  EXPECT_FALSE(read_batch_lines(R"({"error":{"message":"busy"}})", lines));
  EXPECT_EQ(lines.size(), 2U);
}

TEST(BatchProtocol, PausesFromFifteenSecondsToFiveMinutes) {
  const struct {
    int looks;
    double seconds;
  } cases[] = {{0, 15}, {1, 30}, {2, 60}, {4, 240}, {5, 300}, {1000, 300}};
  for (const auto& c : cases)
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      const double pause = static_cast<double>(poll_pause(c.looks, seed).count()) / 1000;
      EXPECT_GE(pause, 0.75 * c.seconds - 0.001) << c.looks;
      EXPECT_LE(pause, 1.25 * c.seconds) << c.looks;
    }
  EXPECT_NE(poll_pause(3, 1), poll_pause(3, 2));
}

}  // namespace
}  // namespace remote_model
