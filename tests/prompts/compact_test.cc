#include "prompts/compact.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace prompts {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

AnnotatedText annotated(const std::string& text) { return *parse_annotation(text); }

Job volume_job() {
  Job job;
  job.name = "speaker";
  job.language = "zh-Hans";
  job.seed = 3;
  job.slot_types.push_back(SlotType::of_values("device", SlotType::Form::values,
                                               {{"主屏", "主屏"}, {"a<|out|>b", "x"}}, false, true));
  job.slot_types.push_back(SlotType::of_numbers("level", {0, 100, 1, {Written::arabic}}, job.language));
  Intent volume;
  volume.name = "set_volume";
  volume.description = "调节\n音量 <|out|>";
  volume.slots = {{"level", 1, true, false}, {"device", 0, false, false}};
  for (const char* text :
       {"音量[level:1]", "[device:主屏]调到[level:2]", "声音[level:3]", "把音量调到[level:4]"})
    volume.examples.push_back(annotated(text));
  job.intents = {volume};
  job.rows = {20, 4, 4, 0};
  job.style = {{"register", {"口语"}}, {"length", {"7-12"}}};
  ModelSpec tiny;
  tiny.id = "tiny";
  tiny.kind = ModelSpec::Kind::file;
  tiny.profile = Profile::compact;
  tiny.per_request = 1;
  job.models = {tiny};
  return job;
}

Plan planned(const Job& job) {
  auto plan = make_plan(job);
  EXPECT_TRUE(plan) << plan.error().message;
  return *plan;
}

TEST(Compact, AnAttemptIsOneUtteranceWithItsValuesAndStyle) {
  const Job job = volume_job();
  const Plan plan = planned(job);
  EXPECT_EQ(compact_prefix(job, plan.lanes[0]), "<|intent|>set_volume<|desc|>调节 音量 < |out|>");
  const Cell& cell = plan.lanes[0].cells[1];
  AttemptPlan attempt = plan_attempt(job, cell, 0, 1);
  ASSERT_EQ(attempt.utterances.size(), 1U);
  attempt.utterances[0].frames[0].slots = {{"level", "30"}, {"device", "a<|out|>b"}};
  EXPECT_THAT(compact_tail(job, cell, attempt),
              EndsWith("<|slots|>level<|is|>30<|and|>device<|is|>a< |out|>b<|style|>口语, 7-12<|out|>"));
}

TEST(Compact, TheFirstOfThreeExamplesHasTheSlotsOfTheCell) {
  const Job job = volume_job();
  const Plan plan = planned(job);
  for (std::uint64_t attempt = 0; attempt < 200; attempt += 16) {
    const auto tail = [&](std::size_t number) {
      const Cell& cell = plan.lanes[0].cells[number];
      return compact_tail(job, cell, plan_attempt(job, cell, attempt, 1));
    };
    EXPECT_THAT(tail(1), StartsWith("<|example|>[device:主屏]调到[level:2]<|example|>"));
    EXPECT_THAT(tail(0), Not(StartsWith("<|example|>[device:")));
    std::size_t count = 0;
    const std::string text = tail(0);
    for (auto at = text.find("<|example|>"); at != std::string::npos; at = text.find("<|example|>", at + 1))
      ++count;
    EXPECT_EQ(count, 3U);
  }
}

TEST(Compact, AttemptsInARowHaveTheSameExamplesAndLaterOnesOthers) {
  const Job job = volume_job();
  const Plan plan = planned(job);
  const Cell& cell = plan.lanes[0].cells[0];
  std::set<std::string> beginnings;
  for (std::uint64_t attempt = 0; attempt < 160; ++attempt) {
    const std::string tail = compact_tail(job, cell, plan_attempt(job, cell, attempt, 1));
    beginnings.insert(tail.substr(0, tail.find("<|slots|>")));
  }
  EXPECT_GT(beginnings.size(), 3U);
  EXPECT_LE(beginnings.size(), 10U);
}

TEST(Compact, OutOfScopeNamesTheIntentToComeNearToOrTheLanguage) {
  const Job job = volume_job();
  const Plan plan = planned(job);
  const Lane& lane = plan.lanes[1];
  EXPECT_EQ(compact_prefix(job, lane), "");
  EXPECT_THAT(
      compact_tail(job, lane.cells[0], plan_attempt(job, lane.cells[0], 0, 1)),
      AllOf(StartsWith("<|near|>set_volume<|desc|>"), HasSubstr("<|slots|><|style|>口语, 7-12<|out|>")));
  EXPECT_EQ(compact_tail(job, lane.cells[1], plan_attempt(job, lane.cells[1], 0, 1)),
            "<|far|>zh<|style|>口语, 7-12<|out|>");
}

TEST(Compact, ModelsOfDifferentSizesNeverPlanAnUtteranceTwice) {
  Job job = volume_job();
  ModelSpec chat;
  chat.id = "chat";
  chat.per_request = 5;
  job.models.push_back(chat);
  const Plan plan = planned(job);
  const Cell& cell = plan.lanes[0].cells[0];
  EXPECT_EQ(cell.per_request, 5);
  // 101 levels: the first 20 attempts of five have 100 different ones; the tiny model's are the first of
  // each.
  std::set<std::string> levels;
  for (std::uint64_t attempt = 0; attempt < 20; ++attempt) {
    const AttemptPlan five = plan_attempt(job, cell, attempt, 5);
    for (const auto& utterance : five.utterances) levels.insert(utterance.frames[0].slots[0].text);
    EXPECT_EQ(plan_attempt(job, cell, attempt, 1).utterances[0].frames[0].slots,
              five.utterances[0].frames[0].slots);
  }
  EXPECT_EQ(levels.size(), 100U);
}

TEST(Compact, WritesNothingWithTwoIntents) {
  const Job job = volume_job();
  EXPECT_TRUE(serves(job.models[0], "set_volume"));
  EXPECT_TRUE(serves(job.models[0], "out_of_scope"));
  EXPECT_FALSE(serves(job.models[0], "multi_intent"));
}

TEST(Only, IntentsAreAllOfThem) {
  ModelSpec spec;
  spec.only = {"intents"};
  EXPECT_TRUE(serves(spec, "set_volume"));
  EXPECT_FALSE(serves(spec, "out_of_scope"));
  EXPECT_FALSE(serves(spec, "multi_intent"));
  spec.only = {"mute", "multi_intent"};
  EXPECT_TRUE(serves(spec, "mute"));
  EXPECT_FALSE(serves(spec, "set_volume"));
  EXPECT_TRUE(serves(spec, "multi_intent"));
}

}  // namespace
}  // namespace prompts
