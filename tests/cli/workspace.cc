#include "tests/cli/workspace.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/text.h"

namespace cli_testing {

void Workspace::write(const std::string& relative, const std::string& text) const {
  EXPECT_TRUE(base::make_directories(path(relative).parent_path()));
  EXPECT_TRUE(base::replace_file(path(relative), text));
}

std::string Workspace::read(const std::string& relative) const {
  const auto text = base::read_file(path(relative));
  EXPECT_TRUE(text) << relative;
  return text ? *text : std::string();
}

testing_support::Finished Workspace::slotmill(std::vector<std::string> arguments,
                                              const testing_support::Environment& environment) const {
  arguments.insert(arguments.begin(), SLOTMILL);
  return testing_support::run_program(arguments, environment);
}

std::vector<datasets::Row> Workspace::rows(const std::string& run_directory) const {
  std::vector<datasets::Row> rows;
  const std::string text = read(run_directory + "/rows.jsonl");
  for (const std::string_view line : base::split(text, '\n')) {
    if (line.empty()) continue;
    auto row = datasets::parse_row(line);
    EXPECT_TRUE(row) << line;
    if (row) rows.push_back(std::move(*row));
  }
  return rows;
}

std::map<std::string, std::string> Workspace::results(const std::string& run_directory) const {
  std::map<std::string, std::string> files;
  for (const char* name : {"rows.jsonl", "rejects.jsonl"}) files[name] = read(run_directory + "/" + name);
  const base::Path releases = path(run_directory) / "releases";
  for (const auto& entry : std::filesystem::recursive_directory_iterator(releases))
    if (entry.is_regular_file()) {
      const std::string name = std::filesystem::relative(entry.path(), path(run_directory)).string();
      files[name] = read(run_directory + "/" + name);
    }
  return files;
}

std::string remote_job(const std::string& base_url, int per_intent, const std::string& model_keys,
                       const std::string& extra) {
  return R"(slotmill: 1
name: remote
language: zh-Hans
seed: 5
per_request: 8
intents:
  set_volume:
    description: 调节会议室设备的音量
    slots: {level: required, device: optional}
    examples: ["把[device:主屏]音量调到[level:百分之三十]"]
  book_room:
    description: 预订会议室
    slots: {room: required, person: {many: true}}
  switch_light:
    description: 开关灯
    slots: {area: required, device: optional}
slot_types:
  level: {number: [0, 100], written: [arabic, cjk, percent]}
  device: {values: [主屏, 副屏, 麦克风, 音箱, 投影, 电视, 平板, 白板, 手机, 电脑]}
  room: {pattern: '[A-Z]\d{3}', values: [A301, A302, A303, B101, B102, B103, C201, C202, C203, C204]}
  person: {values: [王工, 李总, 赵敏, 钱多, 孙行, 周正, 吴用, 郑和, 冯唐, 陈实]}
  area: {values: [前排, 后排, 讲台, 左侧, 右侧, 走廊, 门口, 窗边, 吧台, 角落]}
rows: {per_intent: )" +
         std::to_string(per_intent) +
         R"(}
models:
  - {id: loop, provider: openai, model: test-model, base_url: ")" +
         base_url + "\"" + (model_keys.empty() ? "" : ", " + model_keys) + R"(}
duplicates: {per_template: 50}
budget: {candidates_per_row: 20}
output: {dir: out, split: {train: 0.8, dev: 0.1, test: 0.1}}
)" + extra;
}

}  // namespace cli_testing
