#include "prompts/job.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <re2/re2.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "base/text.h"

namespace prompts {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// A good job in 14 lines; tests replace lines of it, or add one at the end.
const std::vector<std::string> kJob = {
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

std::string edited(const Edits& edits) {
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

std::vector<std::string> expected(const Case& test) {
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

TEST_F(JobTest, ReadsAGoodJobWithDefaults) {
  const Loaded loaded = load(edited({}));
  ASSERT_THAT(loaded.errors, IsEmpty());
  EXPECT_THAT(loaded.warnings, IsEmpty());
  const Job& job = *loaded.job;
  EXPECT_EQ(job.file, directory_ / "job.yaml");
  EXPECT_EQ(job.source, edited({}));
  EXPECT_EQ(job.name, "lamp");
  EXPECT_EQ(job.language, "en");
  EXPECT_FALSE(job.chinese());
  EXPECT_EQ(job.seed, 0u);
  EXPECT_EQ(job.per_request, 10);
  ASSERT_EQ(job.intents.size(), 2u);
  const Intent* intent = job.find_intent("set_level");
  ASSERT_TRUE(intent);
  EXPECT_EQ(intent->description, "Set the level");
  EXPECT_EQ(intent->mark.line, 5);
  EXPECT_EQ(intent->mark.column, 3);
  ASSERT_EQ(intent->slots.size(), 2u);
  EXPECT_EQ(intent->slots[0].name, "level");
  EXPECT_TRUE(intent->slots[0].required);
  EXPECT_FALSE(intent->slots[0].many);
  EXPECT_EQ(job.slot_types[intent->slots[0].type].name(), "level");
  EXPECT_EQ(intent->find_slot("room"), &intent->slots[1]);
  EXPECT_EQ(intent->find_slot("nothing"), nullptr);
  ASSERT_EQ(intent->examples.size(), 1u);
  EXPECT_EQ(intent->examples[0].text, "dim to 30");
  EXPECT_EQ(job.find_intent("nothing"), nullptr);
  EXPECT_EQ(job.slot_types[0].size(), 101u);
  EXPECT_EQ(job.slot_types[0].value(5).text, "5");
  EXPECT_EQ(job.rows.per_intent, 20);
  EXPECT_EQ(job.rows.multi_intent, 0);
  EXPECT_THAT(job.style, IsEmpty());
  ASSERT_EQ(job.models.size(), 1u);
  EXPECT_EQ(job.models[0].kind, ModelSpec::Kind::patterns);
  EXPECT_EQ(job.models[0].patterns, directory_ / "patterns.txt");
  EXPECT_EQ(job.models[0].share, 1);
  EXPECT_EQ(job.budget.cost, 0);
  EXPECT_EQ(job.budget.candidates_per_row, 8);
  EXPECT_EQ(job.per_template, 3);
  EXPECT_EQ(job.check.min_length, 1);
  EXPECT_EQ(job.check.max_length, 200);
  EXPECT_EQ(job.output.directory, directory_ / "out");
  EXPECT_EQ(job.run_directory(), directory_ / "out" / "lamp");
  EXPECT_EQ(job.output.train, 0.8);
  ASSERT_EQ(job.output.formats.size(), 1u);
  EXPECT_EQ(job.output.formats[0].as, OutputFormat::As::swift_messages);
  EXPECT_TRUE(job.output.formats[0].canonical_values);
  EXPECT_TRUE(job.prefix_template.empty());
}

// The example of the design, as far as this version goes.
constexpr const char* kMeetingRoom = R"(slotmill: 1
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
    limits: {in_flight: 64}
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
const Files kMeetingRoomFiles = {
    {"values/time.txt", "\xEF\xBB\xBF# 时间\r\n\r\n下午三点 = 15点 |十五点\r\n　八点　\r\nC#调\r\n"},
    {"p/patterns.txt", "x"},
    {"p/prefix.mustache", "x"},
    {"p/tail.mustache", "x"},
    {"ca.pem", "x"},
    {"system.txt", "你是会议室助手。\n\n"},
};

TEST_F(JobTest, ReadsAllOfAJob) {
  const Loaded loaded = load(kMeetingRoom, kMeetingRoomFiles);
  ASSERT_THAT(loaded.errors, IsEmpty());
  EXPECT_THAT(
      loaded.warnings,
      ElementsAre("job.yaml:20:3: slot_types.device: 5 values; a model learns such a short list by heart "
                  "instead of the slot: 50 are good, 10 the least",
                  "job.yaml:21:3: slot_types.person: 2 values; a model learns such a short list by heart "
                  "instead of the slot: 50 are good, 10 the least",
                  "job.yaml:22:3: slot_types.room: 2 values; a model learns such a short list by heart "
                  "instead of the slot: 50 are good, 10 the least",
                  "job.yaml:23:3: slot_types.time: 5 values; a model learns such a short list by heart "
                  "instead of the slot: 50 are good, 10 the least",
                  "job.yaml:25:3: slot_types.clock: no slot uses it"));
  const Job& job = *loaded.job;
  EXPECT_TRUE(job.chinese());
  EXPECT_EQ(job.seed, UINT64_MAX);
  EXPECT_EQ(job.per_request, 5);
  ASSERT_EQ(job.intents.size(), 3u);
  EXPECT_THAT(job.intents[0].contrast, ElementsAre("mute"));
  EXPECT_EQ(job.intents[0].examples[0].text, "把主屏音量调到百分之三十");
  const IntentSlot* person = job.intents[2].find_slot("person");
  EXPECT_TRUE(person->required && person->many);
  const IntentSlot* start = job.intents[2].find_slot("start");
  EXPECT_FALSE(start->required || start->many);
  EXPECT_EQ(job.slot_types[start->type].name(), "time");

  const SlotType& level = job.slot_types[0];
  EXPECT_EQ(level.canonical("百分之三十"), "30");
  EXPECT_EQ(level.check("101"), ValueFault::out_of_range);
  const SlotType& device = job.slot_types[1];
  EXPECT_EQ(device.size(), 5u);
  EXPECT_EQ(device.canonical("MIC"), "麦克风");
  EXPECT_EQ(device.check("投影"), ValueFault::not_in_catalogue);
  EXPECT_EQ(job.slot_types[2].check("张伟"), ValueFault::none);
  const SlotType& room = job.slot_types[3];
  EXPECT_EQ(room.form(), SlotType::Form::pattern);
  EXPECT_EQ(room.check("B2000"), ValueFault::none);
  EXPECT_EQ(room.check("大厅"), ValueFault::pattern_mismatch);
  const SlotType& time = job.slot_types[4];
  EXPECT_EQ(time.size(), 5u);
  EXPECT_EQ(time.canonical("十五点"), "下午三点");
  EXPECT_EQ(time.value(3).text, "八点");
  EXPECT_EQ(time.value(4).text, "C#调");
  EXPECT_EQ(job.slot_types[5].form(), SlotType::Form::date);
  EXPECT_TRUE(job.slot_types[5].open());
  EXPECT_EQ(job.slot_types[6].form(), SlotType::Form::time);
  EXPECT_EQ(job.slot_types[6].value(0).text, job.slot_types[6].value(0).canonical);

  EXPECT_EQ(job.rows.out_of_scope_near, 60);
  ASSERT_EQ(job.style.size(), 2u);
  EXPECT_EQ(job.style[1].name, "length");
  EXPECT_THAT(job.style[1].values, ElementsAre("3-6", "7-12", "13-20"));

  ASSERT_EQ(job.models.size(), 2u);
  EXPECT_THAT(job.models[0].only, ElementsAre("mute", "out_of_scope"));
  EXPECT_EQ(job.models[0].share, 0.5);
  const ModelSpec& qwen = job.models[1];
  EXPECT_EQ(qwen.mark.line, 30);
  EXPECT_EQ(qwen.kind, ModelSpec::Kind::remote);
  EXPECT_EQ(qwen.provider, "openai");
  EXPECT_EQ(qwen.model, "qwen3-max");
  EXPECT_EQ(qwen.base_url, "https://dashscope.aliyuncs.com/compatible-mode/v1");
  EXPECT_EQ(qwen.api_key_env, "DASHSCOPE_API_KEY");
  EXPECT_EQ(qwen.proxy, "socks5h://127.0.0.1:1080");
  EXPECT_EQ(qwen.ca_file, directory_ / "ca.pem");
  EXPECT_EQ(qwen.http, 2);
  EXPECT_EQ(qwen.timeout_seconds, 90);
  EXPECT_EQ(qwen.deadline_seconds, 3600);
  EXPECT_EQ(qwen.response_format, model::ResponseFormat::json_object);
  EXPECT_EQ(qwen.limits.in_flight, 64);
  EXPECT_EQ(qwen.price.output, 9.6);
  EXPECT_EQ(qwen.price.currency, "CNY");
  EXPECT_EQ(qwen.sampling.temperature, 0.7);
  EXPECT_EQ(qwen.sampling.top_p, 0.95);
  EXPECT_EQ(qwen.sampling.max_tokens, 800);
  EXPECT_EQ(qwen.share, 2);

  EXPECT_EQ(job.budget.cost, 20);
  EXPECT_EQ(job.budget.currency, "CNY");
  EXPECT_EQ(job.budget.candidates_per_row, 4.5);
  EXPECT_EQ(job.budget.wall_seconds, 7200);
  EXPECT_EQ(job.per_template, 0);
  EXPECT_THAT(job.check.require, ElementsAre("\\S"));
  EXPECT_THAT(job.check.forbid, ElementsAre("作为.{0,4}AI"));
  EXPECT_EQ(job.check.min_length, 2);
  EXPECT_EQ(job.check.max_length, 40);
  EXPECT_EQ(job.output.directory, directory_.parent_path() / "made");
  EXPECT_EQ(job.output.dev, 0);
  EXPECT_EQ(job.output.test, 0.1);
  ASSERT_EQ(job.output.formats.size(), 3u);
  EXPECT_EQ(job.output.formats[0].system, "你是会议室助手。");
  EXPECT_FALSE(job.output.formats[0].canonical_values);
  EXPECT_EQ(job.output.formats[1].as, OutputFormat::As::swift_agent);
  EXPECT_EQ(job.output.formats[2].as, OutputFormat::As::rows);
  EXPECT_EQ(job.prefix_template, directory_ / "p/prefix.mustache");
  EXPECT_EQ(job.tail_template, directory_ / "p/tail.mustache");
}

TEST_F(JobTest, RelativeJobPathsGiveAbsoluteDirectories) {
  write({{"job.yaml", edited({})}});
  const base::Path before = std::filesystem::current_path();
  std::filesystem::current_path(directory_);
  const Loaded loaded = load_path("job.yaml");
  std::filesystem::current_path(before);
  ASSERT_TRUE(loaded.job);
  EXPECT_EQ(loaded.job->models[0].patterns, directory_ / "patterns.txt");
  EXPECT_EQ(loaded.job->output.directory, directory_ / "out");
}

// Everything that the design shows and this version refuses, each with its place.
TEST_F(JobTest, DesignKeysNotYetBuiltAreRefused) {
  const std::string yaml = R"(slotmill: 1
name: meeting-room
language: zh-Hans
languages: [zh-Hans, en]
intents:
  mute: {description: 静音, slots: {person: required}}
slot_types:
  person: {ask: 200}
rows: {per_intent: 200}
identity: {name: 小会, author: 我们, rows: 20}
real_rows: {file: real.jsonl, keep: true, few_shot: 4, paraphrase: 0.2}
guard: [real_test.jsonl]
judge: {model: qwen}
models:
  - {id: local, file: qwen3-4b-q4_k_m.gguf, gpu_layers: all, thinking: off}
  - {id: server, start: vllm serve x, health: http://x/health, adapter: lora}
  - id: qwen
    provider: dashscope
    model: qwen3-max
    api_key_env: DASHSCOPE_API_KEY
    limits: {requests_per_minute: 600, tokens_per_minute: 1000000, in_flight: 64}
    extra_body: {a: 1}
    headers_env: {X-Team: TEAM}
    fallback: [local]
    mode: batch
duplicates: {near: 0.8, per_template: 3}
output:
  formats:
    - {as: rasa}
)";
  EXPECT_THAT(
      load(yaml).errors,
      ElementsAre("job.yaml:4:1: languages: not yet built; write language: and one job per language for now",
                  "job.yaml:8:12: slot_types.person.ask: not yet built; list values: or name a file: for now",
                  "job.yaml:10:1: identity: not yet built; leave it out for now",
                  "job.yaml:11:1: real_rows: not yet built; leave it out for now",
                  "job.yaml:12:1: guard: not yet built; leave it out for now",
                  "job.yaml:13:1: judge: not yet built; leave it out for now",
                  "job.yaml:15:17: models[0].file: not yet built; use patterns: or provider: for now",
                  "job.yaml:15:45: models[0].gpu_layers: not yet built; leave it out for now",
                  "job.yaml:15:62: models[0].thinking: not yet built; leave it out for now",
                  "job.yaml:16:18: models[1].start: not yet built; use patterns: or provider: for now",
                  "job.yaml:16:39: models[1].health: not yet built; leave it out for now",
                  "job.yaml:16:64: models[1].adapter: not yet built; leave it out for now",
                  "job.yaml:18:15: models[2].provider: dashscope is not yet built; any OpenAI-compatible "
                  "server works with "
                  "provider: openai and base_url:",
                  "job.yaml:21:14: models[2].limits.requests_per_minute: not yet built; set in_flight: for "
                  "now; 429 replies "
                  "are waited for in any case",
                  "job.yaml:21:40: models[2].limits.tokens_per_minute: not yet built; set in_flight: for "
                  "now; 429 replies "
                  "are waited for in any case",
                  "job.yaml:22:5: models[2].extra_body: not yet built; leave it out for now",
                  "job.yaml:23:5: models[2].headers_env: not yet built; leave it out for now",
                  "job.yaml:24:5: models[2].fallback: not yet built; leave it out for now",
                  "job.yaml:25:5: models[2].mode: not yet built; leave it out for now",
                  "job.yaml:26:14: duplicates.near: not yet built; use per_template: for now",
                  "job.yaml:29:12: output.formats[0].as: rasa is not yet built; use swift or rows for now"));
}

TEST_F(JobTest, ReportsAllProblemsAtOnceByLine) {
  EXPECT_CASES(
      {{{1, "slotmill: 2"},
        {3, "language: klingon"},
        {8, "    examples: ['dim to [levl:30]', 'dim it']"},
        {12, "  room: {file: rooms.txt}"},
        {13, "rows: {per_intent: many}"},
        {15, "sed: 3"}},
       {"1:11: slotmill: expected 1, the version of this format, found '2'",
        "3:11: language: expected zh-Hans or en, found 'klingon'",
        "8:16: intents.set_level.examples[0]: set_level has no slot 'levl'; did you mean level?",
        "8:16: intents.set_level.examples[0]: the required slot level is missing; tag it as [level:value]",
        "8:36: intents.set_level.examples[1]: the required slot level is missing; tag it as [level:value]",
        "13:20: rows.per_intent: expected a whole number from 0 to 1000000000, found 'many'",
        "15:1: sed: unknown key; did you mean seed?", "rooms.txt:2:1: an empty value; remove it",
        "rooms.txt:3:6: 'DEN' means 'hall' here and 'den' on line 1, as 'den'; a value has one meaning"},
       {{"rooms.txt", "den\n= x\nhall=DEN\n"}}});
}

TEST_F(JobTest, Head) {
  EXPECT_CASES(
      {{{1, ""}}, {"2:1: slotmill: missing; write slotmill: 1, the version of this format"}},
      {{{2, "name: Lamp!"}},
       {"2:7: name: 'Lamp!' can't name a directory everywhere; use a-z, 0-9 and -, at most 64"}},
      {{{2, "name: [lamp]"}}, {"2:7: name: expected text, found a list"}},
      {{{2, "name:"}}, {"2:1: name: expected text, found nothing"}},
      {{{2, ""}}, {"1:1: name: missing; name the job; it names the run directory"}},
      {{{3, "language: zh"}}, {"3:11: language: expected zh-Hans or en, found 'zh'"}},
      {{{3, ""}}, {"1:1: language: missing; write zh-Hans or en"}},
      {{{15, "seed: -1"}},
       {"15:7: seed: expected a whole number from 0 to 18446744073709551615, found '-1'"}},
      {{{15, "seed: 010"}},
       {"15:7: seed: expected a whole number from 0 to 18446744073709551615, found '010'"}},
      {{{15, "per_request: 0"}}, {"15:14: per_request: expected a whole number from 1 to 100, found '0'"}},
      {{{15, "per_request: 010"}},
       {"15:14: per_request: expected a whole number from 1 to 100, found '010'"}},
      {{{15, "per_request: 1_0"}},
       {"15:14: per_request: expected a whole number from 1 to 100, found '1_0'"}},
      {{{15, "per_request: 5.0"}},
       {"15:14: per_request: expected a whole number from 1 to 100, found '5.0'"}},
      {{{15, "per_request: {}"}}, {"15:14: per_request: expected a whole number from 1 to 100, found a map"}},
      {{{15, "banana: 1"}},
       {"15:1: banana: unknown key; the keys here are slotmill, name, language, seed, per_request, "
        "slot_types, "
        "intents, rows, style, models, budget, duplicates, check, output, templates"}},
      {{{15, "'a b\\n': 1"}},
       {"15:1: 'a b\\n': unknown key; the keys here are slotmill, name, language, seed, per_request, "
        "slot_types, "
        "intents, rows, style, models, budget, duplicates, check, output, templates"}});
}

TEST_F(JobTest, Intents) {
  EXPECT_CASES(
      {{{9, "  out_of_scope: {description: x}"}},
       {"9:3: intents: the name out_of_scope is reserved; choose another"}},
      {{{9, "  none: {description: x}"}}, {"9:3: intents: the name none is reserved; choose another"}},
      {{{9, "  a|b: {description: x}"}},
       {"9:3: intents: 'a|b' is no name; use letters, digits and _, at most 64"}},
      {{{9, "  关灯: {description: x}"}},
       {"9:3: intents: '关灯' is no name; use letters, digits and _, at most 64"}},
      {{{9, "  turn_off: off"}},
       {"9:13: intents.turn_off: expected a map such as {description: Set the volume, slots: {level: "
        "required}}, "
        "found 'off'"}},
      {{{9, "  turn_off: {}"}},
       {"9:13: intents.turn_off.description: missing; say in a sentence what the user wants"}},
      {{{9, "  turn_off: {description: x, slot: {}}"}},
       {"9:30: intents.turn_off.slot: unknown key; did you mean slots?"}},
      {{{7, "    slots: [level]"}, {8, ""}},
       {
           "7:12: intents.set_level.slots: expected a map such as {level: required, device: optional}, found "
           "a list",
       }},
      {{{7, "    slots: {level: yes, room: optional}"}},
       {"7:20: intents.set_level.slots.level: expected required, optional or a map such as {required: true, "
        "type: "
        "time}, found 'yes'"}},
      {{{7, "    slots: {level: {required: yes}, room: optional}"}},
       {"7:31: intents.set_level.slots.level.required: expected true or false, found 'yes'"}},
      {{{7, "    slots: {level: {required: true, kind: x}, room: optional}"}},
       {"7:37: intents.set_level.slots.level.kind: unknown key; the keys here are required, many, type"}},
      {{{7, "    slots: {level: required, room: optional, place: optional}"}},
       {"7:46: intents.set_level.slots.place: no slot type 'place'; add it to slot_types:, or name one with "
        "type:"}},
      {{{7, "    slots: {level: required, room: {type: rom}}"}},
       {"7:43: intents.set_level.slots.room: no slot type 'rom'; did you mean room?"}},
      {{{7, "    slots: {level: required, room: optional, a-b: {type: room}}"}},
       {"7:46: intents.set_level.slots.a-b: no name; use letters, digits and _, at most 64"}},
      {{{4, "intents: {}"}, {5, ""}, {6, ""}, {7, ""}, {8, ""}, {9, ""}},
       {"4:10: intents: none; add at least one"}},
      {{{4, "intents: [a]"}, {5, ""}, {6, ""}, {7, ""}, {8, ""}, {9, ""}},
       {"4:10: intents: expected a map such as {set_volume: {description: Set the volume}}, found a list"}});
}

TEST_F(JobTest, Examples) {
  EXPECT_CASES(
      {{{8, "    examples: dim to [level:30]"}},
       {"8:15: intents.set_level.examples: expected a list such as [\"set it to [level:30]\"], found "
        "'dim to [level:30]'"}},
      {{{8, "    examples: ['dim to [level]']"}},
       {"8:16: intents.set_level.examples[0]: tag without a colon at character 8; write \\[ for the "
        "character itself"}},
      {{{8, "    examples: ['dim to [level:300]']"}},
       {"8:16: intents.set_level.examples[0]: slot type level: '300' is out of its range; use another, or "
        "widen the "
        "range"}},
      {{{8, "    examples: ['dim to [level:low]']"}},
       {"8:16: intents.set_level.examples[0]: slot type level: 'low' is no whole number; write one"}},
      {{{8, "    examples: ['dim the [room:barn] to [level:3]']"}},
       {"8:16: intents.set_level.examples[0]: slot type room: 'barn' is not in its catalogue; add it there, "
        "or write "
        "open: true"}},
      {{{8, "    examples: ['dim the [room:3] to [level:3]']"},
        {12, "  room: {pattern: '[a-z]+', values: [hall]}"}},
       {"8:16: intents.set_level.examples[0]: slot type room: '3' does not match its pattern; change one of "
        "them"}},
      {{{8, "    examples: ['[level:3] or [level:4]']"}},
       {"8:16: intents.set_level.examples[0]: two values for level; write {many: true} at the slot if it may "
        "have "
        "several"}},
      {{{8, "    examples: ['[level:3] [colour:red]']"}},
       {"8:16: intents.set_level.examples[0]: set_level has no slot 'colour'; add it to slots:, or remove "
        "the tag"}},
      {{{8, "    examples: [3, '']"}},
       {"8:16: intents.set_level.examples[0]: the required slot level is missing; tag it as [level:value]",
        "8:19: intents.set_level.examples[1]: expected text, found ''"}},
      {{{8, "    contrast: [turn_of, set_level, turn_off, turn_off, dance]"}},
       {"8:16: intents.set_level.contrast: no intent 'turn_of'; did you mean turn_off?",
        "8:25: intents.set_level.contrast: an intent is no contrast to itself; remove it",
        "8:46: intents.set_level.contrast: turn_off is there twice; remove one",
        "8:56: intents.set_level.contrast: no intent 'dance'; name one of this job"}},
      // A broken slot type is told once, not again at each example.
      {{{11, "  level: {number: [0]}"}},
       {"11:19: slot_types.level.number: expected a list of two such as [0, 100], found a list"}},
      {{{10, "slot_types: [level]"}, {11, ""}, {12, ""}},
       {"10:13: slot_types: expected a map such as {color: {values: [red, blue]}}, found a list"}});
  // many: twice is no fault, and normalised values count.
  EXPECT_THAT(load(edited({{7, "    slots: {level: {required: true, many: true}, room: optional}"},
                           {8, "    examples: ['[level:3] or [level:４] in the [room:DEN]']"}}))
                  .errors,
              IsEmpty());
}

TEST_F(JobTest, SlotTypes) {
  EXPECT_CASES(
      {{{12, "  room: {}"}},
       {"12:9: slot_types.room: no values; give it values:, file:, number:, time: or date:"}},
      {{{12, "  room: [a, b]"}},
       {"12:9: slot_types.room: expected a map such as {values: [red, blue]}, found a list"}},
      {{{12, "  room: {values: [a], number: [0, 1]}"}},
       {"12:23: slot_types.room.number: there is values: already; keep one of them"}},
      {{{12, "  room: {pattern: '[a-z]+'}"}},
       {"12:10: slot_types.room.pattern: a pattern draws no values; add values: or file: with some that "
        "match it"}},
      {{{12, "  room: {pattern: '[a-z', values: [a]}"}},
       {"12:19: slot_types.room.pattern: missing ]: [a-z; write it in RE2's syntax"}},
      {{{12, "  room: {pattern: '(?=a)', values: [a]}"}},
       {"12:19: slot_types.room.pattern: invalid perl operator: (?=; write it in RE2's syntax"}},
      {{{12, "  room: {pattern: '[a-z]', values: [a, bc]}"}},
       {"12:40: slot_types.room.values[1]: 'bc' does not match the pattern '[a-z]'; the whole value must"}},
      {{{12, "  room: {pattern: '[a-z]', values: [a], open: true}"}},
       {"12:41: slot_types.room.open: only without pattern:, which is open to all that matches; remove it"}},
      {{{12, "  room: {values: [a], open: yes}"}},
       {"12:29: slot_types.room.open: expected true or false, found 'yes'"}},
      {{{12, "  room: {values: [a], step: 5, written: [arabic]}"}},
       {"12:23: slot_types.room.step: only with number: or time:; remove it",
        "12:32: slot_types.room.written: only with number:, time: or date:; remove it"}},
      {{{11, "  level: {number: [0, 100], open: true, pattern: x}"}},
       {"11:29: slot_types.level.open: only with values: or file:; remove it",
        "11:41: slot_types.level.pattern: only with values: or file:; remove it"}},
      {{{11, "  level: {number: [100, 0]}"}},
       {"11:19: slot_types.level.number: nothing lies from 100 to 0; put the smaller one first"}},
      {{{11, "  level: {number: [0, 1.5], step: 0}"}},
       {"11:23: slot_types.level.number: expected a whole number from -1000000000000 to 1000000000000, found "
        "'1.5'",
        "11:35: slot_types.level.step: expected a whole number from 1 to 1000000000000, found '0'"}},
      {{{11, "  level: {number: [0, 100], written: [arabic, cjk]}"}},
       {"11:47: slot_types.level.written: expected arabic or words or percent, found 'cjk'"}},
      {{{11, "  level: {number: [0, 100], written: [words, words]}"}},
       {"11:46: slot_types.level.written: words is there twice; remove one"}},
      {{{11, "  level: {number: [0, 100], written: []}"}},
       {"11:38: slot_types.level.written: expected at least one form, found a list"}},
      {{{12, "  room: {time: ['8:00', '24:00']}"}},
       {"12:25: slot_types.room.time: expected a time from 00:00 to 23:59, found '24:00'"}},
      {{{12, "  room: {time: [10:00, 9:00], written: [spokn]}"}},
       {"12:16: slot_types.room.time: nothing lies from 10:00 to 9:00; put the smaller one first",
        "12:41: slot_types.room.written: expected digits or spoken, found 'spokn'"}},
      {{{12, "  room: {date: [-1, 400], step: 2}"}},
       {"12:17: slot_types.room.date: expected a whole number from 0 to 366, found '-1'",
        "12:21: slot_types.room.date: expected a whole number from 0 to 366, found '400'",
        "12:27: slot_types.room.step: only with number: or time:; remove it"}},
      {{{12, "  room: {date: [0, 7], written: [year]}"}},
       {"12:34: slot_types.room.written: expected relative or weekday or month_day, found 'year'"}},
      {{{13, "  'a b': {values: [x]}\nrows: {per_intent: 20}"}},
       {"13:3: slot_types: 'a b' is no name; use letters, digits and _, at most 64"}},
      {{{12, "  room: {value: [a]}"}},
       {"12:9: slot_types.room: no values; give it values:, file:, number:, time: or date:",
        "12:10: slot_types.room.value: unknown key; did you mean values?"}});
}

TEST_F(JobTest, Values) {
  const std::string longest(200, 'x');
  EXPECT_CASES(
      {{{12, "  room: {values: hall}"}},
       {"12:18: slot_types.room.values: expected a list such as [red, {blue: [navy, azure]}], found 'hall'"}},
      {{{12, "  room: {values: []}"}},
       {"12:18: slot_types.room.values: expected at least one value, found a list"}},
      {{{12, "  room: {values: ['', ~, ' ', '！', [a]]}"}},
       {"12:19: slot_types.room.values[0]: an empty value; remove it",
        "12:23: slot_types.room.values[1]: expected a value, or one value with its synonyms such as {blue: "
        "[navy, "
        "azure]}, found nothing",
        "12:26: slot_types.room.values[2]: an empty value; remove it",
        "12:31: slot_types.room.values[3]: '！' has no letter and no digit; remove it",
        "12:36: slot_types.room.values[4]: expected a value, or one value with its synonyms such as {blue: "
        "[navy, "
        "azure]}, found a list"}},
      {{{12, "  room: {values: [\"a\\u200Bb\", " + longest + ", y" + longest + "]}"}},
       {"12:19: slot_types.room.values[0]: 'a\u200Bb' contains the control character U+200B; remove it",
        "12:233: slot_types.room.values[2]: 'y" + longest.substr(0, 39) +
            "…' is longer than 200 characters; shorten it"}},
      {{{12, "  room: {values: [hall, {den: [Hall, snug]}, {x: y, z: w}, {snug: ~}, {q: [[a]]}]}"}},
       {"12:32: slot_types.room.values[1]: 'Hall' means 'den' here and 'hall' on line 12, as 'hall'; a value "
        "has one "
        "meaning",
        "12:46: slot_types.room.values[2]: expected a value, or one value with its synonyms such as {blue: "
        "[navy, "
        "azure]}, found a map",
        "12:61: slot_types.room.values[3]: expected a list of synonyms, found nothing",
        "12:61: slot_types.room.values[3]: 'snug' means 'snug' here and 'den' on line 12; a value has one "
        "meaning",
        "12:76: slot_types.room.values[4]: expected a synonym, found a list"}});
  // Text stays text, and [ ] \ may stand in a value.
  const Loaded loaded = load(edited({{12,
                                      "  room: {values: [yes, 010, 1e3, '[x]', 'a\\b', null1, {Mic: mic}, "
                                      "{true: [on, true]}, 12:30, ' a ']}"}}));
  ASSERT_THAT(loaded.errors, IsEmpty());
  EXPECT_THAT(loaded.warnings,
              ElementsAre("job.yaml:12:79: slot_types.room.values[7]: 'true' is repeated, first on line 12"));
  std::vector<std::string> texts;
  for (std::uint64_t i = 0; i < loaded.job->slot_types[1].size(); ++i)
    texts.push_back(loaded.job->slot_types[1].value(i).text);
  EXPECT_THAT(texts, ElementsAre("yes", "010", "1e3", "[x]", "a\\b", "null1", "Mic", "mic", "true", "on",
                                 "12:30", "a"));
  EXPECT_EQ(loaded.job->slot_types[1].value(7).canonical, "Mic");
}

TEST_F(JobTest, ValuesFiles) {
  const Edits file = {{12, "  room: {file: rooms.txt}"}};
  EXPECT_CASES({{{12, "  room: {file: none.txt}"}},
                {"12:16: slot_types.room.file: none.txt does not exist; paths are relative to the job file"}},
               {{{12, "  room: {file: .}"}},
                {"12:16: slot_types.room.file: . is not a file; paths are relative to the job file"}},
               {file, {"rooms.txt:1:1: no values; write one per line"}, {{"rooms.txt", "# none\n\n"}}},
               {file, {"rooms.txt:2:3: not UTF-8; save the file as UTF-8"}, {{"rooms.txt", "主\n主x\xFF\n"}}},
               {file,
                {"rooms.txt:1:2: control character U+0000; remove it"},
                {{"rooms.txt", std::string("a\0b\n", 4)}}},
               {file,
                {"rooms.txt:2:9: an empty value; remove it", "rooms.txt:3:1: an empty value; remove it",
                 "rooms.txt:4:1: synonyms without their value; write `value = synonym | synonym`",
                 "rooms.txt:5:8: 'c' means 'd' here and 'a' on line 2; a value has one meaning"},
                {{"rooms.txt", "b\n a = c |\n= x\nd | e\nd =  f|c\n"}}});
  const Loaded loaded = load(edited(file), {{"rooms.txt", "a=A1|a\nb＝c\n 大 = ｂ＝c\na\n"}});
  EXPECT_THAT(
      loaded.errors,
      ElementsAre(
          "rooms.txt:3:6: 'ｂ＝c' means '大' here and 'b＝c' on line 2, as 'b＝c'; a value has one meaning"));
  EXPECT_THAT(
      load(edited(file), {{"rooms.txt", "a=A1|a\nb＝c\na\n"}}).warnings,
      ElementsAre("job.yaml:12:3: slot_types.room: 3 values; a model learns such a short list by heart "
                  "instead of the slot: 50 are good, 10 the least",
                  "rooms.txt:1:6: 'a' is repeated, first on line 1",
                  "rooms.txt:2:1: full-width ＝ and ｜ are part of the value; write = and | to separate "
                  "synonyms",
                  "rooms.txt:3:1: 'a' is repeated, first on line 1"));
}

TEST_F(JobTest, Models) {
  const auto remote = [](const std::string& keys) {
    return Edits{{14, "models: [{id: m, provider: openai, model: x, " + keys + "}]"}};
  };
  EXPECT_CASES(
      {{{14, ""}},
       {"1:1: models: missing; say who answers, such as models: [{id: patterns, patterns: patterns.txt}]"}},
      {{{14, "models: []"}}, {"14:9: models: none; add at least one"}},
      {{{14, "models: {}"}},
       {"14:9: models: expected a list such as [{id: patterns, patterns: patterns.txt}], found a map"}},
      {{{14, "models: [patterns.txt]"}},
       {"14:10: models[0]: expected a map such as {id: patterns, patterns: patterns.txt}, found "
        "'patterns.txt'"}},
      {{{14, "models: [{patterns: patterns.txt}]"}},
       {"14:10: models[0].id: missing; name the model; rows and messages say it"}},
      {{{14, "models: [{id: a b, patterns: patterns.txt}]"}},
       {"14:15: models[0].id: 'a b' is no id; use letters, digits, . - and _, at most 64"}},
      {{{14, "models: [{id: a, patterns: patterns.txt}, {id: a, patterns: patterns.txt}]"}},
       {"14:43: models[1].id: a is models[0]'s; choose another"}},
      {{{14, "models: [{id: a}]"}}, {"14:10: models[0]: no model; give it patterns: or provider:"}},
      {{{14, "models: [{id: a, patterns: p.txt}]"}},
       {"14:28: models[0].patterns: p.txt does not exist; paths are relative to the job file"}},
      {{{14, "models: [{id: a, patterns: patterns.txt, provider: openai, model: x}]"}},
       {"14:18: models[0].patterns: there is provider: too; a model has one of them"}},
      {{{14, "models: [{id: a, patterns: patterns.txt, model: x, price: {}}]"}},
       {"14:42: models[0].model: only with provider:; remove it",
        "14:52: models[0].price: only with provider:; remove it"}},
      {{{14, "models: [{id: a, provider: openai}]"}},
       {"14:10: models[0].model: missing; write the name that the server knows, such as gpt-4o-mini"}},
      {{{14, "models: [{id: a, provider: opnai, model: x}]"}},
       {"14:28: models[0].provider: no provider 'opnai'; any OpenAI-compatible server works with provider: "
        "openai and "
        "base_url:"}},
      {remote("share: 0"), {"14:53: models[0].share: expected a number from 0.001 to 1000, found '0'"}},
      {remote("share: nan"), {"14:53: models[0].share: expected a number from 0.001 to 1000, found 'nan'"}},
      {remote("only: turn_off"),
       {"14:52: models[0].only: expected a list such as [out_of_scope], found 'turn_off'"}},
      {remote("http: 3"), {"14:52: models[0].http: expected a whole number from 1 to 2, found '3'"}},
      {remote("timeout: 5x"),
       {"14:55: models[0].timeout: expected a duration such as 90s, 2m or 2h, from 1 to 86400 seconds, found "
        "'5x'"}},
      {remote("timeout: 25h"),
       {"14:55: models[0].timeout: expected a duration such as 90s, 2m or 2h, from 1 to 86400 seconds, found "
        "'25h'"}},
      {remote("timeout: 2m, deadline: 60"),
       {"14:59: models[0].deadline: shorter than timeout:, 120 seconds; a deadline spans all retries"}},
      {remote("response_format: json"),
       {"14:63: models[0].response_format: expected json_schema or json_object or text, found 'json'"}},
      {remote("sampling: {temperature: 2.1, top_p: -1, max_tokens: 0, top_k: 3}"),
       {"14:70: models[0].sampling.temperature: expected a number from 0 to 2, found '2.1'",
        "14:82: models[0].sampling.top_p: expected a number from 0 to 1, found '-1'",
        "14:98: models[0].sampling.max_tokens: expected a whole number from 1 to 1000000, found '0'",
        "14:101: models[0].sampling.top_k: unknown key; did you mean top_p?"}},
      {remote("limits: {in_flight: 5000}"),
       {"14:66: models[0].limits.in_flight: expected a whole number from 1 to 4096, found '5000'"}},
      {remote("price: {input: 1, currency: cny}"),
       {"14:53: models[0].price.output: missing; write the price of a million tokens",
        "14:74: models[0].price.currency: expected three capital letters such as CNY, found 'cny'"}},
      {remote("base_url: localhost:8000"),
       {"14:56: models[0].base_url: 'localhost:8000' is no address; write one such as "
        "http://127.0.0.1:8000/v1"}},
      {remote("base_url: 'ftp://x'"),
       {"14:56: models[0].base_url: 'ftp://x' is no address; write one such as http://127.0.0.1:8000/v1"}},
      {remote("ca: none.pem"),
       {"14:50: models[0].ca: none.pem does not exist; paths are relative to the job file"}});
}

// Whatever somebody puts where, a secret is not repeated in a message.
TEST_F(JobTest, SecretsAreNotRepeated) {
  const auto remote = [](const std::string& keys) {
    return Edits{{14, "models: [{id: m, provider: openai, model: x, " + keys + "}]"}};
  };
  EXPECT_CASES({remote("api_key: sk-SECRET"),
                {"14:46: models[0].api_key: a key never stands in a job; put it into an environment variable "
                 "and name that with "
                 "api_key_env:"}},
               {remote("api_key_env: sk-SECRET"),
                {"14:59: models[0].api_key_env: expected the name of an environment variable such as "
                 "OPENAI_API_KEY, never the "
                 "key itself"}},
               {remote("base_url: 'https://u:SECRET@h/v1'"),
                {"14:56: models[0].base_url: an address in a job holds no user, password, ? or #; set "
                 "api_key_env: to the "
                 "variable that holds the key"}},
               {remote("base_url: 'https://h/v1?key=SECRET'"),
                {"14:56: models[0].base_url: an address in a job holds no user, password, ? or #; set "
                 "api_key_env: to the "
                 "variable that holds the key"}},
               {remote("proxy: 'u:SECRET@h:3128'"),
                {"14:53: models[0].proxy: an address in a job holds no user, password, ? or #; leave proxy: "
                 "out and set the "
                 "variable https_proxy"}});
}

TEST_F(JobTest, RemoteModelDefaults) {
  const auto model = [&](const std::string& keys) {
    const Loaded loaded = load(edited({{14, "models: [{id: m, provider: openai, model: x" + keys + "}]"}}));
    EXPECT_THAT(loaded.errors, IsEmpty());
    return loaded.job ? loaded.job->models[0] : ModelSpec{};
  };
  const ModelSpec plain = model("");
  EXPECT_EQ(plain.base_url, "https://api.openai.com/v1");
  EXPECT_EQ(plain.api_key_env, "OPENAI_API_KEY");
  EXPECT_EQ(plain.http, 1);
  EXPECT_EQ(plain.timeout_seconds, 120);
  EXPECT_EQ(plain.deadline_seconds, 600);
  EXPECT_EQ(plain.response_format, model::ResponseFormat::json_schema);
  EXPECT_EQ(plain.limits.in_flight, 16);
  EXPECT_EQ(plain.price.currency, "");
  EXPECT_EQ(model(", base_url: 'http://127.0.0.1:8000/v1//'").base_url, "http://127.0.0.1:8000/v1");
  EXPECT_EQ(model(", base_url: 'http://127.0.0.1:8000/v1'").api_key_env, "");
  EXPECT_EQ(model(", base_url: 'https://api.openai.com/v1/'").api_key_env, "OPENAI_API_KEY");
  EXPECT_EQ(model(", api_key_env: ''").api_key_env, "");
  EXPECT_EQ(model(", timeout: 5m").deadline_seconds, 1500);
  EXPECT_EQ(model(", timeout: 45").timeout_seconds, 45);
}

TEST_F(JobTest, ChecksAcrossParts) {
  const std::string other =
      "{id: n, provider: openai, model: y, price: {input: 1, output: 2, currency: USD}}";
  EXPECT_CASES(
      {{{14, "models: [{id: m, patterns: patterns.txt, only: [turn_off]}]"},
        {13, "rows: {per_intent: 20, out_of_scope_far: 5, multi_intent: 5}"}},
       {"5:3: intents.set_level: no model serves it; add set_level to the only: of a model, or leave one "
        "model without "
        "only:",
        "13:24: rows: no model serves it; add out_of_scope to the only: of a model, or leave one model "
        "without only:",
        "13:45: rows.multi_intent: no model serves it; add multi_intent to the only: of a model, or leave "
        "one model "
        "without only:"}},
      {{{14,
         "models: [{id: m, patterns: patterns.txt, only: [turn_of, out_of_scop, dance]}, {id: k, patterns: "
         "patterns.txt}]"}},
       {"14:49: models[0].only: no intent 'turn_of'; did you mean turn_off?",
        "14:58: models[0].only: no intent 'out_of_scop'; did you mean out_of_scope?",
        "14:71: models[0].only: no intent 'dance'; name one of this job, out_of_scope or multi_intent"}},
      {{{14, "models: [{id: m, provider: openai, model: x}, {id: p, patterns: patterns.txt}, " + other + "]"},
        {15, "budget: {cost: 20 CNY}"}},
       {"14:10: models[0]: no price, but budget.cost: needs one; add price: {input: …, output: …, currency: "
        "…}",
        "14:116: models[2].price: in USD, but budget.cost is in CNY; use one currency"}},
      {{{14, "models: [{id: m, provider: openai, model: x, price: {input: 1, output: 2, currency: CNY}}, " +
                 other + "]"}},
       {"14:128: models[1].price: in USD, but the first price is in CNY; use one currency"}},
      {{{13, "rows: {per_intent: 0}"}}, {"13:7: rows: all quotas are 0; write per_intent: 200, say"}},
      {{{13, ""}}, {"1:1: rows: missing; say how many to make, such as rows: {per_intent: 200}"}},
      {{{9, ""}, {13, "rows: {multi_intent: 3}"}},
       {"13:8: rows.multi_intent: there is one intent only; add another, or remove this quota"}});
}

TEST_F(JobTest, RefusesMoreCellsThanAnybodyCovers) {
  std::string many = "intents:\n";
  for (int i = 0; i < 5001; ++i)
    many += fmt::format("  i{}: {{description: x, slots: {{room: optional}}}}\n", i);
  const Loaded loaded = load(edited({{4, many}, {5, ""}, {6, ""}, {7, ""}, {8, ""}, {9, ""}, {11, ""}}));
  EXPECT_THAT(loaded.errors,
              ElementsAre("job.yaml:5:3: intents: 10002 slot sets to cover, at most 10000 are possible; "
                          "split the job"));
}

TEST_F(JobTest, SmallParts) {
  EXPECT_CASES(
      {{{13, "rows: {per_intent: 2000000000}"}},
       {"13:20: rows.per_intent: expected a whole number from 0 to 1000000000, found '2000000000'"}},
      {{{13, "rows: {per_intnt: 20}"}}, {"13:8: rows.per_intnt: unknown key; did you mean per_intent?"}},
      {{{13, "rows: 200"}}, {"13:7: rows: expected a map such as {per_intent: 200}, found '200'"}},
      {{{15, "style: {register: casual, a b: [x], length: [], tone: [x, x, ~]}"}},
       {"15:19: style.register: expected a list such as [casual, polite], found 'casual'",
        "15:27: style: 'a b' is no name; use letters, digits and _, at most 64",
        "15:45: style.length: expected at least one style, found a list",
        "15:59: style.tone: 'x' is there twice; remove one",
        "15:62: style.tone: expected text, found nothing"}},
      {{{15, "style: {tone: [\"a\\nb\", \"a\\u200Eb\"]}"}},
       {"15:16: style.tone: several lines of text; write it in one",
        "15:24: style.tone: control character U+200E in the text; remove it"}},
      {{{15, "budget: {cost: 20}"}},
       {"15:16: budget.cost: expected an amount above 0 with its currency such as 20 CNY, found '20'"}},
      {{{15, "budget: {cost: 0 CNY}"}},
       {"15:16: budget.cost: expected an amount above 0 with its currency such as 20 CNY, found '0 CNY'"}},
      {{{15, "budget: {cost: 1.2.3 CNY}"}},
       {"15:16: budget.cost: expected an amount above 0 with its currency such as 20 CNY, found '1.2.3 "
        "CNY'"}},
      {{{15, "budget: {candidates_per_row: 0.5, wall: 2d}"}},
       {"15:30: budget.candidates_per_row: expected a number from 1 to 1000, found '0.5'",
        "15:41: budget.wall: expected a duration such as 90s, 2m or 2h, from 1 to 31622400 seconds, found "
        "'2d'"}},
      {{{15, "duplicates: {per_template: 0}"}},
       {"15:28: duplicates.per_template: expected off or a whole number from 1, found '0'"}},
      {{{15, "check: {require: ['('], forbid: ['a*', x], length: 2–40}"}},
       {"15:19: check.require[0]: missing ): (; write it in RE2's syntax",
        "15:34: check.forbid[0]: 'a*' matches every text, so it forbids all rows; make it match something",
        "15:52: check.length: expected a range of characters such as 2-40, from 1 to 10000, found '2–40'"}},
      {{{15, "check: {length: 0-40}"}},
       {"15:17: check.length: expected a range of characters such as 2-40, from 1 to 10000, found '0-40'"}},
      {{{15, "check: {length: 40-2}"}},
       {"15:17: check.length: expected a range of characters such as 2-40, from 1 to 10000, found '40-2'"}},
      {{{15, "check: {forbid: x}"}}, {"15:17: check.forbid: expected a list such as ['[0-9]+'], found 'x'"}},
      {{{15, "output: {split: {train: 0.8, dev: 0.1}}"}},
       {"15:17: output.split: the shares add up to 0.9; make it 1"}},
      {{{15, "output: {split: {train: 0.8, valid: 0.1, test: 1.1}}"}},
       {"15:30: output.split.valid: unknown key; the keys here are train, dev, test",
        "15:48: output.split.test: expected a number from 0 to 1, found '1.1'"}},
      {{{15, "output: {dir: patterns.txt}"}},
       {"15:10: output.dir: patterns.txt is not a directory; choose another"}},
      {{{15,
         "output: {formats: [{as: excel}, {shape: agent}, {as: rows, system: x}, {as: swift, system: "
         "no.txt}]}"}},
       {"15:25: output.formats[0].as: expected swift or rows, found 'excel'",
        "15:33: output.formats[1].as: missing; write swift or rows",
        "15:60: output.formats[2].system: only with as: swift; remove it",
        "15:92: output.formats[3].system: no.txt does not exist; paths are relative to the job file"}},
      {{{15,
         "output: {formats: [{as: swift, shape: agents}, {as: swift, shape: agent, answer: json, values: "
         "x}]}"}},
       {"15:39: output.formats[0].shape: expected messages or agent, found 'agents'",
        "15:74: output.formats[1].answer: only with shape: messages; remove it",
        "15:96: output.formats[1].values: expected canonical or surface, found 'x'"}},
      {{{15, "output: {formats: [{as: rows}, {as: swift}, {as: rows}]}"}},
       {"15:45: output.formats[2]: the same files as a format above; keep one of them"}},
      {{{15, "output: {formats: [{as: swift, system: empty.txt}]}"}},
       {"15:40: output.formats[0].system: empty.txt is empty; write the system message into it, or leave "
        "system: out"},
       {{"empty.txt", " \n"}}},
      {{{15, "output: {formats: [{as: swift, system: gbk.txt}]}"}},
       {"gbk.txt:1:1: not UTF-8; save the file as UTF-8"},
       {{"gbk.txt", "\xC4\xE3\n"}}},
      {{{15, "templates: {prefix: p.mustache, head: x}"}},
       {"15:21: templates.prefix: p.mustache does not exist; paths are relative to the job file",
        "15:33: templates.head: unknown key; the keys here are prefix, tail"}});
  const Loaded loaded = load(edited({{15, "output: {formats: []}"}}));
  ASSERT_TRUE(loaded.job);
  EXPECT_THAT(loaded.job->output.formats, IsEmpty());
}

TEST_F(JobTest, Yaml) {
  EXPECT_CASES(
      {{{15, "seed: 1\nname: again\nseed: 2"}},
       {"16:1: name: a second time, first at 2:1; keep one of them",
        "17:1: seed: a second time, first at 15:1; keep one of them"}},
      {{{12, "  room: {values: [a], values: [b]}"}},
       {"12:23: values: a second time, first at 12:10; keep one of them"}},
      {{{15, "---\nseed: 1"}},
       {"15:1: what is above ends here and a second document begins; a job is one map: remove ---, and "
        "indent its keys "
        "alike"}},
      {{{15, "\tseed: 1"}}, {"15:2: a tab as indentation; YAML allows spaces only"}},
      {{{15, "style: {register: [a, b}"}},
       {"15:24: this bracket closes another kind than was opened; make them match"}},
      {{{15, "style: {register: [a, b]"}},
       {"16:1: a { without its }; close it, and put text that contains { } or , in quotes"}},
      {{{15, "check: {forbid: [a, b"}},
       {"16:1: a [ without its ]; close it, and put text that contains [ ] or , in quotes"}},
      {{{15, "seed: '1"}}, {"15:1: the quote that is opened behind this is never closed; close it"}},
      {{{2, "name: 'lamp"}},
       {"8:17: this does not go on with what is above; indent alike, and look above for a quote that is not "
        "closed"}},
      {{{15, "seed: 1: 2"}},
       {"15:8: illegal map value; indent the keys of a map alike, and put text that contains ': ' in "
        "quotes"}},
      {{{15, "seed: @1"}}, {"15:7: text can't begin with this character; put it in quotes"}},
      {{{15, "seed: *one"}}, {"15:7: an alias without an anchor; put text that begins with * in quotes"}},
      {{{15, "seed: !!int 3"}},
       {"15:7: the tag 'tag:yaml.org,2002:int' is not supported; remove it, or put text that begins with ! "
        "in quotes"}},
      {{{15, "style: {<<: {a: [b]}}"}}, {"15:9: merge keys are not supported; write the keys out"}},
      {{{15, "? [a]\n: 1\n~: 2"}},
       {"15:3: a key must be text; put null and ~ in quotes",
        "17:1: a key must be text; put null and ~ in quotes"}},
      {{{15, "style: &s {a: [*s]}"}},
       {"15:16: an alias inside its own anchor stands for an endless text; write it out"}},
      {{{15, "check: {forbid: [\"\\d\"]}"}},
       {"15:21: unknown escape character: d; between double quotes \\ begins an escape: use single quotes"}},
      {{{15, "seed: \"\\x\""}},
       {"16:1: not YAML (bad character found while scanning hex number); look at this line and the one "
        "above"}},
      {{{2, "name: la\x01mp"}}, {"2:9: control character U+0001; remove it"}},
      {{{6, "    description: 设\xFF"}}, {"6:19: not UTF-8; save the file as UTF-8"}});
}

TEST_F(JobTest, AliasesStandForTheirText) {
  const Loaded loaded = load(edited({{7, "    slots: &s {level: required, room: optional}"},
                                     {9,
                                      "  turn_off: {description: &d Turn it off, slots: *s}\n"
                                      "  also_off: {description: *d}"}}));
  ASSERT_THAT(loaded.errors, IsEmpty());
  EXPECT_EQ(loaded.job->intents[1].slots.size(), 2u);
  EXPECT_EQ(loaded.job->intents[2].description, "Turn it off");
  // A problem inside is told once, where it stands; one of the alias where that stands.
  EXPECT_THAT(
      load(edited({{7, "    slots: &s {levl: required, room: optional}"},
                   {8, ""},
                   {9, "  turn_off: {description: *s, slots: *s}"}}))
          .errors,
      ElementsAre("job.yaml:7:16: intents.set_level.slots.levl: no slot type 'levl'; did you mean level?",
                  "job.yaml:7:16: intents.turn_off.slots.levl: no slot type 'levl'; did you mean level?",
                  "job.yaml:9:27: intents.turn_off.description: expected text, found a map"));
}

TEST_F(JobTest, AliasBombsAreRefused) {
  std::string bomb = "style:\n  a: &a0 [x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i)
    bomb += fmt::format("  b{}: &a{} [*a{}, *a{}, *a{}, *a{}, *a{}, *a{}, *a{}, *a{}, *a{}]\n", i, i, i - 1,
                        i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
  const Loaded loaded = load(edited({{15, bomb}}));
  ASSERT_EQ(loaded.errors.size(), 1u);
  EXPECT_THAT(loaded.errors[0],
              testing::EndsWith("more than 500000 values with all aliases written out; put long lists "
                                "into a file:"));
  EXPECT_THAT(loaded.errors[0], testing::StartsWith("job.yaml:21:"));
}

TEST_F(JobTest, DeepNestingIsRefused) {
  EXPECT_THAT(load(edited({{15, "style: " + std::string(20'000, '[')}})).errors,
              ElementsAre("job.yaml:15:40: nested deeper than 64 levels"));
  EXPECT_THAT(
      load(edited({{15, "style: " + std::string(63, '[') + std::string(63, ']')}})).errors,
      ElementsAre("job.yaml:15:8: style: expected a map such as {register: [casual, polite]}, found a list"));
}

TEST_F(JobTest, FilesThatAreNoJob) {
  const std::string empty = "job.yaml:1:1: the file is empty; docs/job.md shows what a job looks like";
  EXPECT_THAT(load("").errors, ElementsAre(empty));
  EXPECT_THAT(load("# nothing\n\n").errors, ElementsAre(empty));
  EXPECT_THAT(load("---\n~\n").errors, ElementsAre(empty));
  EXPECT_THAT(load("\xEF\xBB\xBF").errors, ElementsAre(empty));
  EXPECT_THAT(
      load("- a\n").errors,
      ElementsAre("job.yaml:1:1: expected a map of keys such as name: and intents:, found something else"));
  EXPECT_THAT(
      load("text").errors,
      ElementsAre("job.yaml:1:1: expected a map of keys such as name: and intents:, found something else"));
  EXPECT_THAT(load("\xEF\xBB\xBF" + edited({})).errors, IsEmpty());
  EXPECT_THAT(load(edited({{15, "..."}})).errors, IsEmpty());
  std::string windows = edited({});
  RE2::GlobalReplace(&windows, "\n", "\r\n");
  EXPECT_THAT(load(windows).errors, IsEmpty());
}

TEST_F(JobTest, FilesThatCannotBeRead) {
  EXPECT_THAT(load_path(directory_ / "none.yaml").errors,
              ElementsAre(testing::HasSubstr("cannot read none.yaml: No such file or directory")));
  EXPECT_THAT(load_path(directory_).errors, ElementsAre(testing::EndsWith("it is a directory")));
  EXPECT_THAT(load_path("/dev/zero").errors, ElementsAre("cannot read /dev/zero: it is not a regular file"));
  std::filesystem::create_symlink("loop.yaml", directory_ / "loop.yaml");
  EXPECT_THAT(load_path(directory_ / "loop.yaml").errors,
              ElementsAre(testing::HasSubstr("cannot read loop.yaml: Too many levels of symbolic links")));
  EXPECT_THAT(load(std::string((16u << 20) + 1, '#')).errors,
              ElementsAre("cannot read job.yaml: it is larger than 16 MiB"));
}

TEST_F(JobTest, ReportsAThousandProblemsAndCountsTheRest) {
  std::string text;
  for (int i = 0; i < 1200; ++i) text += "！\n";
  const Loaded loaded = load(edited({{12, "  room: {file: rooms.txt}"}}), {{"rooms.txt", text}});
  ASSERT_EQ(loaded.errors.size(), 1001u);
  EXPECT_EQ(loaded.errors[999], "rooms.txt:1000:1: '！' has no letter and no digit; remove it");
  EXPECT_EQ(loaded.errors[1000], "job.yaml: and 200 more problems; fix these first");
}

// Any cut or broken byte gives a job or messages with a place, never anything else.
TEST_F(JobTest, DamagedFilesGiveMessages) {
  write(kMeetingRoomFiles);
  const std::string good = kMeetingRoom;
  for (std::size_t cut = 0; cut < good.size(); cut += 7) {
    const Loaded loaded = load(good.substr(0, cut));
    for (const std::string& error : loaded.errors)
      EXPECT_THAT(error, testing::MatchesRegex("[a-z/]+\\.[a-z]+:[0-9]+:.*"));
  }
  for (std::size_t at = 0; at < good.size(); at += 11) {
    std::string bad = good;
    bad[at] = "[]{}:-\"'&*\t\n\x01\xFF#!|>%@0a"[at % 23];
    const Loaded loaded = load(bad);
    for (const std::string& error : loaded.errors)
      EXPECT_THAT(error, testing::MatchesRegex("[a-z/]+\\.[a-z]+:[0-9]+:.*"));
  }
}

}  // namespace
}  // namespace prompts
