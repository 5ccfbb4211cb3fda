// `tables:`: how they are read, and that values of a row stay together when they are planned.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "prompts/links.h"
#include "prompts/plan.h"
#include "tests/prompts/job_fixture.h"

namespace prompts {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::string kTable =
    "tables: [{types: [city, country], rows: [[Paris, France], [{NYC: [Big Apple]}, USA], "
    "[Lyon, France], [{Paris: [Paree]}, France], [Boston, USA]]}]";
const Edits kTravel = {{7, "    slots: {level: required, city: optional, country: optional}"}, {12, kTable}};

std::vector<std::string> texts(const SlotType& type) {
  std::vector<std::string> all;
  for (std::uint64_t i = 0; i < type.size(); ++i) all.push_back(type.value(i).text);
  return all;
}

TEST_F(JobTest, ATableDeclaresATypeForEachColumn) {
  const Loaded loaded = load(edited(kTravel));
  ASSERT_TRUE(loaded.job) << loaded.errors[0];
  ASSERT_EQ(loaded.job->slot_types.size(), 3U);
  EXPECT_EQ(loaded.job->slot_types[1].name(), "city");
  EXPECT_THAT(texts(loaded.job->slot_types[1]),
              ElementsAre("Paris", "Paree", "NYC", "Big Apple", "Lyon", "Boston"));
  EXPECT_THAT(texts(loaded.job->slot_types[2]), ElementsAre("France", "USA"));
  EXPECT_EQ(loaded.job->slot_types[1].canonical("big apple"), "NYC");
  ASSERT_EQ(loaded.job->tables.size(), 1U);
  const Table& table = loaded.job->tables[0];
  EXPECT_EQ(table.rows(), 5U);
  EXPECT_EQ(table.entry(3, 0).first, 0U);
  EXPECT_EQ(table.entry(3, 0).count, 2U);
  EXPECT_EQ(table.entry(4, 1).first, 1U);
  EXPECT_THAT(
      loaded.warnings,
      ElementsAre(
          "job.yaml:12:10: tables.city: 6 values; a model learns such a short list by heart instead of "
          "the slot: 50 are good, 10 the least",
          "job.yaml:12:10: tables.country: 2 values; a model learns such a short list by heart instead "
          "of the slot: 50 are good, 10 the least",
          "job.yaml:12:104: the row Paris, France is repeated"));
}

TEST_F(JobTest, ATableInAFile) {
  Edits edits = kTravel;
  edits[12] = "tables: [{types: [city, country], file: places.csv}]";
  const Loaded loaded =
      load(edited(edits), {{"places.csv",
                            "\xEF\xBB\xBF"
                            "city,country\r\n# of Europe\r\n\r\n Paris = Paree , France\r\n"
                            "\"Washington, D.C.\",USA\r\n\"the \"\"Big\"\" Apple\",USA\r\n"}});
  ASSERT_TRUE(loaded.job) << loaded.errors[0];
  EXPECT_THAT(texts(loaded.job->slot_types[1]),
              ElementsAre("Paris", "Paree", "Washington, D.C.", "the \"Big\" Apple"));
  EXPECT_EQ(loaded.job->tables[0].rows(), 3U);
}

TEST_F(JobTest, WhatIsWrongWithATableIsSaid) {
  const std::string slots = "    slots: {level: required, city: optional, country: optional}";
  EXPECT_CASES(
      {{{7, slots}, {12, "tables: [{types: [city, country], rows: [[Paris], [Lyon, France]]}]"}},
       {"12:42: tables[0].rows[0]: expected a list of 2 values, found a list"}},
      {{{7, slots}, {12, "tables: [{types: [city, country], rows: [[Paris, France], [paris, Texas]]}]"}},
       {"12:60: tables[0].rows[1][0]: 'paris' means 'paris' here and 'Paris' on line 12, as 'Paris'; a value "
        "has one "
        "meaning"}},
      {{{7, "    slots: {level: required, city: optional}"},
        {12, "tables: [{types: [city, level], rows: [[a, b]]}]"}},
       {"7:30: intents.set_level.slots.city: no slot type 'city'; add it to slot_types:, or name one with "
        "type:",
        "12:25: tables[0].types: there is a slot type level already; a table declares its types, so choose "
        "another "
        "name, or remove the other one"}},
      {{{7, slots}, {12, "tables: [{types: [city, country]}]"}},
       {"12:10: tables[0]: give it rows: or a file:"}},
      {{{7, slots}, {12, "tables: [{types: [city, country], file: p.csv}]"}},
       {"p.csv:2:1: expected 2 values (city, country) with commas between, found 3; put a value that has a "
        "comma into "
        "double quotes"},
       {{"p.csv", "Paris,France\nWashington, D.C.,USA\n"}}});
}

/// Types: 0 city (3 rows, the first with a synonym), 1 country, 2 person.
Job travel(std::vector<IntentSlot> slots) {
  Job job;
  job.file = "job.yaml";
  job.language = "zh-Hans";
  job.per_request = 6;
  job.slot_types.push_back(SlotType::of_values(
      "city", SlotType::Form::values,
      {{"北京", "北京"}, {"京城", "北京"}, {"巴黎", "巴黎"}, {"里昂", "里昂"}}, false, true));
  job.slot_types.push_back(SlotType::of_values("country", SlotType::Form::values,
                                               {{"中国", "中国"}, {"法国", "法国"}}, false, true));
  job.slot_types.push_back(
      SlotType::of_values("person", SlotType::Form::values, {{"王明", "王明"}}, false, true));
  job.tables.push_back({{0, 1}, {{0, 2}, {0, 1}, {2, 1}, {1, 1}, {3, 1}, {1, 1}}});
  Intent intent;
  intent.name = "travel";
  intent.slots = std::move(slots);
  job.intents.push_back(std::move(intent));
  job.rows.per_intent = 6;
  return job;
}

Cell cell_of(std::vector<std::size_t> slots) {
  Cell cell;
  cell.id = "travel";
  cell.slots = std::move(slots);
  cell.seed = 42;
  return cell;
}

const std::map<std::string, std::string> kCountries = {
    {"北京", "中国"}, {"京城", "中国"}, {"巴黎", "法国"}, {"里昂", "法国"}};

TEST(Tables, ValuesOfOneUtteranceAreOfOneRow) {
  const Job job = travel({{"city", 0, true, false}, {"country", 1, true, false}, {"person", 2, true, false}});
  std::map<std::string, int> cities;
  for (std::uint64_t attempt = 0; attempt < 2; ++attempt)
    for (const auto& utterance : plan_attempt(job, cell_of({0, 1, 2}), attempt, 6).utterances) {
      const auto& slots = utterance.frames[0].slots;
      ASSERT_EQ(slots.size(), 3U);
      EXPECT_EQ(slots[0].name, "city");
      EXPECT_EQ(slots[1].text, kCountries.at(slots[0].text));
      ++cities[slots[0].text];
    }
  // 12 utterances: each row four times, and each way of writing 北京 half of them.
  EXPECT_EQ(cities, (std::map<std::string, int>{{"北京", 2}, {"京城", 2}, {"巴黎", 4}, {"里昂", 4}}));
}

TEST(Tables, SecondSlotsOfATypeHaveARowOfTheirOwn) {
  const Job job = travel({{"from", 0, true, false},
                          {"from_country", 1, true, false},
                          {"to", 0, true, false},
                          {"to_country", 1, true, false}});
  EXPECT_THAT(link_slots(job, job.intents[0], {0, 1, 2, 3}),
              ElementsAre(Link{0, 0, 0}, Link{0, 1, 0}, Link{0, 0, 1}, Link{0, 1, 1}));
  for (const auto& utterance : plan_attempt(job, cell_of({0, 1, 2, 3}), 0, 6).utterances) {
    const auto& slots = utterance.frames[0].slots;
    EXPECT_EQ(slots[1].text, kCountries.at(slots[0].text));
    EXPECT_EQ(slots[3].text, kCountries.at(slots[2].text));
    EXPECT_NE(slots[1].text, slots[3].text);  // no value twice as long as there are others
  }
}

TEST(Tables, ASlotWithoutAPartnerTakesAnyValueOfItsType) {
  const Job job = travel({{"from", 0, true, false}, {"to", 0, true, false}, {"country", 1, false, false}});
  EXPECT_THAT(link_slots(job, job.intents[0], {0, 1}), ElementsAre(std::nullopt, std::nullopt));
  EXPECT_THAT(link_slots(job, job.intents[0], {0, 1, 2}),
              ElementsAre(Link{0, 0, 0}, std::nullopt, Link{0, 1, 0}));
  std::set<std::string> said;
  for (const auto& utterance : plan_attempt(job, cell_of({0, 1}), 0, 6).utterances)
    for (const auto& slot : utterance.frames[0].slots) said.insert(slot.text);
  EXPECT_EQ(said.size(), 4U);
}

TEST(Tables, OfManyValuesTheFirstIsTheRows) {
  const Job job = travel({{"city", 0, true, true}, {"country", 1, true, false}});
  for (const auto& utterance : plan_attempt(job, cell_of({0, 1}), 0, 20).utterances) {
    const auto& slots = utterance.frames[0].slots;
    EXPECT_EQ(slots.back().name, "country");
    EXPECT_EQ(slots.back().text, kCountries.at(slots.front().text));
  }
}

}  // namespace
}  // namespace prompts
