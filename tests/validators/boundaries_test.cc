#include "validators/boundaries.h"

#include <gtest/gtest.h>

#include "validators_testing.h"

namespace validators {
namespace {

// In testing::chinese_job().
constexpr std::size_t kLevel = 0;
constexpr std::size_t kDevice = 1;
constexpr std::size_t kPerson = 2;
constexpr std::size_t kTime = 3;

struct Case {
  std::size_t type;
  const char* before;
  const char* value;
  const char* after;
  bool cut;
};

TEST(Boundaries, WhatIsCut) {
  const prompts::Job job = testing::chinese_job();
  const Boundaries boundaries(job);
  const Case cases[] = {
      // inside a number
      {kLevel, "调到", "3", "0", true},
      {kLevel, "调到1", "0", "吧", true},
      {kLevel, "调到", "3", ".5", true},
      {kLevel, "调到2.", "5", "", true},
      {kLevel, "调到", "３", "０", true},
      {kLevel, "调到", "三", "十", true},
      {kLevel, "调到三", "十", "", true},
      {kLevel, "调到", "30", "", false},
      {kLevel, "调到", "30", "，3楼", false},
      {kLevel, "调到", "五", "一下", false},
      {kLevel, "调到", "三十", "一点也行", false},
      {kPerson, "唱", "七里香", "十遍", false},
      {kPerson, "叫", "三", "百", true},
      // inside a word
      {kDevice, "打开", "Zoo", "m", true},
      {kDevice, "打开Z", "oom", "", true},
      {kDevice, "打开", "Zoom", "会议", false},
      {kDevice, "打开", "HDMI", "2", false},
      {kDevice, "打开4", "K屏", "", false},
      {kPerson, "call ", "queen", "'s", false},
      {kPerson, "call ", "mom", " now", false},
      // a longer value of the catalogue
      {kDevice, "打开", "主屏", "幕", true},
      {kDevice, "打开", "主屏", "的幕布", false},
      // a time
      {kTime, "", "下午三点", "半开会", true},
      {kTime, "", "下午三点", "半夜", false},
      {kTime, "下午", "三点", "开会", true},
      {kTime, "明天", "下午三点", "开会", false},
      {kTime, "下午", "晚上三点", "", false},
      {kTime, "", "三点", "二十分开会", true},
      {kTime, "", "三点", "", false},
      {kTime, "", "3", "点开会", true},
      {kTime, "", "3", ":30", true},
      {kTime, "3:", "30", "", true},
      {kTime, "", "3月", "5号开会", true},
      {kTime, "", "3月", "五个人", false},
  };
  for (const Case& c : cases)
    EXPECT_EQ(boundaries.cuts(c.type, {c.before, c.value, c.after}), c.cut)
        << c.before << "[" << c.value << "]" << c.after;
}

TEST(Boundaries, Percentages) {
  using Bytes = std::pair<std::size_t, std::size_t>;
  EXPECT_EQ(find_percent("调到", "50", "%吧"), (Bytes{0, 1}));
  EXPECT_EQ(find_percent("调到", "50", " ％"), (Bytes{0, 4}));
  EXPECT_EQ(find_percent("百分之", "五十", "吧"), (Bytes{9, 0}));
  EXPECT_EQ(find_percent("to ", "30", " Per Cent"), (Bytes{0, 9}));
  EXPECT_EQ(find_percent("a ", "30", " percentage"), (Bytes{0, 0}));
  EXPECT_EQ(find_percent("", "50%", "%"), (Bytes{0, 0}));
  EXPECT_EQ(find_percent("百分之", "主屏", ""), (Bytes{0, 0}));
}

TEST(Boundaries, ValuesThatRunTogether) {
  EXPECT_TRUE(run_together("1203", "40分钟"));
  EXPECT_TRUE(run_together("B707", "９月28号"));
  EXPECT_TRUE(run_together("Zoom", "Tom"));
  EXPECT_FALSE(run_together("1203", "下午三点"));
  EXPECT_FALSE(run_together("A301", "Zoom"));
  EXPECT_FALSE(run_together("三楼", "二十分钟"));
  EXPECT_FALSE(run_together("", "30"));
}

TEST(Boundaries, Units) {
  const prompts::SlotType percent = testing::levels("zh-Hans");
  EXPECT_EQ(find_wrong_unit(percent, {"调到", "30", "分钟"}), "分钟");
  EXPECT_EQ(find_wrong_unit(percent, {"to ", "30", " minutes"}), "minutes");
  EXPECT_EQ(find_wrong_unit(percent, {"调到", "30", "%"}), "");
  EXPECT_EQ(find_wrong_unit(percent, {"调到", "30", "吧"}), "");
  const auto numbers = [](std::int64_t low, std::int64_t high) {
    return prompts::SlotType::of_numbers("count", {low, high, 1, {prompts::Written::arabic}}, "zh-Hans");
  };
  EXPECT_EQ(find_wrong_unit(numbers(16, 30), {"", "26%", ""}), "26%");
  EXPECT_EQ(find_wrong_unit(numbers(1, 10), {"", "百分之三", ""}), "百分之三");
  EXPECT_EQ(find_wrong_unit(numbers(0, 100), {"", "26%", ""}), "");
  EXPECT_EQ(find_wrong_unit(numbers(1, 10), {"", "3", "分钟"}), "");
  EXPECT_EQ(find_wrong_unit(testing::devices(), {"", "3%", ""}), "");
}

}  // namespace
}  // namespace validators
