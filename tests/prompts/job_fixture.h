// Jobs in a temporary directory, and what loading them says.
#pragma once

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/text.h"
#include "prompts/job.h"

namespace prompts {

// A good job in 14 lines; tests replace lines of it, or add one at the end.
inline const std::vector<std::string> kJob = {
    "slotmill: 1",
    "name: lamp",
    "language: en",
    "intents:",
    "  set_level:",
    "    description: Set the level",
    "    slots: {level: required, room: optional}",
    "    examples: ['dim to [level:30]']",
    "  turn_off: {description: Turn it off}",
    "slot_types:",
    "  level: {number: [0, 100]}",
    "  room: {values: [hall, den, attic, study, foyer, porch, cellar, garage, nursery, kitchen]}",
    "rows: {per_intent: 20}",
    "models: [{id: patterns, patterns: patterns.txt}]",
};
using Edits = std::map<std::size_t, std::string>;  // line number, from 1, and its new text
using Files = std::map<std::string, std::string>;

inline std::string edited(const Edits& edits) {
  std::vector<std::string> lines = kJob;
  for (const auto& [line, text] : edits) {
    if (line > lines.size()) lines.resize(line);
    lines[line - 1] = text;
  }
  return fmt::format("{}\n", fmt::join(lines, "\n"));
}

struct Loaded {
  std::optional<Job> job;
  std::vector<std::string> errors;  // without the directory
  std::vector<std::string> warnings;
};

class JobTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    directory_ = base::Path(testing::TempDir()) / fmt::format("job_test.{}.{}", info->name(), ::getpid());
    std::filesystem::create_directories(directory_);
    write({{"patterns.txt", "%[turn_off]\n    off\n"}});
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  void write(const Files& files) {
    for (const auto& [name, text] : files) {
      std::filesystem::create_directories((directory_ / name).parent_path());
      std::ofstream(directory_ / name, std::ios::binary) << text;
    }
  }

  std::string without_directory(std::string text) const {
    const std::string prefix = directory_.string() + "/";
    for (std::size_t at; (at = text.find(prefix)) != std::string::npos;) text.erase(at, prefix.size());
    return text;
  }

  Loaded load(const std::string& yaml, const Files& files = {}) {
    write(files);
    write({{"job.yaml", yaml}});
    return load_path(directory_ / "job.yaml");
  }

  Loaded load_path(const base::Path& path) {
    auto loaded = load_job(path);
    Loaded out;
    if (loaded) {
      out.job = std::move(loaded->job);
      for (const std::string& warning : loaded->warnings) out.warnings.push_back(without_directory(warning));
    } else {
      EXPECT_EQ(loaded.error().kind, base::ErrorKind::bad_input);
      const std::string message = without_directory(loaded.error().message);
      for (const std::string_view line : base::split(message, '\n')) out.errors.emplace_back(line);
    }
    return out;
  }

  base::Path directory_;
};

struct Case {
  Edits edits;
  std::vector<std::string> errors;  // without `job.yaml:`; in another file with its name
  Files files = {};
};

inline std::vector<std::string> expected(const Case& test) {
  std::vector<std::string> lines;
  for (const std::string& error : test.errors)
    lines.push_back(error[0] >= '0' && error[0] <= '9' ? "job.yaml:" + error : error);
  return lines;
}

#define EXPECT_CASES(...)                                                          \
  for (const Case& test : std::vector<Case>{__VA_ARGS__}) {                        \
    const std::string yaml = edited(test.edits);                                   \
    SCOPED_TRACE(test.edits.empty() ? std::string() : test.edits.begin()->second); \
    EXPECT_EQ(load(yaml, test.files).errors, expected(test));                      \
  }

// The example of the design, as far as this version goes.
inline constexpr const char* kMeetingRoom = R"(slotmill: 1
name: meeting-room
language: zh-Hans
seed: 18446744073709551615
per_request: 5
intents:
  set_volume:
    description: 调节会议室设备的音量
    slots: {level: required, device: optional}
    examples: ["把[device:主屏]音量调到[level:百分之三十]"]
    contrast: [mute]
  mute:
    description: 把设备静音
    slots: {device: optional}
  invite_participant:
    description: 邀请某人参加会议
    slots: {person: {required: true, many: true}, start: {type: time}, day: {type: date}, where: {type: room}}
slot_types:
  level:  {number: [0, 100], step: 5, written: [arabic, cjk, percent]}
  device: {values: [主屏, 副屏, {麦克风: [话筒, mic]}], open: false}
  person: {values: [王明, 李华], open: true}
  room:   {pattern: '[A-Z]?\d{3,4}', values: [A301, 1024]}
  time:   {file: values/time.txt}
  date:   {date: [0, 14], written: [relative, weekday]}
  clock:  {time: ["08:00", "20:00"], step: 60, written: [digits]}
rows: {per_intent: 200, out_of_scope_near: 60, out_of_scope_far: 40, multi_intent: 30}
style: {register: [口语, 礼貌, 命令], length: [3-6, 7-12, 13-20]}
models:
  - {id: patterns, patterns: p/patterns.txt, share: 0.5, only: [mute, out_of_scope]}
  - id: qwen
    provider: openai
    model: qwen3-max
    base_url: https://dashscope.aliyuncs.com/compatible-mode/v1/
    api_key_env: DASHSCOPE_API_KEY
    proxy: socks5h://127.0.0.1:1080
    ca: ca.pem
    http: 2
    timeout: 1.5m
    deadline: 1h
    response_format: json_object
    limits: {in_flight: 64, requests_per_minute: 600, tokens_per_minute: 1000000}
    price: {input: 2.4, output: 9.6, currency: CNY}
    sampling: {temperature: 0.7, top_p: 0.95, max_tokens: 800}
    share: 2
budget: {cost: 20 CNY, candidates_per_row: 4.5, wall: 2h}
duplicates: {per_template: off}
check: {require: ['\S'], forbid: ['作为.{0,4}AI'], length: 2-40}
output:
  dir: ../made
  split: {train: 0.9, test: 0.1}
  formats:
    - {as: swift, shape: messages, system: system.txt, answer: json, values: surface}
    - {as: swift, shape: agent}
    - {as: rows}
templates: {prefix: p/prefix.mustache, tail: p/tail.mustache}
)";
inline const Files kMeetingRoomFiles = {
    {"values/time.txt", "\xEF\xBB\xBF# 时间\r\n\r\n下午三点 = 15点 |十五点\r\n　八点　\r\nC#调\r\n"},
    {"p/patterns.txt", "x"},
    {"p/prefix.mustache", "x"},
    {"p/tail.mustache", "x"},
    {"ca.pem", "x"},
    {"system.txt", "你是会议室助手。\n\n"},
};

}  // namespace prompts
