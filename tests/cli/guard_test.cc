// Evaluation files: the whole program with patterns.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "tests/cli/workspace.h"

namespace cli_testing {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

std::string guarding_job(const std::string& extra) {
  return R"(slotmill: 1
name: lights
language: zh-Hans
seed: 1
intents:
  dim: {description: 调暗灯, slots: {area: required}}
slot_types:
  area: {values: [前排, 后排, 讲台, 左侧, 右侧, 走廊, 门口, 窗边, 吧台, 角落]}
rows: {per_intent: 24}
models: [{id: p, patterns: patterns.txt}]
)" + extra;
}

class GuardRun : public ::testing::Test {
 protected:
  GuardRun() {
    workspace_.write("patterns.txt",
                     "%[dim]\n    {请|麻烦|你|快}?把@[area]{的灯都调暗一点|灯光弄暗些|那边的照明关小}\n");
  }
  testing_support::Finished run(const std::string& extra) const {
    workspace_.write("job.yaml", guarding_job(extra));
    return workspace_.slotmill({"run", workspace_.path("job.yaml").string()});
  }
  std::set<std::string> texts() const {
    std::set<std::string> out;
    for (const datasets::Row& row : workspace_.rows("out/lights")) out.insert(row.text);
    return out;
  }
  Workspace workspace_;
};

TEST_F(GuardRun, KeepsRowsAwayAndReplaysForOtherFiles) {
  ASSERT_EQ(run("").code, 0);
  const std::vector<datasets::Row> before = workspace_.rows("out/lights");
  ASSERT_EQ(before.size(), 24u);
  // One as an annotated row, in another format two plain texts.
  std::string line;
  datasets::append_row(before[0], line);
  workspace_.write("test.jsonl", line + "\n");
  workspace_.write("plain.csv", "text,intent\n" + before[1].text + ",dim\n" + before[2].text + ",other\n");

  const auto guarded = run("guard: [test.jsonl, plain.csv]\n");
  ASSERT_EQ(guarded.code, 0) << guarded.errors;
  const std::vector<datasets::Row> after = workspace_.rows("out/lights");
  EXPECT_EQ(after.size(), 24u);
  EXPECT_THAT(texts(), Not(Contains(before[1].text)));
  EXPECT_THAT(texts(), Not(Contains(before[2].text)));
  for (const datasets::Row& row : after) EXPECT_NE(row.template_text, before[0].template_text);
  const std::string rejects = workspace_.read("out/lights/rejects.jsonl");
  EXPECT_THAT(rejects,
              HasSubstr(R"({"verdict":"guarded","detail":"the text of test.jsonl:1: )" + before[0].text));
  EXPECT_THAT(rejects, HasSubstr(R"("detail":"the text of plain.csv:3: )" + before[2].text));

  // Without it the stored replies give the rows that they gave before.
  const auto first = workspace_.results("out/lights");
  ASSERT_EQ(run("").code, 0);
  for (const datasets::Row& row : before) EXPECT_THAT(texts(), Contains(row.text));
  ASSERT_EQ(run("guard: {files: [test.jsonl, plain.csv], near: 0.8}\n").code, 0);
  EXPECT_EQ(workspace_.results("out/lights").at("rows.jsonl"), first.at("rows.jsonl"));
}

TEST_F(GuardRun, FilesThatCantBeReadAreRefusedWithTheirPlace) {
  workspace_.write("broken.jsonl", R"({"text":"把灯调暗","intent":"dim","slots":[]})"
                                   "\n{\"text\":\"把灯\n");
  workspace_.write("prose.txt", "once upon a time\n");
  const auto finished = run("guard: [broken.jsonl, prose.txt, nowhere.jsonl]\n");
  EXPECT_EQ(finished.code, 2);
  EXPECT_THAT(finished.errors, HasSubstr("broken.jsonl:2:"));
  EXPECT_THAT(finished.errors, HasSubstr("can't be guarded: mend or remove it"));
  EXPECT_THAT(finished.errors, HasSubstr("job.yaml:11:23: guard[1]: "));
  EXPECT_THAT(finished.errors, HasSubstr("nowhere.jsonl does not exist"));
  EXPECT_THAT(run("guard: {near: 0.2}\n").errors, HasSubstr("guard.near"));
  EXPECT_THAT(run("guard: {near: 0.9}\n").errors, HasSubstr("name the files"));
  EXPECT_THAT(run("guard: test.jsonl\n").errors, HasSubstr("job.yaml:11:8: guard: expected"));
}

}  // namespace
}  // namespace cli_testing
