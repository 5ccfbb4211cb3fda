// Both examples and both starter jobs, run as a user runs them.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <ostream>
#include <set>

#include "base/text.h"
#include "base/unicode.h"
#include "local_model/llama_model.h"
#include "tests/cli/workspace.h"

namespace cli_testing {
namespace {

void expect_sound(const std::vector<datasets::Row>& rows) {
  std::set<std::string> texts;
  std::set<std::string> ids;
  std::map<std::string, datasets::Split> templates;
  for (const datasets::Row& row : rows) {
    EXPECT_TRUE(texts.insert(base::normalise(row.text, true)).second) << row.text;
    EXPECT_TRUE(ids.insert(row.id).second) << row.id;
    const auto [known, is_new] = templates.emplace(row.template_text, row.split);
    EXPECT_EQ(known->second, row.split) << row.template_text;
    const std::u32string text = base::to_utf32(row.text);
    for (const datasets::Frame& frame : row.frames) {
      std::uint32_t end = 0;
      for (const datasets::Slot& slot : frame.slots) {
        ASSERT_LE(slot.end, text.size());
        EXPECT_EQ(base::to_utf8(std::u32string_view(text).substr(slot.start, slot.end - slot.start)),
                  slot.text)
            << row.text;
        EXPECT_GE(slot.start, end) << row.text;
        end = slot.end;
      }
    }
    const std::size_t frames = row.kind == datasets::Kind::out_of_scope   ? 0
                               : row.kind == datasets::Kind::multi_intent ? 2
                                                                          : 1;
    EXPECT_EQ(row.frames.size(), frames) << row.text;
  }
}

std::size_t occurrences(const std::string& text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size()))
    ++count;
  return count;
}

// The example, copied into a workspace so that its `../../out` is the workspace's.
void copy_example(const std::string& example, const Workspace& workspace) {
  std::filesystem::create_directories(workspace.path("examples"));
  std::filesystem::copy(base::Path(SLOTMILL_EXAMPLES) / example, workspace.path("examples/" + example),
                        std::filesystem::copy_options::recursive);
}

struct Example {
  const char* name;
  std::size_t least_rows;
  std::size_t least_intents;
};

void PrintTo(const Example& example, std::ostream* out) { *out << example.name; }

class Examples : public ::testing::TestWithParam<Example> {};

TEST_P(Examples, FillEveryQuotaWithSoundRowsAndReplayToTheSameBytes) {
  if (!local_model::has_llama()) GTEST_SKIP() << "built without llama.cpp";
  const std::string name = GetParam().name;
  const Workspace workspace;
  copy_example(name, workspace);
  const std::string job = workspace.path("examples/" + name + "/job.yaml").string();
  const auto finished = workspace.slotmill({"run", job});
  ASSERT_EQ(finished.code, 0) << finished.errors;
  EXPECT_NE(finished.errors.find("published"), std::string::npos) << finished.errors;
  const auto rows = workspace.rows("out/" + name);
  EXPECT_GE(rows.size(), GetParam().least_rows);
  expect_sound(rows);
  std::set<std::string> intents;
  std::set<datasets::Kind> kinds;
  for (const datasets::Row& row : rows) {
    kinds.insert(row.kind);
    for (const datasets::Frame& frame : row.frames) intents.insert(frame.intent);
  }
  EXPECT_GE(intents.size(), GetParam().least_intents);
  EXPECT_EQ(kinds.size(), 3U);
  // The grammar leaves nothing to mend: every reply parses at once, and has exactly its slots. Sums of floats
  // depend on the processor, so once in thousands an answer may go astray until its tokens are used up.
  const std::string report = workspace.read("out/" + name + "/run.json");
  for (const char* word : {"fenced", "extracted", "mended", "salvaged", "missing_slot", "unknown_slot"})
    EXPECT_EQ(report.find(std::string("\"") + word + "\":"), std::string::npos) << word;
  EXPECT_LE(occurrences(workspace.read("out/" + name + "/rejects.jsonl"), R"("verdict":"broken_json")"),
            rows.size() / 500);

  const auto before = workspace.results("out/" + name);
  EXPECT_TRUE(before.count("releases/0001/train.swift.jsonl"));
  for (const auto& entry : std::filesystem::directory_iterator(workspace.path("out/" + name)))
    if (entry.path().filename() != "journal") std::filesystem::remove_all(entry.path());
  ASSERT_EQ(workspace.slotmill({"run", "--quiet", "--threads", "1", "--window", "1", job}).code, 0);
  EXPECT_TRUE(workspace.results("out/" + name) == before);
}

TEST_P(Examples, ArePlannedAndPreviewed) {
  if (!local_model::has_llama()) GTEST_SKIP() << "built without llama.cpp";
  const std::string name = GetParam().name;
  const Workspace workspace;
  copy_example(name, workspace);
  const std::string job = workspace.path("examples/" + name + "/job.yaml").string();
  const auto plan = workspace.slotmill({"plan", job});
  EXPECT_EQ(plan.code, 0) << plan.errors;
  EXPECT_NE(plan.output.find("set_volume|level|"), std::string::npos) << plan.output;
  const auto preview = workspace.slotmill({"preview", job});
  EXPECT_EQ(preview.code, 0) << preview.errors;
  EXPECT_NE(preview.output.find("<|intent|>set_volume<|desc|>"), std::string::npos) << preview.output;
  EXPECT_NE(preview.output.find("{\"utterances\":["), std::string::npos) << preview.output;
  EXPECT_FALSE(std::filesystem::exists(workspace.path("out")));
}

INSTANTIATE_TEST_SUITE_P(All, Examples,
                         ::testing::Values(Example{"meeting-room", 2400, 12},
                                           Example{"smart-speaker", 300, 5}),
                         [](const auto& tested) {
                           std::string name = tested.param.name;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(Init, WritesAJobThatRunsAsItIs) {
  for (const std::string language : {"zh", "en"}) {
    const Workspace workspace;
    const std::string directory = workspace.path("mine").string();
    ASSERT_EQ(workspace.slotmill({"init", directory, "--language", language}).code, 0);
    const auto finished = workspace.slotmill({"run", directory + "/job.yaml"});
    EXPECT_EQ(finished.code, 0) << finished.errors;
    const auto rows = workspace.rows("mine/out/my-assistant");
    EXPECT_EQ(rows.size(), 120U);
    expect_sound(rows);
    const auto again = workspace.slotmill({"init", directory});
    EXPECT_EQ(again.code, 2);
    EXPECT_NE(again.errors.find("exists already; choose an empty directory"), std::string::npos)
        << again.errors;
  }
}

TEST(Export, PublishesAgainOnlyWhatChanged) {
  const Workspace workspace;
  const std::string directory = workspace.path("mine").string();
  const std::string job = directory + "/job.yaml";
  ASSERT_EQ(workspace.slotmill({"init", directory}).code, 0);
  const auto early = workspace.slotmill({"export", job});
  EXPECT_EQ(early.code, 2);
  EXPECT_NE(early.errors.find("fill it first: slotmill run"), std::string::npos) << early.errors;
  ASSERT_EQ(workspace.slotmill({"run", job}).code, 0);
  EXPECT_NE(workspace.slotmill({"export", job}).errors.find("is up to date"), std::string::npos);
  std::string text = workspace.read("mine/job.yaml");
  text += "    - {as: swift, shape: agent, system: system.txt}\n";
  workspace.write("mine/job.yaml", text);
  const auto exported = workspace.slotmill({"export", job});
  EXPECT_EQ(exported.code, 0) << exported.errors;
  const base::Path latest = workspace.path("mine/out/my-assistant/releases/latest");
  EXPECT_EQ(std::filesystem::read_symlink(latest), "0002");
  EXPECT_TRUE(std::filesystem::exists(latest / "train.swift-agent.jsonl"));
}

}  // namespace
}  // namespace cli_testing
