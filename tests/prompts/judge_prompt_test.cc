#include "prompts/judge_prompt.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/prompts/job_fixture.h"

namespace prompts {
namespace {

using testing::HasSubstr;
using testing::Not;

Job judged(const std::string& language) {
  Job job;
  job.name = "meeting-room";
  job.language = language;
  job.slot_types.push_back(SlotType::of_values("device", SlotType::Form::values,
                                               {{"主屏", "主屏"}, {"副屏", "副屏"}}, false, true));
  Intent volume;
  volume.name = "set_volume";
  volume.description = "调节\n音量";
  volume.slots = {{"device", 0, true, true}};
  Intent mute;
  mute.name = "mute";
  mute.description = "静音";
  job.intents = {volume, mute};
  return job;
}

datasets::Row row() {
  datasets::Row row;
  row.text = "把主屏调大";
  row.frames = {{"set_volume", {{"device", "主屏", "主屏", 1, 3}}}};
  return row;
}

TEST(JudgePrompt, SaysWhatThereIsAndWhatIsAsked) {
  Job job = judged("zh-Hans");
  job.judge.ask = {"intent", "natural"};
  const auto prompt = JudgePrompt::make(job);
  ASSERT_TRUE(prompt) << prompt.error().message;
  const std::string prefix = prompt->prefix(Opinion::reading);
  EXPECT_THAT(prefix, HasSubstr("- set_volume：调节 音量\n  - 槽位 device（一句可有多个值）"));
  EXPECT_THAT(prefix, HasSubstr("- mute：静音\n- none："));
  EXPECT_THAT(prefix, HasSubstr("- intent："));
  EXPECT_THAT(prefix, Not(HasSubstr("- slots：")));
  EXPECT_THAT(prefix, HasSubstr(R"({"votes": ["1 ok", "2 intent", "3 intent natural"]})"));
  const std::string bare = prompt->prefix(Opinion::round_trip);
  EXPECT_THAT(bare, HasSubstr(R"({"readings": ["1 set_volume [device:主屏]", "2 none"]})"));
}

TEST(JudgePrompt, NumbersTheRows) {
  const Job job = judged("zh-Hans");
  const auto prompt = JudgePrompt::make(job);
  ASSERT_TRUE(prompt);
  datasets::Row two = row();
  two.frames.push_back({"mute", {}});
  datasets::Row none;
  none.text = "讲个[笑话]";
  const std::string tail = prompt->tail(Opinion::reading, {row(), two, none});
  EXPECT_THAT(tail, HasSubstr("1. set_volume: 把[device:主屏]调大\n"
                              "2. set_volume + mute: 把[set_volume.device:主屏]调大\n"
                              "3. none: 讲个\\[笑话\\]"));
  EXPECT_THAT(prompt->tail(Opinion::round_trip, {row(), none}), HasSubstr("1. 把主屏调大\n2. 讲个[笑话]"));
}

TEST(JudgePrompt, IsThereInEnglish) {
  const Job job = judged("en");
  const auto prompt = JudgePrompt::make(job);
  ASSERT_TRUE(prompt) << prompt.error().message;
  EXPECT_THAT(prompt->prefix(Opinion::reading),
              HasSubstr("- set_volume: 调节 音量\n  - slot device (may have"));
  EXPECT_THAT(prompt->prefix(Opinion::round_trip), HasSubstr("Copy values exactly"));
}

}  // namespace
}  // namespace prompts
