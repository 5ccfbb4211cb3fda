#include "base/clock.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <ctime>
#include <utility>

namespace base {
namespace {

TEST(Clock, OnlyMovesForward) {
  Milliseconds last = steady_now();
  for (int i = 0; i < 1000; ++i) {
    const Milliseconds now = steady_now();
    ASSERT_GE(now, last);
    last = now;
  }
}

TEST(Clock, TimestampIsUtcInIsoForm) {
  const std::time_t before = std::time(nullptr);
  const std::string text = utc_timestamp();
  const std::time_t after = std::time(nullptr);
  std::tm parts{};
  ASSERT_EQ(text.size(), 20U) << text;
  ASSERT_EQ(std::sscanf(text.c_str(), "%4d-%2d-%2dT%2d:%2d:%2dZ", &parts.tm_year, &parts.tm_mon,
                        &parts.tm_mday, &parts.tm_hour, &parts.tm_min, &parts.tm_sec),
            6)
      << text;
  parts.tm_year -= 1900;
  parts.tm_mon -= 1;
  const std::time_t written = timegm(&parts);
  EXPECT_GE(written, before);
  EXPECT_LE(written, after);
}

TEST(Clock, DurationsForPeople) {
  const std::pair<double, const char*> cases[] = {
      {0, "0.0s"},        {1.24, "1.2s"},   {9.94, "9.9s"},   {10, "10s"},
      {59.4, "59s"},      {59.6, "1m 00s"}, {95, "1m 35s"},   {3599.4, "59m 59s"},
      {3599.6, "1h 00m"}, {3600, "1h 00m"}, {5400, "1h 30m"}, {90061, "25h 01m"},
  };
  for (const auto& [seconds, text] : cases) EXPECT_EQ(format_duration(seconds), text) << seconds;
}

}  // namespace
}  // namespace base
