// When a file is closed, what a line means.
#include "remote_model/batch.h"

#include <gtest/gtest.h>

namespace remote_model {
namespace {

using base::Milliseconds;
using model::Request;

constexpr Milliseconds kSecond{1000};

TEST(BatchCollector, ClosesWhenNothingHasComeForASecond) {
  Request request;
  BatchCollector collector(50000, 1000, 1);
  EXPECT_TRUE(collector.empty());
  collector.add({1, &request, nullptr, 0}, "line\n", Milliseconds(100));
  EXPECT_FALSE(collector.is_due(Milliseconds(1099), false));
  EXPECT_TRUE(collector.is_due(Milliseconds(1100), false));
  collector.add({2, &request, nullptr, 0}, "line\n", Milliseconds(1000));
  EXPECT_FALSE(collector.is_due(Milliseconds(1999), false));
  EXPECT_TRUE(collector.is_due(Milliseconds(2000), false));
}

TEST(BatchCollector, CollectsForFiveMinutesWhileOthersAreUnderWay) {
  Request request;
  BatchCollector collector(50000, 1000, 1);
  collector.add({1, &request, nullptr, 0}, "line\n", 10 * kSecond);
  collector.add({2, &request, nullptr, 0}, "line\n", 200 * kSecond);
  EXPECT_FALSE(collector.is_due(309 * kSecond, true));
  EXPECT_TRUE(collector.is_due(310 * kSecond, true));
}

TEST(BatchCollector, HasRoomForSoManyRequestsAndBytes) {
  Request requests[3];
  for (std::uint64_t i = 0; i < 3; ++i) requests[i].key.low = i;
  BatchCollector collector(2, 12, 1);
  collector.add({1, &requests[0], nullptr, 0}, "12345\n", Milliseconds(0));
  EXPECT_FALSE(collector.is_full());
  EXPECT_FALSE(collector.needs_new_file(6));
  EXPECT_TRUE(collector.needs_new_file(7));
  collector.add({2, &requests[1], nullptr, 0}, "12345\n", Milliseconds(0));
  EXPECT_TRUE(collector.is_full());
  const BatchPtr batch = collector.close();
  EXPECT_TRUE(collector.empty());
  EXPECT_FALSE(collector.needs_new_file(12));
  EXPECT_EQ(batch->size, 2U);
  EXPECT_EQ(batch->keys.size(), 2U);
  EXPECT_EQ(batch->lines.size(), 2U);
  EXPECT_EQ(batch->items.size(), 2U);
  EXPECT_EQ(batch->reference.size(), std::string("slotmill-").size() + 32);
  collector.add({3, &requests[2], nullptr, 0}, "1\n", Milliseconds(0));
  EXPECT_NE(collector.close()->reference, batch->reference);
}

TEST(BatchLineVerdict, IsThatOfAnAnswerByItself) {
  const std::string reply =
      R"({"choices":[{"message":{"content":"x"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2}})";
  const struct {
    int status;
    std::string body;
    const char* provider;
    Verdict verdict;
  } cases[] = {
      {200, reply, "openai", Verdict::reply},
      {200, "{}", "openai", Verdict::unreadable},
      {400, R"({"error":{"message":"m","code":"content_filter"}})", "openai", Verdict::reply},
      {400, R"({"error":{"message":"m"}})", "openai", Verdict::refused},
      {422, R"({"error":{"message":"m"}})", "openai", Verdict::refused},
      {401, R"({"error":{"message":"m"}})", "openai", Verdict::down},
      {404, R"({"error":{"message":"m"}})", "openai", Verdict::down},
      {429, R"({"error":{"message":"m","code":"rate_limit_exceeded"}})", "openai", Verdict::throttled},
      {429, R"({"error":{"message":"m","code":"insufficient_quota"}})", "openai", Verdict::down},
      {429, R"({"error":{"message":"m","code":"insufficient_quota"}})", "dashscope", Verdict::throttled},
      {500, R"({"error":{"message":"m"}})", "openai", Verdict::retry},
      {0, "", "openai", Verdict::retry},
  };
  for (const auto& c : cases) {
    BatchLine line;
    line.status = c.status;
    line.answer = read_chat_answer(c.body);
    EXPECT_EQ(line_verdict(line, *find_dialect(c.provider)), c.verdict) << c.status << " " << c.body;
  }
}

}  // namespace
}  // namespace remote_model
