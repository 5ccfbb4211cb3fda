#include "prompts/catalogue_prompt.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace prompts {
namespace {

using testing::HasSubstr;
using testing::Not;

Job asking(const std::string& language) {
  Job job;
  job.file = "job.yaml";
  job.name = "meeting-room";
  job.language = language;
  job.slot_types.push_back(
      SlotType::of_values("person", SlotType::Form::values,
                          {{"王明", "王明"}, {"李华", "李华"}, {"⟨person 3⟩", "⟨person 3⟩"}}, false, true));
  job.slot_types.push_back(
      SlotType::of_values("room", SlotType::Form::values, {{"A301", "A301"}}, false, true));
  Intent invite;
  invite.name = "invite";
  invite.description = "邀请某人\n参加会议";
  invite.slots = {{"guest", 0, true, false}, {"room", 1, false, false}};
  for (const char* text : {"叫[guest:王明]来", "到[room:A301]来"})
    invite.examples.push_back(*parse_annotation(text));
  job.intents.push_back(std::move(invite));
  Ask ask;
  ask.count = 3;
  ask.known = 2;
  ask.description = "同事的姓名";
  job.asks.push_back(std::move(ask));
  job.rows.per_intent = 5;
  ModelSpec model;
  model.id = "m";
  model.kind = ModelSpec::Kind::remote;
  job.models.push_back(std::move(model));
  return job;
}

TEST(CataloguePrompt, SaysWhatTheValuesAreAndWhereTheyAreSaid) {
  const Job job = asking("zh-Hans");
  const auto prompt = CataloguePrompt::make(job);
  ASSERT_TRUE(prompt) << prompt.error().message;
  EXPECT_THAT(prompt->prefix(0), HasSubstr(R"(# 词表

person：同事的姓名

# 用在哪里

- invite：邀请某人 参加会议（槽位 guest）
  叫[guest:王明]来

# 已经有的

王明、李华

再写别的，要同一类。

# 输出
)"));
  EXPECT_THAT(prompt->prefix(0), Not(HasSubstr("⟨person")));
}

TEST(CataloguePrompt, EachAttemptHasItsAngle) {
  const Job job = asking("en");
  const auto plan = make_plan(job);
  ASSERT_TRUE(plan) << plan.error().message;
  ASSERT_EQ(plan->catalogues.size(), 1U);
  const Cell& cell = plan->catalogues[0].cells[0];
  EXPECT_EQ(plan->catalogues[0].name, "catalogues/person");
  EXPECT_EQ(cell.id, "person|-|en|catalogue");
  EXPECT_EQ(cell.quota, 1);
  const auto prompt = CataloguePrompt::make(job);
  ASSERT_TRUE(prompt);
  const auto tail = [&](std::uint64_t attempt) {
    return prompt->tail(0, plan_attempt(job, cell, attempt, candidates_per_request(cell, job.models[0])));
  };
  EXPECT_EQ(tail(0), "Write 40 values of person.\n\nBegin with the most common ones.");
  EXPECT_EQ(tail(3), "Write 40 values of person.\n\nWrite longer ones, of several words.");
  EXPECT_EQ(tail(6), tail(0));
}

TEST(CataloguePrompt, OnlyTypesThatAreUsedAndNotFilledAreAskedFor) {
  Job job = asking("zh-Hans");
  job.asks[0].filled = true;
  EXPECT_TRUE(make_plan(job)->catalogues.empty());
  job.asks[0].filled = false;
  job.intents[0].slots.erase(job.intents[0].slots.begin());
  job.intents[0].examples.clear();
  EXPECT_TRUE(make_plan(job)->catalogues.empty());
}

TEST(CataloguePrompt, WhoServesACatalogue) {
  ModelSpec spec;
  spec.kind = ModelSpec::Kind::remote;
  EXPECT_TRUE(serves(spec, "catalogues/person"));
  spec.only = {"intents", "out_of_scope"};
  EXPECT_FALSE(serves(spec, "catalogues/person"));
  spec.only = {"catalogues"};
  EXPECT_TRUE(serves(spec, "catalogues/person"));
  EXPECT_FALSE(serves(spec, "invite"));
  spec.profile = Profile::compact;
  EXPECT_FALSE(serves(spec, "catalogues/person"));
  spec = {};
  spec.kind = ModelSpec::Kind::patterns;
  EXPECT_FALSE(serves(spec, "catalogues/person"));
}

}  // namespace
}  // namespace prompts
