// A run with the model that ships.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>

#include "local_model/llama_model.h"
#include "tests/cli/workspace.h"
#include "tests/support/soon.h"

namespace cli_testing {
namespace {

using ::testing::HasSubstr;

TEST(FileModel, CtrlCFinishesTheFilesAndTheSameCommandGoesOn) {
  if (!local_model::has_llama()) GTEST_SKIP() << "built without llama.cpp";
  const Workspace workspace;
  workspace.write("job.yaml", R"(slotmill: 1
name: volume
language: zh-Hans
intents:
  set_volume: {description: 把音量调到指定的数值, slots: {level: required}, examples: ["音量调到[level:30]"]}
slot_types:
  level: {number: [0, 100], written: [arabic, cjk, percent]}
rows: {per_intent: 600}
models: [{id: tiny, file: shipped}]
duplicates: {per_template: off}
)");
  const std::string job = workspace.path("job.yaml").string();
  testing_support::Process process({SLOTMILL, "run", job});
  const base::Path journal = workspace.path("out/volume/journal/run.jsonl");
  EXPECT_TRUE(testing_support::soon(
      [&] { return base::read_file(journal).value_or("").find("{\"reply\"") != std::string::npos; }));
  process.signal(SIGINT);
  EXPECT_EQ(process.wait(30), 130) << process.errors();
  EXPECT_THAT(process.errors(), HasSubstr("attempts stay owed; run the same command again to go on"));
  EXPECT_FALSE(std::filesystem::exists(workspace.path("out/volume/releases")));
  const auto finished = workspace.slotmill({"run", job});
  EXPECT_EQ(finished.code, 0) << finished.errors;
  EXPECT_EQ(workspace.rows("out/volume").size(), 600U);
}

}  // namespace
}  // namespace cli_testing
