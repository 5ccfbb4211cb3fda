// A job whose values a model writes: the whole program against the provider.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "base/text.h"
#include "tests/cli/workspace.h"

namespace cli_testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testing_support::Provider;

std::string asking_job(const std::string& base_url, const std::string& person) {
  return R"(slotmill: 1
name: asking
language: zh-Hans
per_request: 8
intents:
  invite:
    description: 邀请某人参加会议
    slots: {person: required}
    examples: ["叫[person:王明]来开会"]
  greet_person:
    description: 向某人问好
    slots: {person: required}
slot_types:
  person: )" +
         person + R"(
rows: {per_intent: 30}
models:
  - {id: loop, provider: openai, model: test-model, base_url: ")" +
         base_url + R"("}
duplicates: {per_template: off}
)";
}

class Catalogues : public ::testing::Test {
 protected:
  testing_support::Finished slotmill(const std::string& command) const {
    return workspace_.slotmill({command, workspace_.path("job.yaml").string()});
  }
  void write_job(const std::string& base_url, const std::string& person) const {
    workspace_.write("job.yaml", asking_job(base_url, person));
  }
  std::set<std::string> values_said() const {
    std::set<std::string> values;
    for (const datasets::Row& row : workspace_.rows("out/asking"))
      for (const datasets::Frame& frame : row.frames)
        for (const datasets::Slot& slot : frame.slots) values.insert(slot.value);
    return values;
  }
  std::set<std::string> values_frozen() const {
    std::set<std::string> values;
    const std::string text = workspace_.read(kFile);
    for (const std::string_view line : base::split(text, '\n'))
      if (!line.empty() && line[0] != '#') values.emplace(line);
    return values;
  }

  static constexpr const char* kFile = "out/asking/catalogues/person.txt";
  Workspace workspace_;
};

TEST_F(Catalogues, AreFilledFrozenAndThenPlannedWith) {
  const Provider provider({"--fault-rate", "0.1"});
  write_job(provider.base_url(), "{values: [王明, 李华], ask: 25, description: 同事的姓名}");
  const auto plan = slotmill("plan");
  EXPECT_THAT(plan.output, HasSubstr("person|-|zh-Hans|catalogue"));
  EXPECT_THAT(plan.output, HasSubstr("23 values of catalogues; 1 requests for 40 values"));
  const auto preview = slotmill("preview");
  EXPECT_THAT(preview.output, HasSubstr("同事的姓名"));
  EXPECT_THAT(preview.output, HasSubstr("写 40 个 person"));
  EXPECT_THAT(preview.output, HasSubstr("⟨person "));  // what isn't known yet

  const auto first = slotmill("run");
  ASSERT_EQ(first.code, 0) << first.errors;
  EXPECT_THAT(first.errors, HasSubstr("catalogues/person.txt: 23 values that models wrote"));
  EXPECT_EQ(values_frozen().size(), 23U);
  std::set<std::string> all = values_frozen();
  all.insert({"王明", "李华"});
  EXPECT_EQ(values_said(), all);  // 60 rows say each of them
  const auto results = workspace_.results("out/asking");

  const auto again = slotmill("run");
  EXPECT_EQ(again.code, 0) << again.errors;
  EXPECT_THAT(again.errors, HasSubstr("0 requests to send"));
  EXPECT_THAT(again.errors, Not(HasSubstr("that models wrote")));
  EXPECT_EQ(workspace_.results("out/asking"), results);
  EXPECT_THAT(slotmill("plan").output, Not(HasSubstr("catalogue")));
}

TEST_F(Catalogues, ThatAPersonEditedAreWhatIsPlannedWith) {
  const Provider provider;
  write_job(provider.base_url(), "{ask: 25}");
  ASSERT_EQ(slotmill("run").code, 0);
  workspace_.write(kFile, "诸葛亮\n司马懿 = 仲达\n");
  const auto edited = slotmill("run");
  EXPECT_EQ(edited.code, 0) << edited.errors;
  EXPECT_EQ(values_said(), (std::set<std::string>{"诸葛亮", "司马懿"}));
  workspace_.write(kFile, "诸葛亮\n司马懿 | 仲达\n");
  const auto wrong = slotmill("run");
  EXPECT_EQ(wrong.code, 2);
  EXPECT_THAT(wrong.errors, HasSubstr("catalogues/person.txt:2:1: synonyms without their value"));
}

TEST_F(Catalogues, ThatCantBeFilledEndTheRunShort) {
  const Provider provider({"--mode", "refusal"});
  write_job(provider.base_url(), "{ask: 25}");
  const auto finished = slotmill("run");
  EXPECT_EQ(finished.code, 3) << finished.errors;
  EXPECT_THAT(finished.errors, HasSubstr("person|-|zh-Hans|catalogue: 0 of 25 values after 200 candidates"));
  EXPECT_THAT(finished.errors, HasSubstr("lower ask:, list values of your own under values:"));
  EXPECT_FALSE(std::filesystem::exists(workspace_.path(kFile)));
  EXPECT_FALSE(std::filesystem::exists(workspace_.path("out/asking/rows.jsonl")));
  EXPECT_THAT(workspace_.read("out/asking/run.json"),
              HasSubstr(R"("catalogues":[{"name":"catalogues/person")"));
}

}  // namespace
}  // namespace cli_testing
