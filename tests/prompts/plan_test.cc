#include "prompts/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "prompts/slot_sets.h"

namespace prompts {
namespace {

using datasets::Kind;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

SlotType of_count(const std::string& name, int count) {
  std::vector<Value> values;
  for (int i = 0; i < count; ++i) values.push_back({name + std::to_string(i), name + std::to_string(i)});
  return SlotType::of_values(name, SlotType::Form::values, std::move(values), false, true);
}

Intent intent(std::string name, std::vector<IntentSlot> slots, std::vector<std::string> contrast = {},
              int line = 3) {
  Intent made;
  made.name = std::move(name);
  made.description = "描述";
  made.slots = std::move(slots);
  made.contrast = std::move(contrast);
  made.mark = {line, 5};
  return made;
}

/// Types: 0 level (numbers), 1 device (20), 2 person (12), 3 few (3).
Job meeting_room() {
  Job job;
  job.file = "job.yaml";
  job.language = "zh-Hans";
  job.seed = 7;
  job.per_request = 10;
  job.slot_types.push_back(
      SlotType::of_numbers("level", {0, 100, 1, {Written::arabic, Written::percent}}, "zh-Hans"));
  job.slot_types.push_back(of_count("device", 20));
  job.slot_types.push_back(of_count("person", 12));
  job.slot_types.push_back(of_count("few", 3));
  job.intents.push_back(
      intent("set_volume", {{"level", 0, true, false}, {"device", 1, false, false}}, {"mute"}));
  job.intents.push_back(intent("mute", {{"device", 1, false, false}}));
  job.intents.push_back(
      intent("switch", {{"from", 1, true, false}, {"to", 1, true, false}, {"person", 2, false, true}}));
  job.rows = {20, 6, 4, 10};
  job.style = {{"register", {"口语", "礼貌", "命令"}}, {"length", {"3-6", "7-12"}}};
  job.budget.candidates_per_row = 4;
  return job;
}

Plan planned(const Job& job) {
  auto plan = make_plan(job);
  EXPECT_TRUE(plan) << plan.error().message;
  return plan ? *plan : Plan{};
}

TEST(SlotSets, RequiredThenEachOptionalThenAll) {
  struct Case {
    std::vector<IntentSlot> slots;
    std::vector<std::vector<std::size_t>> sets;
  };
  const IntentSlot required{"r", 0, true, false};
  const IntentSlot optional{"o", 0, false, false};
  const Case cases[] = {
      {{}, {{}}},
      {{required}, {{0}}},
      {{optional}, {{}, {0}}},
      {{optional, required}, {{1}, {0, 1}}},
      {{optional, required, optional}, {{1}, {0, 1}, {1, 2}, {0, 1, 2}}},
      {{optional, optional, optional}, {{}, {0}, {1}, {2}, {0, 1, 2}}},
  };
  for (const Case& c : cases) {
    const Intent made = intent("x", c.slots);
    const SlotSets sets(made);
    std::vector<std::vector<std::size_t>> got;
    for (std::size_t i = 0; i < sets.size(); ++i) got.push_back(sets[i]);
    EXPECT_EQ(got, c.sets);
  }
}

TEST(MakePlan, CellsLanesAndQuotas) {
  const Plan plan = planned(meeting_room());
  std::vector<std::string> shown;
  for (const Lane& lane : plan.lanes)
    for (const Cell& cell : lane.cells)
      shown.push_back(lane.name + " " + cell.id + " " + std::to_string(cell.quota));
  EXPECT_THAT(shown, ElementsAre("set_volume set_volume|level|zh-Hans|in_scope 10",
                                 "set_volume set_volume|device+level|zh-Hans|in_scope 10",
                                 "mute mute|-|zh-Hans|in_scope 10", "mute mute|device|zh-Hans|in_scope 10",
                                 "switch switch|from+to|zh-Hans|in_scope 10",
                                 "switch switch|from+person+to|zh-Hans|in_scope 10",
                                 "out_of_scope none|near|zh-Hans|out_of_scope 6",
                                 "out_of_scope none|far|zh-Hans|out_of_scope 4",
                                 "multi_intent any|any|zh-Hans|multi_intent 10"));
  EXPECT_EQ(plan.lanes[0].cells[1].slots, (std::vector<std::size_t>{0, 1}));
  EXPECT_TRUE(plan.lanes[3].cells[0].near);
  EXPECT_FALSE(plan.lanes[3].cells[1].near);
  EXPECT_EQ(plan.lanes[4].cells[0].kind, Kind::multi_intent);
  EXPECT_THAT(plan.warnings, IsEmpty());
}

TEST(MakePlan, RemaindersAndLimits) {
  Job job = meeting_room();
  job.rows = {21, 0, 0, 0};
  job.budget.candidates_per_row = 2.5;
  const Plan plan = planned(job);
  ASSERT_THAT(plan.lanes, SizeIs(3));
  EXPECT_EQ(plan.lanes[0].cells[0].quota, 11);
  EXPECT_EQ(plan.lanes[0].cells[1].quota, 10);
  EXPECT_EQ(plan.lanes[0].cells[0].max_candidates, 28);
  ModelSpec model;
  model.per_request = 30;
  job.models.push_back(model);
  EXPECT_EQ(planned(job).lanes[0].cells[0].max_candidates, 60);
  job.rows.per_intent = 1;
  EXPECT_THAT(planned(job).lanes[0].cells, SizeIs(1));
}

TEST(MakePlan, SeedsFollowJobSeedAndId) {
  Job job = meeting_room();
  const Plan before = planned(job);
  std::set<std::uint64_t> seeds;
  for (const Lane& lane : before.lanes)
    for (const Cell& cell : lane.cells) seeds.insert(cell.seed);
  EXPECT_THAT(seeds, SizeIs(9));
  std::reverse(job.intents.begin(), job.intents.end());
  job.rows.per_intent = 40;
  EXPECT_EQ(planned(job).lanes[2].cells[0].seed, before.lanes[0].cells[0].seed);
  job.seed = 8;
  EXPECT_NE(planned(job).lanes[2].cells[0].seed, before.lanes[0].cells[0].seed);
}

TEST(MakePlan, WarnsOfQuotasThatNeedManyWordings) {
  Job job = meeting_room();
  job.rows.per_intent = 200;
  EXPECT_THAT(
      planned(job).warnings,
      ElementsAre(
          "job.yaml:3:5: mute|-|zh-Hans|in_scope: a quota of 100 needs 100 different wordings: no slot "
          "makes a difference, so each row must be a wording of its own; lower rows.per_intent if the "
          "run ends short"));
  job.per_template = 1;
  EXPECT_THAT(planned(job).warnings, testing::Contains(HasSubstr("duplicates.per_template is 1")));
  job = meeting_room();
  job.intents = {intent("a", {{"few", 3, true, false}})};
  job.rows = {100, 0, 0, 0};
  job.per_template = 0;
  EXPECT_THAT(planned(job).warnings,
              testing::Contains(HasSubstr("needs 34 different wordings: its slots have only 3 "
                                          "combinations of values")));
}

TEST(MakePlan, Refuses) {
  const auto message = [](const Job& job) {
    const auto plan = make_plan(job);
    EXPECT_FALSE(plan);
    if (plan) return std::string();
    EXPECT_EQ(plan.error().kind, base::ErrorKind::bad_input);
    return plan.error().message;
  };
  Job job = meeting_room();
  job.rows = {};
  EXPECT_EQ(message(job), "job.yaml: rows asks for no row at all; set rows.per_intent");

  job = meeting_room();
  job.slot_types[1] = of_count("device", 0);
  EXPECT_EQ(message(job),
            "job.yaml:3:5: slot device of set_volume can't be planned: its type device has no values; "
            "give some");

  job = meeting_room();
  job.intents.resize(1);
  EXPECT_EQ(message(job),
            "job.yaml: rows.multi_intent is 10, but no two intents can be said together: there is only "
            "one; set it to 0");
  job = meeting_room();
  job.intents.resize(2);
  EXPECT_EQ(message(job),
            "job.yaml: rows.multi_intent is 10, but no two intents can be said together: each is in the "
            "contrast list of the others; set it to 0");

  job = meeting_room();
  job.models.resize(1);
  job.models[0].only = {"set_volume", "switch", "multi_intent"};
  EXPECT_EQ(message(job),
            "job.yaml:3:5: no model serves mute; add it to the `only` of a model, or take `only` away\n"
            "job.yaml: no model serves out_of_scope; add it to the `only` of a model, or take `only` away");
}

Job with_models(const std::vector<std::pair<std::string, double>>& models) {
  Job job = meeting_room();
  for (const auto& [id, share] : models) {
    ModelSpec spec;
    spec.id = id;
    spec.share = share;
    job.models.push_back(spec);
  }
  return job;
}

std::vector<std::string> choices(const Job& job, int count) {
  const Plan plan = planned(job);
  std::vector<std::string> ids;
  for (int i = 0; i < count; ++i)
    ids.push_back(
        job.models[choose_model(job, plan.lanes[0], plan.lanes[0].cells[0], static_cast<std::uint64_t>(i))]
            .id);
  return ids;
}

int count(const std::vector<std::string>& ids, const std::string& id) {
  return static_cast<int>(std::count(ids.begin(), ids.end(), id));
}

TEST(ChooseModel, FollowsTheShares) {
  const auto ids = choices(with_models({{"a", 1}, {"b", 2}, {"c", 1}}), 10'000);
  EXPECT_NEAR(count(ids, "a"), 2500, 200);
  EXPECT_NEAR(count(ids, "b"), 5000, 200);
  EXPECT_NEAR(count(ids, "c"), 2500, 200);
}

TEST(ChooseModel, ANewModelMovesOnlyItsShare) {
  const auto before = choices(with_models({{"a", 1}, {"b", 2}}), 10'000);
  const auto after = choices(with_models({{"c", 1}, {"b", 2}, {"a", 1}}), 10'000);
  int moved = 0;
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (before[i] == after[i]) continue;
    EXPECT_EQ(after[i], "c");
    ++moved;
  }
  EXPECT_NEAR(moved, 2500, 200);
}

TEST(ChooseModel, IgnoresOrderAndSeed) {
  Job job = with_models({{"b", 2}, {"a", 1}});
  job.seed = 99;
  EXPECT_EQ(choices(job, 500), choices(with_models({{"a", 1}, {"b", 2}}), 500));
}

TEST(ChooseModel, OnlyModelsThatServeTheLane) {
  Job job = with_models({{"a", 1}, {"b", 100}});
  job.models[1].only = {"mute"};
  for (const std::string& id : choices(job, 200)) EXPECT_EQ(id, "a");
  const Plan plan = planned(job);
  EXPECT_TRUE(serves(job.models[1], plan.lanes[1].name));
  EXPECT_FALSE(serves(job.models[1], plan.lanes[0].name));
}

/// All utterances of a cell's first attempts.
std::vector<model::PlannedUtterance> utterances(const Job& job, const Cell& cell, std::uint64_t attempts) {
  std::vector<model::PlannedUtterance> all;
  for (std::uint64_t i = 0; i < attempts; ++i)
    for (auto& utterance : plan_attempt(job, cell, i, job.per_request).utterances)
      all.push_back(std::move(utterance));
  return all;
}

TEST(PlanAttempt, EveryValueIsUsedBeforeAnyIsUsedAgain) {
  const Job job = meeting_room();
  const Plan plan = planned(job);
  const Cell& cell = plan.lanes[0].cells[1];  // device (20 values) and level
  std::map<std::string, int> devices;
  for (const auto& utterance : utterances(job, cell, 4)) {
    ASSERT_THAT(utterance.frames, SizeIs(1));
    EXPECT_EQ(utterance.frames[0].name, "set_volume");
    ASSERT_THAT(utterance.frames[0].slots, SizeIs(2));
    EXPECT_EQ(utterance.frames[0].slots[0].name, "level");
    EXPECT_EQ(utterance.frames[0].slots[1].name, "device");
    ++devices[utterance.frames[0].slots[1].text];
  }
  EXPECT_THAT(devices, SizeIs(20));
  for (const auto& [device, count] : devices) EXPECT_EQ(count, 2) << device;
}

TEST(PlanAttempt, ALargerQuotaOrANewCellChangesNothing) {
  Job job = meeting_room();
  const AttemptPlan before = plan_attempt(job, planned(job).lanes[0].cells[0], 3, job.per_request);
  job.rows.per_intent = 1000;
  job.intents.insert(job.intents.begin(), intent("new", {}));
  const AttemptPlan after = plan_attempt(job, planned(job).lanes[1].cells[0], 3, job.per_request);
  ASSERT_EQ(after.utterances.size(), before.utterances.size());
  for (std::size_t i = 0; i < before.utterances.size(); ++i)
    EXPECT_EQ(after.utterances[i].frames[0].slots, before.utterances[i].frames[0].slots);
  EXPECT_EQ(after.styles, before.styles);
  EXPECT_EQ(after.salt, before.salt);
}

TEST(PlanAttempt, StylesCoverTheProductOfTheAxes) {
  Job job = meeting_room();
  job.per_request = 6;
  const Plan plan = planned(job);
  for (const std::uint64_t attempt : {0U, 1U, 7U}) {
    const auto styles = plan_attempt(job, plan.lanes[0].cells[0], attempt, job.per_request).styles;
    EXPECT_EQ(std::set<std::vector<std::size_t>>(styles.begin(), styles.end()).size(), 6u);
    for (const auto& style : styles) {
      ASSERT_THAT(style, SizeIs(2));
      EXPECT_LT(style[0], 3u);
      EXPECT_LT(style[1], 2u);
    }
  }
  job.style.clear();
  EXPECT_THAT(plan_attempt(job, plan.lanes[0].cells[0], 0, job.per_request).styles, testing::Each(IsEmpty()));
}

TEST(PlanAttempt, NoUtteranceHasOneValueTwice) {
  const Job job = meeting_room();
  const Plan plan = planned(job);
  std::map<std::size_t, int> persons;  // how many per utterance
  for (const auto& utterance : utterances(job, plan.lanes[2].cells[1], 500)) {
    std::set<std::string> texts;
    std::size_t people = 0;
    for (const auto& slot : utterance.frames[0].slots) {
      EXPECT_TRUE(texts.insert(slot.text).second) << slot.text;
      people += slot.name == "person";
    }
    ++persons[people];
  }
  EXPECT_NEAR(persons[1], 2500, 200);
  EXPECT_NEAR(persons[2], 1500, 200);
  EXPECT_NEAR(persons[3], 1000, 200);
}

TEST(PlanAttempt, SynonymsCountAsOneValue) {
  Job job = meeting_room();
  job.slot_types[1] =
      SlotType::of_values("device", SlotType::Form::values,
                          {{"麦克风", "麦克风"}, {"话筒", "麦克风"}, {"主屏", "主屏"}}, false, true);
  const Plan plan = planned(job);
  for (const auto& utterance : utterances(job, plan.lanes[2].cells[0], 20)) {
    const auto& slots = utterance.frames[0].slots;
    ASSERT_THAT(slots, SizeIs(2));
    EXPECT_NE(job.slot_types[1].canonical(slots[0].text), job.slot_types[1].canonical(slots[1].text));
  }
}

TEST(PlanAttempt, ASingleValueIsRepeatedOnlyWhereItMust) {
  Job job = meeting_room();
  job.slot_types[1] = of_count("device", 1);
  job.slot_types[2] = of_count("person", 1);
  const Plan plan = planned(job);
  for (const auto& utterance : utterances(job, plan.lanes[2].cells[1], 5))
    EXPECT_THAT(utterance.frames[0].slots, SizeIs(3));
}

TEST(PlanAttempt, OutOfScope) {
  const Job job = meeting_room();
  const Plan plan = planned(job);
  for (const std::size_t i : {0u, 1u}) {
    const AttemptPlan attempt = plan_attempt(job, plan.lanes[3].cells[i], 0, job.per_request);
    EXPECT_THAT(attempt.utterances, SizeIs(10));
    for (const auto& utterance : attempt.utterances) {
      ASSERT_THAT(utterance.frames, SizeIs(1));
      EXPECT_EQ(utterance.frames[0].name, i == 0 ? "out_of_scope_near" : "out_of_scope_far");
      EXPECT_THAT(utterance.frames[0].slots, IsEmpty());
    }
  }
}

TEST(PlanAttempt, MultiIntentPairsAndSets) {
  const Job job = meeting_room();
  const Plan plan = planned(job);
  std::set<std::pair<std::string, std::string>> pairs;
  std::set<std::size_t> volume_slots;
  for (const auto& utterance : utterances(job, plan.lanes[4].cells[0], 50)) {
    ASSERT_THAT(utterance.frames, SizeIs(2));
    pairs.emplace(utterance.frames[0].name, utterance.frames[1].name);
    std::set<std::string> texts;
    for (const auto& frame : utterance.frames) {
      if (frame.name == "set_volume") volume_slots.insert(frame.slots.size());
      for (const auto& slot : frame.slots) EXPECT_TRUE(texts.insert(slot.text).second) << slot.text;
    }
  }
  // set_volume and mute are each other's contrast.
  EXPECT_THAT(pairs, testing::UnorderedElementsAre(
                         testing::Pair("set_volume", "switch"), testing::Pair("switch", "set_volume"),
                         testing::Pair("mute", "switch"), testing::Pair("switch", "mute")));
  EXPECT_THAT(volume_slots, ElementsAre(1u, 2u));
}

TEST(PlanAttempt, AttemptsDiffer) {
  const Job job = meeting_room();
  const Plan plan = planned(job);
  std::set<std::uint64_t> salts;
  for (std::uint64_t i = 0; i < 100; ++i)
    salts.insert(plan_attempt(job, plan.lanes[0].cells[0], i, job.per_request).salt);
  EXPECT_THAT(salts, SizeIs(100));
}

TEST(AllowedTags, OfTheIntentNotOfTheCell) {
  const Job job = meeting_room();
  const Plan plan = planned(job);
  EXPECT_THAT(allowed_tags(job, plan.lanes[0].cells[0]), ElementsAre("level", "device"));
  EXPECT_THAT(allowed_tags(job, plan.lanes[3].cells[0]), IsEmpty());
  EXPECT_THAT(allowed_tags(job, plan.lanes[4].cells[0]),
              ElementsAre("set_volume.level", "set_volume.device", "mute.device", "switch.from", "switch.to",
                          "switch.person"));
}

}  // namespace
}  // namespace prompts
