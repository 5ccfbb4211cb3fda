#include "validators/value_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <re2/re2.h>

#include <memory>

namespace validators {
namespace {

prompts::Job asking_job() {
  prompts::Job job;
  job.language = "zh-Hans";
  job.slot_types.push_back(prompts::SlotType::of_values("person", prompts::SlotType::Form::values,
                                                        {{"王明", "王明"}, {"⟨person 2⟩", "⟨person 2⟩"}},
                                                        false, true));
  job.slot_types.push_back(
      prompts::SlotType::of_pattern("room", std::make_shared<const re2::RE2>("[A-Z]\\d{3}"), {}, true));
  for (const std::size_t type : {0U, 1U}) {
    prompts::Ask ask;
    ask.type = type;
    ask.count = 10;
    ask.known = type == 0 ? 1 : 0;
    job.asks.push_back(ask);
  }
  return job;
}

CheckedReply check(std::size_t type, const std::vector<std::string>& values, std::size_t asked) {
  CheckedReply out;
  check_values(asking_job(), type, asked, values, out);
  return out;
}

TEST(ValueRules, EachValueHasItsVerdict) {
  const struct {
    std::size_t type;
    std::string value;
    Verdict verdict;
  } cases[] = {
      {0, "李华", Verdict::accepted},
      {0, "O'Neill \"Tip\"", Verdict::accepted},
      {0, "王明", Verdict::duplicate},
      {0, "「王明」", Verdict::duplicate},
      {0, "", Verdict::empty},
      {0, " 。", Verdict::empty},
      {0, "[person:李华]", Verdict::bad_character},
      {0, "李［华］", Verdict::bad_character},
      {0, "李\n华", Verdict::bad_character},
      {0, "李华 = 小李", Verdict::bad_character},
      {0, "a|b", Verdict::bad_character},
      {0, "#1 姓名", Verdict::bad_character},
      {0, "{姓名}", Verdict::placeholder},
      {0, "某某", Verdict::placeholder},
      {0, "C# 小组", Verdict::accepted},
      {1, "A301", Verdict::accepted},
      {1, "a301", Verdict::pattern_mismatch},
      {1, "会议室A301", Verdict::pattern_mismatch},
  };
  for (const auto& test : cases) {
    const CheckedReply reply = check(test.type, {test.value}, 1);
    ASSERT_EQ(reply.candidates.size(), 1U);
    EXPECT_EQ(verdict_code(reply.candidates[0].verdict), verdict_code(test.verdict)) << test.value;
  }
  std::string longest;
  for (int i = 0; i < 60; ++i) longest += "长";
  EXPECT_EQ(check(0, {longest}, 1).candidates[0].verdict, Verdict::accepted);
  EXPECT_EQ(check(0, {longest + "长"}, 1).candidates[0].verdict, Verdict::too_long);
}

TEST(ValueRules, WhatDidNotComeIsMissingAndWhatIsTooMuchIsLeftOut) {
  const CheckedReply few = check(0, {"李华"}, 3);
  ASSERT_EQ(few.candidates.size(), 3U);
  EXPECT_EQ(few.candidates[1].verdict, Verdict::missing_candidate);
  EXPECT_EQ(few.candidates[2].index, 2U);
  EXPECT_EQ(check(0, {"李华", "赵敏", "孙行"}, 2).candidates.size(), 2U);
}

TEST(ValueRules, ValuesAreComparedAsCataloguesCompareThem) {
  const CheckedReply reply = check(0, {"　ＡＢＣ ", "abc", "萬達", "万达"}, 4);
  EXPECT_EQ(reply.candidates[0].row, "\"ＡＢＣ\"");  // white space is gone, the rest is as it was written
  EXPECT_EQ(reply.candidates[0].text, reply.candidates[1].text);
  EXPECT_EQ(reply.candidates[2].text, reply.candidates[3].text);
  EXPECT_NE(reply.candidates[0].text, reply.candidates[2].text);
  EXPECT_NE(check(1, {"A301"}, 1).candidates[0].text, check(0, {"A301"}, 1).candidates[0].text);
}

}  // namespace
}  // namespace validators
