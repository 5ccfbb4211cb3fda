// Validation as a library: places of values, comparison with other rows against brute force, the language.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>

#include "datasets/formats/swift.h"
#include "validators/data_set/inferred_job.h"
#include "validators/data_set/other_rows.h"
#include "validators/data_set/place_values.h"
#include "validators/duplicates/jaccard.h"

namespace validators {
namespace {

DataSet set_of(std::vector<datasets::Row> rows) {
  DataSet set;
  set.files.push_back({"data.jsonl", datasets::Format::rows, rows.size(), ""});
  for (datasets::Row& row : rows) {
    DataRow& data = set.rows.emplace_back();
    data.row = std::move(row);
    data.place = {static_cast<std::uint32_t>(set.rows.size()), 0};
  }
  return set;
}

datasets::Row row(std::string text, std::string intent, std::vector<datasets::Slot> slots = {}) {
  datasets::Row out;
  out.text = std::move(text);
  out.frames = {{std::move(intent), std::move(slots)}};
  return out;
}

TEST(PlaceValues, FindsWhatAChatAnswerOnlyNames) {
  const std::vector<datasets::Row> rows = {
      row("把主屏音量调到百分之三十", "up",
          {{"device", "主屏", "主屏", 1, 3}, {"level", "百分之三十", "30", 7, 12}}),
      row("音量调到三十", "up", {{"level", "三十", "30", 4, 6}}),
      row("音量调到３０", "up", {{"level", "３０", "30", 4, 6}}),
      row("turn the TV to 30", "up", {{"device", "TV", "tv", 9, 11}, {"level", "30", "30", 15, 17}}),
      row("room 3 at 30", "go", {{"room", "3", "3", 5, 6}, {"level", "30", "30", 10, 12}}),
      row("invite Ann and Bo and Ann", "call",
          {{"who", "Ann", "Ann", 7, 10}, {"who", "Bo", "Bo", 15, 17}, {"who", "Ann", "Ann", 22, 25}}),
      row("把客厅的客厅灯打开", "on", {{"room", "客厅", "客厅", 1, 3}, {"device", "客厅灯", "客厅灯", 4, 7}}),
  };
  datasets::Schema schema;  // slots that it doesn't know are open text
  datasets::SlotSchema who;
  who.name = "who";
  who.many = true;
  schema.intents = {{"call", "", {who}}};
  for (const auto shape : {datasets::SwiftFormat::Shape::messages, datasets::SwiftFormat::Shape::agent}) {
    const datasets::SwiftFormat format(shape, schema, "system", true);
    std::string text;
    for (const datasets::Row& one : rows) {
      format.append(one, text);
      text += '\n';
    }
    auto read = datasets::read_data(text, std::nullopt);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->format, datasets::Format::chat);
    EXPECT_TRUE(read->reading.faults.empty());
    std::vector<datasets::Row> back;
    for (datasets::ReadRow& one : read->reading.rows) back.push_back(std::move(one.row));
    DataSet set = set_of(std::move(back));
    prompts::Job job = infer_job(set);
    place_values(job, false, set);
    EXPECT_TRUE(set.faults.empty());
    ASSERT_EQ(set.rows.size(), rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      EXPECT_EQ(set.rows[i].row.text, rows[i].text);
      EXPECT_EQ(set.rows[i].row.frames, rows[i].frames) << rows[i].text;
    }
  }
}

TEST(PlaceValues, AValueThatIsNowhereIsAFaultWhereTheOthersAreThere) {
  std::vector<datasets::Row> rows;
  for (int i = 0; i < 40; ++i)
    rows.push_back(
        row(fmt::format("to {}", i), "go", {{"n", "", std::to_string(i), 0, 0}, {"at", "", "07:00", 0, 0}}));
  rows.push_back(row("to me", "go", {{"n", "", "7", 0, 0}}));
  DataSet set = set_of(std::move(rows));
  place_values(infer_job(set), false, set);
  ASSERT_EQ(set.faults.size(), 41U);
  EXPECT_TRUE(set.faults[0].note);
  EXPECT_FALSE(set.faults[40].note);
  EXPECT_EQ(set.faults[40].what, "n: `7` isn't in the text");
  EXPECT_EQ(set.rows[40].verdict, Verdict::value_not_in_text);
  EXPECT_EQ(set.rows[0].verdict, Verdict::accepted);
}

// The same decisions, one row after the other and every pair compared.
TEST(OtherRows, EqualBruteForce) {
  std::vector<datasets::Row> rows;
  for (std::uint32_t i = 0; i < 1500; ++i) {
    const std::uint32_t a = i * 7919 % 23;
    const std::uint32_t b = i * 104729 % 17;
    std::string text = fmt::format("please put the lamp number {} of the hall at level w{}", a, b);
    if (i % 5 == 0) text += " now";
    const auto size = static_cast<std::uint32_t>(std::to_string(a).size());
    rows.push_back(
        row(text, i % 31 == 0 ? "dim" : "set", {{"n", std::to_string(a), std::to_string(a), 27, 27 + size}}));
  }
  DataSet set = set_of(rows);
  const prompts::Job job = infer_job(set);
  const RowKeyMaker maker(job);
  std::vector<RowKeys> keys;
  for (DataRow& data : set.rows) keys.push_back(maker.make(data.row));
  OtherRowRules rules;
  rules.near = 0.8;
  rules.per_template = 4;
  const DataSet before = set;
  check_other_rows(keys, rules, set);

  std::vector<Verdict> expected(rows.size(), Verdict::accepted);
  for (std::size_t i = 0; i < rows.size(); ++i)
    for (std::size_t j = 0; j < rows.size(); ++j) {
      if (keys[i].text != keys[j].text || i == j) continue;
      if (keys[i].intents != keys[j].intents) expected[i] = Verdict::conflict;
      if (j < i && expected[i] == Verdict::accepted) expected[i] = Verdict::duplicate;
    }
  const Jaccard jaccard(rules.near);
  std::vector<std::vector<Token>> tokens(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) shingle(before.rows[i].row.template_text, tokens[i]);
  std::vector<std::size_t> kept;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (expected[i] != Verdict::accepted) continue;
    int neighbours = 0;
    bool copy = false;
    for (const std::size_t other : kept)
      if (keys[other].intents == keys[i].intents && jaccard.is_near(tokens[i], tokens[other])) {
        ++neighbours;
        copy = copy || keys[other].values == keys[i].values;
      }
    if (copy) {
      expected[i] = Verdict::near_duplicate;
    } else if (neighbours >= rules.per_template) {
      expected[i] = Verdict::template_repeated;
    } else {
      kept.push_back(i);
    }
  }
  std::map<Verdict, int> counts;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(verdict_code(set.rows[i].verdict), verdict_code(expected[i])) << rows[i].text;
    ++counts[expected[i]];
  }
  for (const Verdict verdict : {Verdict::accepted, Verdict::conflict, Verdict::duplicate,
                                Verdict::near_duplicate, Verdict::template_repeated})
    EXPECT_GT(counts[verdict], 0) << verdict_code(verdict);
}

TEST(InferJob, TheLanguageThatMostTextsAreIn) {
  const std::pair<std::vector<const char*>, const char*> cases[] = {
      {{"把主屏音量调到百分之三十", "打开PPT"}, "zh-Hans"},
      {{"打開主屏", "關閉燈光"}, "zh-Hant"},
      {{"turn the light on", "stop it"}, "en"},
      {{"mach das Licht aus", "licht"}, "und"},
      {{"включи свет"}, "und"},
      {{"電気をつけてください", "テレビを消して"}, "und"},
      {{"123", "…"}, "und"},
      {{}, "und"},
  };
  for (const auto& [texts, language] : cases) {
    std::vector<datasets::Row> rows;
    for (const char* text : texts) rows.push_back(row(text, "i"));
    EXPECT_EQ(detect_language(set_of(std::move(rows))), language) << (texts.empty() ? "" : texts[0]);
  }
}

}  // namespace
}  // namespace validators
