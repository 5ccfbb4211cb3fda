#include "validators/duplicates/guard.h"

#include <gtest/gtest.h>

#include "validators/row_check.h"
#include "validators_testing.h"

namespace validators {
namespace {

using testing::Attempt;

datasets::Row row(std::string text, std::vector<datasets::Slot> slots) {
  datasets::Row out;
  out.text = std::move(text);
  out.frames = {{"set_volume", std::move(slots)}};
  return out;
}

prompts::Job guarding_job() {
  prompts::Job job = testing::chinese_job();
  job.guard.rows = {
      {"test.jsonl:1",
       row("把主屏音量调到三十", {{"device", "主屏", "主屏", 1, 3}, {"level", "三十", "30", 7, 9}})},
      {"test.jsonl:2", row("音量三十", {{"level", "三十", "30", 2, 4}})},
      {"test.jsonl:3", row("麻烦您帮我把会议室里的声音开大到六十好吗", {})},
      {"test.jsonl:4", row("調到 四十 ！", {{"level", "四十", "40", 3, 5}})},
      {"test.jsonl:5", row("声音给我弄到七十", {{"level", "七十", "70", 99, 101}})},
  };
  return job;
}

struct Case {
  const char* name;
  Verdict verdict;
  std::string detail;  // its beginning
  std::string utterance;
  std::string level;
  std::string device = {};
};

class GuardTest : public ::testing::TestWithParam<Case> {};

TEST_P(GuardTest, Decides) {
  const Case& one = GetParam();
  const prompts::Job job = guarding_job();
  Attempt attempt(job, testing::lane_of(job, "set_volume", {{0}, {0, 1}}), one.device.empty() ? 0 : 1);
  testing::Values values = {{"level", one.level}};
  if (!one.device.empty()) values.push_back({"device", one.device});
  attempt.plan(values);
  const Candidate candidate = attempt.candidate(one.utterance);
  EXPECT_EQ(verdict_code(candidate.verdict), verdict_code(one.verdict)) << candidate.detail;
  EXPECT_EQ(candidate.detail.substr(0, one.detail.size()), one.detail);
  EXPECT_TRUE(candidate.raw.empty());
  EXPECT_EQ(testing::row_of(candidate).frames.size(), 1u);
}

INSTANTIATE_TEST_SUITE_P(
    All, GuardTest,
    ::testing::Values(
        Case{"same", Verdict::guarded, "the text of test.jsonl:1: 把主屏音量调到三十",
             "把[device:主屏]音量调到[level:三十]", "三十", "主屏"},
        Case{"same_but_for_punctuation", Verdict::guarded, "the text of test.jsonl:1",
             "把[device:主屏]音量调到[level:三十]。", "三十", "主屏"},
        Case{"other_values", Verdict::guarded, "the wording of test.jsonl:1",
             "把[device:副屏]音量调到[level:百分之八十]", "百分之八十", "副屏"},
        Case{"short_wording_with_other_values", Verdict::accepted, "", "音量[level:五十]", "五十"},
        Case{"short_text", Verdict::guarded, "the text of test.jsonl:2", "音量[level:三十]", "三十"},
        Case{"nearly_the_text", Verdict::guarded, "nearly the text of test.jsonl:3",
             "麻烦您帮我把会议室里的声音开大到[level:六十]行吗", "六十"},
        Case{"traditional_and_spaced", Verdict::guarded, "the text of test.jsonl:4", "调到[level:四十]",
             "四十"},
        Case{"wrong_offsets_of_the_file", Verdict::guarded, "the text of test.jsonl:5",
             "声音给我弄到[level:七十]", "七十"},
        Case{"another_wording", Verdict::accepted, "", "声音开到[level:三十]就行", "三十"}),
    [](const auto& the_case) { return std::string(the_case.param.name); });

TEST(Guard, IsEmptyWithoutFiles) {
  const prompts::Job job = testing::chinese_job();
  const RowBuilder rows(job);
  const Guard guard(job, rows);
  EXPECT_TRUE(guard.empty());
  EXPECT_FALSE(guard.find({1, 2}, "音量", {}));
}

// The template of a row from elsewhere is the one that a run gives it.
TEST(RowBuilder, TemplateOfARow) {
  const prompts::Job job = testing::chinese_job();
  const RowBuilder rows(job);
  const auto template_of = [&](const datasets::Row& one) {
    return rows.template_of(one, rows.normalise(one.text));
  };
  EXPECT_EQ(template_of(row("音量", {})), "音量");
  EXPECT_EQ(template_of(row(" 把 主屏 開到三十！",
                            {{"level", "三十", "30", 8, 10}, {"device", "主屏", "主屏", 3, 5}})),
            "把[device]开到[level]");
  EXPECT_EQ(template_of(row("把主屏", {{"a", "主屏", "", 1, 3}, {"b", "屏", "", 2, 3}, {"c", "", "", 0, 0}})),
            "把[a]");
  datasets::Row two = row("静音再调到五十", {{"level", "五十", "50", 5, 7}});
  two.frames.push_back({"mute", {}});
  EXPECT_EQ(template_of(two), "静音再调到[set_volume.level]");
}

// A row from elsewhere is held against the same files.
TEST(RowCheck, GuardedRows) {
  const prompts::Job job = guarding_job();
  const auto check = RowCheck::make(job);
  ASSERT_TRUE(check);
  const std::vector<Finding> same = check->check(row(
      "把副屏音量调到百分之八十", {{"device", "副屏", "副屏", 1, 3}, {"level", "百分之八十", "80", 7, 12}}));
  ASSERT_EQ(same.size(), 1u);
  EXPECT_EQ(verdict_code(same[0].verdict), "guarded");
  EXPECT_EQ(same[0].detail, "the wording of test.jsonl:1: 把主屏音量调到三十");
  EXPECT_TRUE(check->check(row("音量五十", {{"level", "五十", "50", 2, 4}})).empty());
}

}  // namespace
}  // namespace validators
