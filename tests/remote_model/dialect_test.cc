#include "remote_model/dialect.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "remote_model/explanation.h"

namespace remote_model {
namespace {

TEST(Dialect, IsFoundByNameAndAddress) {
  EXPECT_EQ(find_dialect("moonshot"), nullptr);
  EXPECT_EQ(find_dialect(""), nullptr);
  EXPECT_EQ(&dialect_for("vllm", "http://10.0.0.7:9000/v1"), find_dialect("vllm"));
  // What OpenAI itself wants is more than what those understand who speak its language.
  const Dialect* const openai = find_dialect("openai");
  const Dialect& plain = dialect_for("moonshot", "https://api.moonshot.cn/v1");
  EXPECT_NE(&plain, openai);
  for (const char* at_openai : {"https://api.openai.com/v1", "https://eu.api.openai.com/v1"})
    EXPECT_EQ(&dialect_for("openai", at_openai), openai) << at_openai;
  for (const char* elsewhere : {"http://127.0.0.1:8000/v1", "https://x/api.openai.com", "api.openai.com", ""})
    EXPECT_EQ(&dialect_for("openai", elsewhere), &plain) << elsewhere;
}

TEST(Dialect, TheTableIsSound) {
  std::vector<std::string> names = provider_names();
  EXPECT_EQ(names.size(), 13U);
  for (const std::string& name : names) {
    const Dialect& dialect = *find_dialect(name);
    EXPECT_TRUE(dialect.knows(dialect.default_format())) << name;
    EXPECT_TRUE(dialect.knows(model::ResponseFormat::text)) << name;
    EXPECT_TRUE(dialect.token_limit == "max_tokens" || dialect.token_limit == "max_completion_tokens")
        << name;
    // A key only goes where the job or the table says, and only over TLS.
    EXPECT_EQ(dialect.key_variable.empty(), !dialect.base_url.starts_with("https://")) << name;
    EXPECT_FALSE(dialect.base_url.ends_with('/')) << name;
  }
  std::sort(names.begin(), names.end());
  EXPECT_EQ(std::unique(names.begin(), names.end()), names.end());
}

TEST(Dialect, AKeyOfAnotherRegionIsThoughtOf) {
  HttpResponse response;
  response.status = 401;
  EXPECT_EQ(way_out(response, Verdict::down, "K", *find_dialect("dashscope")),
            "set K to a valid key, or base_url to the address of the key's region "
            "(docs/providers/dashscope.md) and run "
            "the same command again");
  EXPECT_EQ(way_out(response, Verdict::down, "K", *find_dialect("ark")),
            "set K to a valid key and run the same command again");
}

TEST(Dialect, ErrorsAreReadInAnySpelling) {
  const Dialect& openai = *find_dialect("openai");
  const Dialect& dashscope = *find_dialect("dashscope");
  for (const char* spelling : {"RateLimitExceeded", "rate_limit_exceeded", "rate-limit exceeded"}) {
    EXPECT_EQ(meaning_of(openai, spelling, ""), Meaning::throttled) << spelling;
    EXPECT_EQ(meaning_of(openai, "", spelling), Meaning::throttled) << spelling;
  }
  EXPECT_EQ(meaning_of(openai, "insufficient_quota", "rate_limit_error"), Meaning::down);
  EXPECT_EQ(meaning_of(dashscope, "insufficient_quota", ""), Meaning::throttled);
  EXPECT_EQ(meaning_of(openai, "", ""), Meaning::unknown);
  EXPECT_EQ(meaning_of(openai, "rate", "limit"), Meaning::unknown);
}

}  // namespace
}  // namespace remote_model
