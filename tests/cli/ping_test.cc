// `slotmill plan --ping`: models that answer, and one that doesn't.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "local_model/llama_model.h"
#include "tests/cli/workspace.h"

namespace cli_testing {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;

TEST(Ping, SaysWhatAModelInThisProcessIsAndHowFast) {
  if (!local_model::has_llama()) GTEST_SKIP() << "built without llama.cpp";
  const Workspace workspace;
  workspace.write("patterns.txt", "%[mute]\n    静音\n    把@[device]静音\n");
  workspace.write("job.yaml", R"(slotmill: 1
name: mute
language: zh-Hans
intents:
  mute: {description: 把设备静音, slots: {device: optional}, examples: ["把[device:主屏]静音"]}
slot_types:
  device: {values: [主屏, 副屏, 电视, 音箱, 话筒, 投影仪, 平板, 手机, 电脑, 耳机]}
rows: {per_intent: 4}
models:
  - {id: tiny, file: shipped, threads: 1, sequences: 3}
  - {id: patterns, patterns: patterns.txt}
)");
  const auto finished = workspace.slotmill({"plan", "--ping", workspace.path("job.yaml").string()});
  EXPECT_EQ(finished.code, 0) << finished.errors;
  EXPECT_THAT(finished.output, HasSubstr("tiny: the model that ships: llama Q8_0, "));
  EXPECT_THAT(finished.output, ContainsRegex("compact; 3 sequences in [0-9]+ tokens; 1 thread\n"));
  EXPECT_THAT(finished.output,
              ContainsRegex("3 replies in [0-9.]+ s, [0-9]+ tokens per second; the first: .+\n"));
  EXPECT_THAT(finished.output, HasSubstr("patterns: patterns of "));
  EXPECT_FALSE(std::filesystem::exists(workspace.path("out")));
}

}  // namespace
}  // namespace cli_testing
