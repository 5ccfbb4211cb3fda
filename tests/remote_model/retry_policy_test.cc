#include "remote_model/retry_policy.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

namespace remote_model {

const char* name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::reply:
      return "reply";
    case Verdict::throttled:
      return "throttled";
    case Verdict::retry:
      return "retry";
    case Verdict::unreachable:
      return "unreachable";
    case Verdict::unreadable:
      return "unreadable";
    case Verdict::refused:
      return "refused";
    case Verdict::down:
      return "down";
  }
  return "";
}
void PrintTo(Verdict verdict, std::ostream* out) { *out << name_of(verdict); }

namespace {

using namespace std::chrono_literals;
using Failure = HttpResponse::Failure;

Verdict classify_body(int status, const std::string& body, const char* provider = "openai") {
  HttpResponse response;
  response.status = status;
  return classify(response, read_chat_answer(body), dialect_for(provider, "https://api.openai.com/v1"));
}

TEST(RetryPolicy, Statuses) {
  const struct {
    int status;
    Verdict verdict;
  } cases[] = {
      {429, Verdict::throttled},  {503, Verdict::throttled}, {529, Verdict::throttled},
      {408, Verdict::retry},      {409, Verdict::retry},     {424, Verdict::retry},
      {425, Verdict::retry},      {500, Verdict::retry},     {502, Verdict::retry},
      {504, Verdict::retry},      {520, Verdict::retry},     {400, Verdict::refused},
      {413, Verdict::refused},    {422, Verdict::refused},   {415, Verdict::refused},
      {501, Verdict::refused},    {401, Verdict::down},      {402, Verdict::down},
      {403, Verdict::down},       {404, Verdict::down},      {405, Verdict::down},
      {301, Verdict::down},       {307, Verdict::down},      {200, Verdict::unreadable},
      {204, Verdict::unreadable},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(classify_body(c.status, ""), c.verdict) << c.status;
    EXPECT_EQ(classify_body(c.status, "<html>"), c.verdict) << c.status;
  }
}

TEST(RetryPolicy, Failures) {
  const struct {
    Failure failure;
    Verdict verdict;
  } cases[] = {
      {Failure::timeout, Verdict::retry},        {Failure::reset, Verdict::retry},
      {Failure::other, Verdict::retry},          {Failure::connect, Verdict::unreachable},
      {Failure::resolve, Verdict::unreachable},  {Failure::tls, Verdict::unreachable},
      {Failure::certificate, Verdict::down},     {Failure::proxy, Verdict::unreachable},
      {Failure::too_large, Verdict::unreadable},
  };
  for (const auto& c : cases) {
    HttpResponse response;
    response.failure = c.failure;
    EXPECT_EQ(classify(response, {}, *find_dialect("openai")), c.verdict) << static_cast<int>(c.failure);
  }
}

TEST(RetryPolicy, ErrorCodesSayMoreThanStatuses) {
  const struct {
    int status;
    const char* body;
    const char* provider;
    Verdict verdict;
  } cases[] = {
      {429, R"({"error":{"message":"m","type":"insufficient_quota","code":"insufficient_quota"}})", "openai",
       Verdict::down},
      {429, R"({"error":{"message":"m","type":"insufficient_quota","code":"insufficient_quota"}})",
       "dashscope", Verdict::throttled},
      {429, R"({"error":{"message":"m","code":"PrepaidBillOverdue"}})", "dashscope", Verdict::down},
      {429, R"({"error":{"message":"m","code":"rate_limit_exceeded"}})", "openai", Verdict::throttled},
      {400, R"({"error":{"message":"m","code":"Arrearage"}})", "dashscope", Verdict::down},
      {400, R"({"error":{"message":"m","code":"data_inspection_failed"}})", "dashscope", Verdict::reply},
      {400, R"({"error":{"message":"m","code":"content_filter"}})", "openai", Verdict::reply},
      {400, R"({"error":{"message":"m","code":"InputTextSensitiveContentDetected"}})", "ark", Verdict::reply},
      {400, R"({"error":{"message":"m","code":"Throttling.RateQuota"}})", "dashscope", Verdict::throttled},
      {200, R"({"error":{"message":"m","code":"rpm_rate_limit_exceeded"}})", "qianfan", Verdict::throttled},
      {200, R"({"error":{"message":"m","code":"invalid_api_key"}})", "qianfan", Verdict::down},
      {200, R"({"error":{"message":"m","code":"invalid_model"}})", "qianfan", Verdict::down},
      {200, R"({"error":{"message":"m","code":500}})", "vllm", Verdict::retry},
      {200, R"({"error":{"message":"m","code":503}})", "sglang", Verdict::throttled},
      {200, R"({"error":"gone"})", "openai", Verdict::unreadable},
      {200, R"({"choices":[{"message":{"content":"x"}}]})", "openai", Verdict::reply},
      {200, R"({"choices":[{"message":{"content":"x"},"finish_reason":"abort"}]})", "sglang",
       Verdict::unreadable},
  };
  for (const auto& c : cases) EXPECT_EQ(classify_body(c.status, c.body, c.provider), c.verdict) << c.body;
}

// What each provider is known to say, and what follows.
TEST(RetryPolicy, ProvidersErrors) {
  const struct {
    const char* provider;
    int status;
    const char* body;
    Verdict verdict;
  } cases[] = {
      {"openai", 400, R"({"error":{"message":"m","type":"invalid_request_error","param":"messages",
          "code":"context_length_exceeded"}})",
       Verdict::refused},
      {"openai", 429, R"({"error":{"message":"m","type":"rate_limit_error","code":"slow_down"}})",
       Verdict::throttled},
      {"openai", 429, R"({"error":{"message":"m","type":"insufficient_quota","code":"credit_exhausted"}})",
       Verdict::down},
      {"openai", 503, R"({"error":{"message":"m","type":"service_unavailable_error",
          "code":"server_is_overloaded"}})",
       Verdict::throttled},
      {"openai", 401, R"({"error":{"message":"m","type":"invalid_request_error","code":"invalid_api_key"}})",
       Verdict::down},

      {"dashscope", 401,
       R"({"error":{"message":"m","type":"invalid_request_error","code":"invalid_api_key"}})", Verdict::down},
      {"dashscope", 429, R"({"error":{"message":"m","type":"limit_requests","code":"limit_requests"}})",
       Verdict::throttled},
      {"dashscope", 429, R"({"error":{"message":"m","type":"limit_burst_rate","code":"limit_burst_rate"}})",
       Verdict::throttled},
      {"dashscope", 429, R"({"error":{"message":"m","code":"Throttling.AllocationQuota"}})",
       Verdict::throttled},
      {"dashscope", 429, R"({"error":{"message":"m","code":"CommodityNotPurchased"}})", Verdict::down},
      {"dashscope", 500, R"({"error":{"message":"m","code":"RequestTimeOut"}})", Verdict::retry},
      {"dashscope", 500, R"({"error":{"message":"m","code":"ModelServingError"}})", Verdict::retry},
      {"dashscope", 503, R"({"error":{"message":"m","code":"ModelServingError"}})", Verdict::retry},
      {"dashscope", 503, R"({"error":{"message":"m","code":"ModelUnavailable"}})", Verdict::throttled},
      {"dashscope", 400, R"({"error":{"message":"'messages' must contain the word 'json' in some form",
          "type":"invalid_request_error","code":null}})",
       Verdict::refused},

      {"qianfan", 400, R"({"error":{"code":"malformed_json","message":"m","type":"invalid_request_error"},
          "id":"as-1"})",
       Verdict::refused},
      {"qianfan", 400, R"({"error":{"code":"invalid_model","message":"m","type":"invalid_request_error"}})",
       Verdict::down},
      {"qianfan", 400, R"({"error":{"code":"tokens_too_long","message":"m"}})", Verdict::refused},
      {"qianfan", 200, R"({"error":{"code":"characters_too_long","message":"m"}})", Verdict::refused},
      {"qianfan", 200, R"({"error":{"code":"invalid_messages","message":"m"}})", Verdict::refused},
      {"qianfan", 429, R"({"error":{"code":"tpm_rate_limit_exceeded","message":"m"}})", Verdict::throttled},
      {"qianfan", 200, R"({"code":"rpm_rate_limit_exceeded","msg":"m"})", Verdict::throttled},

      {"ark", 400, R"({"error":{"code":"InvalidParameter","message":"m","type":"BadRequest"}})",
       Verdict::refused},
      {"ark", 404, R"({"error":{"code":"InvalidEndpointOrModel.NotFound","message":"m","type":"NotFound"}})",
       Verdict::down},
      {"ark", 429, R"({"error":{"code":"RateLimitExceeded.EndpointTPMExceeded","message":"m",
          "type":"TooManyRequests"}})",
       Verdict::throttled},
      {"ark", 503, R"({"error":{"code":"ServerOverloaded","message":"m"}})", Verdict::throttled},

      {"deepseek", 402, R"({"error":{"message":"Insufficient Balance","type":"unknown_error"}})",
       Verdict::down},

      {"vllm", 401, R"({"error":"Unauthorized"})", Verdict::down},
      {"vllm", 400, R"({"error":{"message":"m","type":"BadRequestError","param":null,"code":400}})",
       Verdict::refused},
      {"vllm", 404, R"({"error":{"message":"m","type":"NotFoundError","param":"model","code":404}})",
       Verdict::down},
      {"vllm", 422, R"({"error":{"message":"m","type":"UnprocessableEntityError","code":422}})",
       Verdict::refused},
      {"vllm", 500, R"({"error":{"message":"m","type":"InternalServerError","code":500}})", Verdict::retry},

      {"sglang", 503, R"({"object":"error","message":"The request queue is full.","type":"m","code":503})",
       Verdict::throttled},
      {"sglang", 200, R"({"error":{"object":"error","message":"The request queue is full.","code":503}})",
       Verdict::throttled},
      {"sglang", 400,
       R"({"object":"error","message":"Requested token count exceeds the model's maximum context
          length","type":"BadRequestError","param":null,"code":400})",
       Verdict::refused},
      {"ktransformers", 503, R"({"object":"error","message":"The request queue is full.","code":503})",
       Verdict::throttled},

      {"tgi", 429, R"({"error":"Model is overloaded","error_type":"overloaded"})", Verdict::throttled},
      {"tgi", 422, R"({"error":"Input validation error","error_type":"validation"})", Verdict::refused},
      {"tgi", 424, R"({"error":"Request failed during generation","error_type":"generation"})",
       Verdict::retry},
      {"tgi", 503, R"({"error":"unhealthy","error_type":"healthcheck"})", Verdict::throttled},

      {"xinference", 400, R"({"detail":"Model not found"})", Verdict::refused},
      {"xinference", 429, R"({"detail":"Rate limit reached"})", Verdict::throttled},
      {"xinference", 503, R"({"detail":"Model is loading"})", Verdict::throttled},
      {"xinference", 501, R"({"detail":"logit_bias"})", Verdict::refused},
      {"xinference", 500, R"({"detail":"m"})", Verdict::retry},

      {"ollama", 404, R"({"error":{"message":"m","type":"not_found_error","param":null,"code":null}})",
       Verdict::down},
      {"ollama", 503, R"({"error":{"message":"server busy","type":"api_error","code":null}})",
       Verdict::throttled},
      {"ollama", 400, R"({"error":{"message":"m","type":"invalid_request_error","code":null}})",
       Verdict::refused},

      // Its own failures, wrong keys and unknown models come as 400 alike.
      {"swift", 400, R"({"message":"`x` is not in the model_list","object":"error"})", Verdict::unreadable},
      {"openai", 400, R"({"message":"m","object":"error"})", Verdict::refused},

      {"llama-server", 503, R"({"error":{"code":503,"message":"Loading model","type":"unavailable_error"}})",
       Verdict::throttled},
      {"llama-server", 400, R"({"error":{"code":400,"message":"m","type":"exceed_context_size_error"}})",
       Verdict::refused},
  };
  for (const auto& c : cases)
    EXPECT_EQ(classify_body(c.status, c.body, c.provider), c.verdict) << c.provider << ' ' << c.body;
}

TEST(RetryPolicy, BackoffIsFullJitterUnderTheCap) {
  for (int failures = 0; failures < 40; ++failures) {
    const Milliseconds most = failures < 7 ? kBackoffBase * (1 << failures) : kBackoffCap;
    Milliseconds longest = 0ms;
    Milliseconds shortest = kBackoffCap;
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
      const Milliseconds delay = backoff(failures, seed);
      EXPECT_LT(delay, most);
      longest = std::max(longest, delay);
      shortest = std::min(shortest, delay);
    }
    EXPECT_GT(longest, most * 9 / 10);
    EXPECT_LT(shortest, most / 10);
    EXPECT_EQ(backoff(failures, 3), backoff(failures, 3));
  }
}

// One request, first sent at 1,000 s with a deadline of 600 s.
History history_at(Milliseconds now) {
  History history;
  history.now = now;
  history.first_sent = 1000s;
  history.deadline = 600s;
  history.timeout = 120s;
  return history;
}

TEST(RetryPolicy, Steps) {
  using Kind = Step::Kind;
  struct Case {
    const char* what;
    Verdict verdict;
    Milliseconds now;
    Milliseconds retry_after;
    Milliseconds last_answer;  // negative: never
    int unreadable;
    Milliseconds excused;
    Kind kind;
  };
  const std::vector<Case> cases = {
      {"a reply", Verdict::reply, 1100s, 0ms, -1s, 0, 0ms, Kind::reply},
      {"401", Verdict::down, 1001s, 0ms, 900s, 0, 0ms, Kind::down},
      {"400 from a model that works", Verdict::refused, 1001s, 0ms, 900s, 0, 0ms, Kind::failed},
      {"400 to the first request", Verdict::refused, 1001s, 0ms, -1s, 0, 0ms, Kind::down},
      {"unreadable once", Verdict::unreadable, 1001s, 0ms, -1s, 0, 0ms, Kind::again},
      {"unreadable twice", Verdict::unreadable, 1001s, 0ms, 900s, 1, 0ms, Kind::again},
      {"unreadable for the third time", Verdict::unreadable, 1001s, 0ms, 900s, 2, 0ms, Kind::failed},
      {"the same, no answer ever", Verdict::unreadable, 1001s, 0ms, -1s, 2, 0ms, Kind::down},
      {"500 in time", Verdict::retry, 1001s, 0ms, -1s, 0, 0ms, Kind::again},
      {"500 late, others answered", Verdict::retry, 1600s, 0ms, 1500s, 0, 0ms, Kind::failed},
      {"500 late, others answered before the outage", Verdict::retry, 1600s, 0ms, 1300s, 0, 0ms, Kind::down},
      {"500 late, answered only before", Verdict::retry, 1600s, 0ms, 900s, 0, 0ms, Kind::down},
      {"500 late, never answered", Verdict::retry, 1600s, 0ms, -1s, 0, 0ms, Kind::down},
      {"500 late, but throttled for long", Verdict::retry, 1600s, 0ms, 1500s, 0, 100s, Kind::again},
      {"Retry-After beyond the deadline", Verdict::retry, 1500s, 101s, 1500s, 0, 0ms, Kind::failed},
      {"Retry-After within the deadline", Verdict::retry, 1500s, 99s, 1500s, 0, 0ms, Kind::again},
      {"no connection, first contact", Verdict::unreachable, 1001s, 0ms, -1s, 0, 0ms, Kind::again},
      {"no connection for 15 s", Verdict::unreachable, 1015s, 1ms, -1s, 0, 0ms, Kind::down},
      {"no connection any more", Verdict::unreachable, 1015s, 0ms, 990s, 0, 0ms, Kind::again},
      {"no connection past the deadline", Verdict::unreachable, 1600s, 0ms, 990s, 0, 0ms, Kind::down},
      {"no connection past the deadline, others answered", Verdict::unreachable, 1600s, 0ms, 1590s, 0, 0ms,
       Kind::down},
      {"throttled", Verdict::throttled, 1001s, 1s, -1s, 0, 0ms, Kind::again},
      {"throttled past the deadline, others answered", Verdict::throttled, 1700s, 1s, 1699s, 0, 0ms,
       Kind::again},
      {"throttled, silence for a deadline", Verdict::throttled, 1700s, 1s, 1100s, 0, 0ms, Kind::down},
      {"throttled, never answered", Verdict::throttled, 1600s, 1s, -1s, 0, 0ms, Kind::down},
      {"told to wait longer than a deadline", Verdict::throttled, 1001s, 3600s, 1000s, 0, 0ms, Kind::down},
  };
  for (const Case& c : cases) {
    History history = history_at(c.now);
    history.model_answered = c.last_answer.count() >= 0;
    history.last_answer = c.last_answer;
    history.unreadable = c.unreadable;
    history.excused = c.excused;
    const Step step = next_step(c.verdict, history, c.retry_after, 7);
    EXPECT_EQ(step.kind, c.kind) << c.what;
    if (step.kind != Kind::again) continue;
    if (c.retry_after.count() > 0)
      EXPECT_EQ(step.delay, c.retry_after) << c.what;
    else
      EXPECT_LT(step.delay, kBackoffBase) << c.what;
  }
}

TEST(RetryPolicy, AnOutageFailsNoRequest) {
  using Kind = Step::Kind;
  const struct {
    Verdict verdict;
    Milliseconds now;
    Milliseconds since;
    Kind kind;
  } cases[] = {
      {Verdict::retry, 1700s, 1690s, Kind::again},       {Verdict::retry, 1700s, 1100s, Kind::down},
      {Verdict::unreachable, 1700s, 1690s, Kind::again}, {Verdict::unreachable, 1700s, 1100s, Kind::down},
      {Verdict::refused, 1700s, 1690s, Kind::failed},    {Verdict::retry, 1700s, -1ms, Kind::failed},
  };
  for (const auto& c : cases) {
    History history = history_at(c.now);
    history.model_answered = true;
    history.last_answer = 1689s;
    history.outage_since = c.since;
    EXPECT_EQ(next_step(c.verdict, history, 0ms, 7).kind, c.kind) << c.since.count();
  }
}

TEST(RetryPolicy, AServerThatIsAwayIsNobodysFault) {
  History history;
  history.first_sent = 0ms;
  history.now = 700'000ms;
  history.deadline = 600'000ms;
  history.timeout = 120'000ms;
  for (const bool answered : {false, true})
    for (const Verdict verdict : {Verdict::retry, Verdict::unreachable, Verdict::throttled}) {
      history.model_answered = answered;
      history.server_away = false;
      EXPECT_EQ(next_step(verdict, history, 0ms, 1).kind, Step::Kind::down);
      history.server_away = true;
      EXPECT_EQ(next_step(verdict, history, 0ms, 1).kind, Step::Kind::again);
    }
  EXPECT_EQ(next_step(Verdict::reply, history, 0ms, 1).kind, Step::Kind::reply);
  EXPECT_EQ(next_step(Verdict::down, history, 0ms, 1).kind, Step::Kind::down);
}

}  // namespace
}  // namespace remote_model
