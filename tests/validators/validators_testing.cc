#include "validators_testing.h"

#include <gtest/gtest.h>
#include <re2/re2.h>

#include "base/json_writer.h"

namespace validators::testing {

using prompts::SlotType;
using Form = SlotType::Form;

prompts::SlotType levels(std::string language) {
  using prompts::Written;
  const bool chinese = language == "zh-Hans";
  return SlotType::of_numbers(
      "level", {0, 100, 1, {Written::arabic, chinese ? Written::cjk : Written::words, Written::percent}},
      std::move(language));
}

prompts::SlotType devices() {
  return SlotType::of_values("device", Form::values,
                             {{"主屏", "主屏"},
                              {"副屏", "副屏"},
                              {"主屏幕", "主屏幕"},
                              {"麦克风", "麦克风"},
                              {"话筒", "麦克风"},
                              {"mic", "麦克风"}},
                             false, true);
}

namespace {

prompts::Intent intent(std::string name, std::vector<prompts::IntentSlot> slots,
                       std::vector<std::string> examples) {
  prompts::Intent out;
  out.name = std::move(name);
  out.slots = std::move(slots);
  for (const std::string& example : examples) out.examples.push_back(*prompts::parse_annotation(example));
  return out;
}

}  // namespace

prompts::Job chinese_job() {
  prompts::Job job;
  job.name = "meeting-room";
  job.language = "zh-Hans";
  job.seed = 7;
  job.slot_types.push_back(levels("zh-Hans"));
  job.slot_types.push_back(devices());
  job.slot_types.push_back(SlotType::of_values(
      "person", Form::values, {{"王工", "王工"}, {"李总", "李总"}, {"张三", "张三"}}, true, true));
  job.slot_types.push_back(SlotType::of_values("time", Form::time, {{"下午三点", "下午三点"}}, false, true));
  job.slot_types.push_back(SlotType::of_pattern("room", std::make_shared<const re2::RE2>("[A-Z]?\\d{3,4}"),
                                                {{"A301", "A301"}, {"1024", "1024"}}, true));
  job.intents.push_back(intent("set_volume", {{"level", 0, true, false}, {"device", 1, false, false}},
                               {"把[device:主屏]音量调到[level:百分之三十]"}));
  job.intents.push_back(intent("mute", {{"device", 1, false, false}}, {"把[device:主屏]静音"}));
  job.intents.push_back(intent("invite", {{"person", 2, true, true}, {"start", 3, false, false}}, {}));
  job.intents.push_back(intent("book", {{"room", 4, true, false}}, {}));
  job.style = {{"register", {"口语", "礼貌"}}, {"length", {"3-6", "7-12"}}};
  job.check.min_length = 2;
  job.check.max_length = 40;
  return job;
}

prompts::Job english_job() {
  prompts::Job job;
  job.name = "speaker";
  job.language = "en";
  job.seed = 7;
  job.slot_types.push_back(levels("en"));
  job.slot_types.push_back(SlotType::of_values(
      "device", Form::values,
      {{"main screen", "main screen"}, {"mic", "microphone"}, {"microphone", "microphone"}}, false, true));
  job.intents.push_back(intent("set_volume", {{"level", 0, true, false}, {"device", 1, false, false}}, {}));
  job.check.max_length = 80;
  return job;
}

prompts::Lane lane_of(const prompts::Job& job, std::string_view name,
                      std::vector<std::vector<std::size_t>> sets) {
  prompts::Lane lane;
  lane.name = name;
  for (std::size_t i = 0; i < job.intents.size(); ++i) {
    if (job.intents[i].name != name) continue;
    for (std::vector<std::size_t>& set : sets) {
      prompts::Cell cell;
      cell.id = std::string(name) + "|" + std::to_string(lane.cells.size());
      cell.intent = i;
      cell.slots = std::move(set);
      lane.cells.push_back(std::move(cell));
    }
  }
  return lane;
}

prompts::Lane lane_of(datasets::Kind kind) {
  prompts::Lane lane;
  lane.name = datasets::kind_name(kind);
  lane.cells.emplace_back().id = lane.name;
  lane.cells.back().kind = kind;
  return lane;
}

Attempt::Attempt(const prompts::Job& job, prompts::Lane lane, std::size_t cell)
    : job_(job), lane_(std::move(lane)), checker_(Checker::make(job, plan_).value()) {
  expectation_.lane = &lane_;
  expectation_.cell = cell;
  expectation_.attempt = 7;
  expectation_.plan = &attempt_;
  expectation_.model = "qwen";
  expectation_.key = {1, 2};
}

Attempt& Attempt::plan(Values values) {
  const prompts::Cell& cell = lane_.cells[expectation_.cell];
  const std::string name =
      cell.kind == datasets::Kind::in_scope ? job_.intents[cell.intent].name : "out_of_scope_near";
  return plan(std::vector<model::PlannedFrame>{{name, std::move(values)}});
}

Attempt& Attempt::plan(std::vector<model::PlannedFrame> frames) {
  attempt_.utterances.push_back({std::move(frames)});
  attempt_.styles.push_back(std::vector<std::size_t>(job_.style.size(), 1));
  return *this;
}

CheckedReply Attempt::check(std::string_view body, model::Finish finish) const {
  model::Outcome outcome;
  outcome.kind = model::Outcome::Kind::reply;
  outcome.body = body;
  outcome.finish = finish;
  return checker_.check(expectation_, outcome);
}

CheckedReply Attempt::check_utterances(const std::vector<std::string>& utterances) const {
  return check(envelope(utterances));
}

Candidate Attempt::candidate(const std::string& utterance) const {
  CheckedReply reply = check_utterances({utterance});
  EXPECT_EQ(reply.candidates.size(), 1u);
  return reply.candidates.empty() ? Candidate{} : std::move(reply.candidates.front());
}

std::string envelope(const std::vector<std::string>& utterances) {
  std::string out;
  base::JsonWriter json(out);
  json.begin_object().key("utterances").begin_array();
  for (const std::string& utterance : utterances) json.value(utterance);
  json.end_array().end_object();
  return out;
}

datasets::Row row_of(const Candidate& candidate) {
  auto row = datasets::parse_row(candidate.row);
  EXPECT_TRUE(row) << candidate.row << candidate.detail;
  return row ? *row : datasets::Row{};
}

}  // namespace validators::testing
