#include "validators/row_check.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "prompts/annotation.h"
#include "validators_testing.h"

namespace validators {
namespace {

/// A row of one frame from annotated text.
datasets::Row row_from(const std::string& intent, std::string_view marked) {
  const auto annotated = prompts::parse_annotation(marked);
  EXPECT_TRUE(annotated) << marked;
  datasets::Row row;
  row.text = annotated->text;
  row.language = "zh-Hans";
  datasets::Frame& frame = row.frames.emplace_back();
  frame.intent = intent;
  for (const prompts::Tag& tag : annotated->tags)
    frame.slots.push_back({tag.name, tag.text, tag.text, tag.start, tag.end});
  return row;
}

std::string codes_of(const RowCheck& check, const datasets::Row& row) {
  std::string out;
  for (const Finding& finding : check.check(row)) {
    EXPECT_FALSE(finding.detail.empty());
    (out += out.empty() ? "" : " ") += verdict_code(finding.verdict);
  }
  return out;
}

struct Case {
  const char* intent;
  const char* marked;
  const char* codes;
};

TEST(RowCheck, Faults) {
  const prompts::Job job = testing::chinese_job();
  const auto check = RowCheck::make(job);
  ASSERT_TRUE(check);
  const Case cases[] = {
      {"set_volume", "把[device:主屏]调到[level:30]", ""},
      {"volume", "把[device:主屏]调到[level:30]", "unknown_intent"},
      {"set_volume", "把[colour:主屏]调到[level:30]", "unknown_slot"},
      {"set_volume", "打开[device:主屏]", "missing_slot"},
      {"set_volume", "[level:30]还是[level:40]", "repeated_slot"},
      {"set_volume", "调到[level:3][level:0]", "split_value"},
      {"invite", "叫[person:王工]和[person:王工]来", "repeated_value"},
      {"invite", "叫[person:王工]帮[person:王工]一把", ""},
      {"set_volume", "把[device:音箱]调到[level:30]", "not_in_catalogue"},
      {"set_volume", "调到[level:300]", "out_of_range"},
      {"set_volume", "调到[level:大声]", "not_a_number"},
      {"book", "订[room:二楼]", "pattern_mismatch"},
      {"set_volume", "调到[level:3]0", "cut_value"},
      {"mute", "打开[device:主屏]幕", "cut_value"},
      {"invite", "叫[person:Amy][start:today at 3]来", "cut_value"},
      {"set_volume", "调到[level:30]分钟", "wrong_unit"},
      {"invite", "[start:25点]叫[person:王工]", "impossible_date"},
      {"invite", "[start:下午三点]半叫[person:王工]", "cut_value"},
      {"invite", "叫[person:张三]来", ""},  // the job lists him
      {"invite", "叫[person:李四]来", "placeholder"},
      {"mute", "打開[device:主屏]", "wrong_script"},
      {"mute", "给[device:主屏]静音😀", "bad_character"},
      {"mute", "turn [device:主屏] 静音吧快点快点", "mixed_language"},
      {"mute", "以下是10条静音[device:主屏]的句子", "prompt_echo"},
      {"mute", "好的，用户想让[device:主屏]静音", "thinking_text"},
  };
  for (const Case& c : cases) EXPECT_EQ(codes_of(*check, row_from(c.intent, c.marked)), c.codes) << c.marked;
}

TEST(RowCheck, Offsets) {
  const prompts::Job job = testing::chinese_job();
  const auto check = RowCheck::make(job);
  ASSERT_TRUE(check);
  datasets::Row row = row_from("mute", "打开[device:主屏]");
  constexpr std::pair<std::uint32_t, std::uint32_t> kWrong[] = {{1, 3}, {2, 3}, {4, 6}, {3, 2}, {100, 102}};
  for (const auto& [start, end] : kWrong) {
    row.frames[0].slots[0].start = start;
    row.frames[0].slots[0].end = end;
    EXPECT_EQ(codes_of(*check, row), "wrong_offsets") << start;
    EXPECT_FALSE(check->repair(row));
  }
  row = row_from("set_volume", "把[device:主屏]调到[level:30]");
  row.frames[0].slots.push_back({"device", "屏", "屏", 2, 3});
  EXPECT_EQ(codes_of(*check, row), "overlapping_slots repeated_slot not_in_catalogue");
}

TEST(RowCheck, RowsWithoutFramesAreOutOfScope) {
  const prompts::Job job = testing::chinese_job();
  const auto check = RowCheck::make(job);
  datasets::Row row;
  row.text = "今天天气怎么样";
  EXPECT_EQ(codes_of(*check, row), "");
  row.text = "抱歉，我无法完成您的请求";
  EXPECT_EQ(codes_of(*check, row), "refusing_utterance");
}

TEST(RowCheck, Repairs) {
  const prompts::Job job = testing::chinese_job();
  const auto check = RowCheck::make(job);
  datasets::Row row = row_from("set_volume", "把[device:主屏]調到百分之[level:５０]，ＯＫ");
  EXPECT_TRUE(check->repair(row));
  EXPECT_EQ(row.text, "把主屏调到百分之50，OK");
  EXPECT_EQ(row.frames[0].slots[1], (datasets::Slot{"level", "百分之50", "百分之50", 5, 10}));
  EXPECT_EQ(row.repairs, (std::vector<std::string>{"widened", "half_width", "simplified"}));
  EXPECT_EQ(codes_of(*check, row), "");
  EXPECT_FALSE(check->repair(row)) << "once is enough";
}

}  // namespace
}  // namespace validators
