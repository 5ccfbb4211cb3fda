#include "tests/pipeline/hard_job.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "base/hash.h"
#include "base/json_writer.h"
#include "pipeline/models.h"

namespace pipeline::testing {
namespace {

// Two remote models share the lanes; their addresses are never used, the tests put ShuffledModel in.
constexpr const char* kJob = R"(slotmill: 1
name: hard
language: zh-Hans
seed: 3
per_request: 5
intents:
  set_volume:
    description: 调节音量
    slots: {level: required, device: optional, room: optional}
    examples: ["把[device:主屏]音量调到[level:三十]"]
  open_curtain:
    description: 打开窗帘
    slots: {room: optional}
  invite:
    description: 邀请人
    slots: {person: {required: true, many: true}}
  greet:
    description: 打招呼，没有槽位，说法不够
slot_types:
  level: {number: [0, 100], written: [arabic, cjk, percent]}
  device: {values: [主屏, 副屏, {麦克风: [话筒]}, 音箱, 投影, 电视, 平板, 白板, 手机, 电脑]}
  room: {ask: 12, description: 楼里的房间}
  person: {values: [王工, 李总, 赵敏, 钱多, 孙行, 周正, 吴用, 郑和, 冯唐, 陈实], open: true, ask: 70}
rows: {per_intent: 90, out_of_scope_far: 30, multi_intent: 20}
models:
  - {id: one, provider: openai, model: m1, base_url: "http://127.0.0.1:9/v1", share: 2, limits: {in_flight: 64}, fallback: [two]}
  - {id: two, provider: openai, model: m2, base_url: "http://127.0.0.1:9/v1", limits: {in_flight: 64}}
  - {id: three, provider: openai, model: m3, base_url: "http://127.0.0.1:9/v1", limits: {in_flight: 64}, share: 0}
judge: {model: three, ask: [intent, natural], round_trip: true, use: accept}
duplicates: {near: 0.8, per_template: 1}
budget: {candidates_per_row: 6}
output: {dir: out, formats: [{as: swift, shape: messages, values: canonical}, {as: swift, shape: agent}]}
)";

const char* const kOpeners[] = {"请", "麻烦", "帮我", "现在", "马上", "先", "快点", "顺便", "劳驾", "可以"};
const char* const kMiddles[] = {"把", "将", "给我", "弄一下", "调整", "处理", "看看", "安排"};
const char* const kShared[] = {"你好",   "大家好", "下午好", "在吗", "谢谢",   "再见",
                               "辛苦了", "晚上好", "没事",   "好的", "知道了", "早上好"};

std::string tag(const std::string& name, const std::string& text) { return "[" + name + ":" + text + "]"; }

// One candidate for one planned utterance; faults by hash.
std::string candidate(const model::PlannedUtterance& planned, std::uint64_t hash) {
  const std::uint64_t fault = hash % 100;
  const auto pick = [&](const auto& list, std::uint64_t salt) {
    return std::string(list[base::mix(hash, salt) % std::size(list)]);
  };
  if (planned.frames.size() == 1 && planned.frames[0].slots.empty()) {
    if (fault < 15) return "";  // empty
    const std::string& name = planned.frames[0].name;
    const bool shared = name == "greet" || base::mix(hash, 5) % 4 == 0;
    if (shared) return pick(kShared, 1);
    return pick(kOpeners, 1) + pick(kMiddles, 2) + pick(kShared, 3) + pick(kOpeners, 4);
  }
  std::string text = pick(kOpeners, 1) + pick(kMiddles, 2);
  bool first = true;
  for (const model::PlannedFrame& frame : planned.frames)
    for (const model::PlannedSlot& slot : frame.slots) {
      const std::string name = planned.frames.size() > 1 ? frame.name + "." + slot.name : slot.name;
      if (first && fault < 3) {
        text += slot.text.substr(0, 3);  // cut and untagged
      } else if (first && fault < 6) {
        text += tag(name, "别的值");
      } else if (first && fault < 9) {
        text += "[" + name + slot.text;  // broken tag
      } else if (first && fault < 11) {
        text += tag("nonsense", slot.text);
      } else if (fault < 15 && slot.name == "device") {
        // left out: counts for the sibling cell
      } else {
        text += tag(name, slot.text);
      }
      first = false;
      text += pick(kMiddles, 7 + slot.text.size());
    }
  return text;
}

// One value for a catalogue: few enough that many come twice, some of them faulty.
std::string value(std::uint64_t hash) {
  switch (hash % 20) {
    case 0:
      return "";
    case 1:
      return "某某";
    case 2:
      return tag("x", "y");
    case 3:
      return "王工";  // the job lists it
    default:
      return std::string(kOpeners[base::mix(hash, 1) % std::size(kOpeners)]) +
             kMiddles[base::mix(hash, 2) % std::size(kMiddles)];
  }
}

// An opinion on the n-th of the lines: mostly a good one; some are of no use.
std::string opinion(const model::Request& request, std::size_t n) {
  const std::uint64_t draw = base::mix(request.key.low, n) % 20;
  const std::string number = std::to_string(n + 1);
  if (draw == 0) return "what?";
  if (request.wire == model::Wire::readings) return number + (draw < 5 ? " none" : " greet");
  return number + (draw < 3 ? " intent" : draw < 5 ? " natural intent" : " ok");
}

model::Outcome reply_to(const model::Request& request) {
  model::Outcome outcome;
  outcome.milliseconds = 5;
  if (request.key.high % 50 == 0) {
    outcome.kind = model::Outcome::Kind::failed;
    outcome.body = "past its deadline";
    return outcome;
  }
  outcome.kind = model::Outcome::Kind::reply;
  outcome.usage = {100, 50};
  if (request.key.high % 50 == 1) {
    outcome.body = "抱歉，我不能";
    return outcome;
  }
  base::JsonWriter w(outcome.body);
  if (request.purpose == model::Purpose::judge) {
    w.begin_object().key(model::list_name(request.wire)).begin_array();
    for (std::size_t i = 0; i < request.utterances.size(); ++i) w.value(opinion(request, i));
    w.end_array().end_object();
    return outcome;
  }
  const bool values = request.purpose == model::Purpose::catalogue;
  w.begin_object().key(values ? "values" : "utterances").begin_array();
  for (std::size_t i = 0; i < request.utterances.size(); ++i) {
    const std::uint64_t hash = base::mix(request.key.low, i);
    w.value(values ? value(hash) : candidate(request.utterances[i], hash));
  }
  w.end_array().end_object();
  if (request.key.high % 50 == 2) outcome.body.resize(outcome.body.size() / 2);  // cut off
  return outcome;
}

}  // namespace

prompts::Job load_hard_job(const base::Path& directory) {
  EXPECT_TRUE(base::make_directories(directory));
  EXPECT_TRUE(base::replace_file(directory / "job.yaml", kJob));
  auto loaded = prompts::load_job(directory / "job.yaml");
  if (!loaded) ADD_FAILURE() << loaded.error().message;
  return loaded ? std::move(loaded->job) : prompts::Job{};
}

ShuffledModel::ShuffledModel(std::string name, std::size_t credits, std::uint64_t shuffle_seed)
    : credits_(credits), random_(shuffle_seed), thread_([this] { loop(); }) {
  identity_.provider = "test";
  identity_.name = std::move(name);
}

ShuffledModel::~ShuffledModel() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void ShuffledModel::submit(model::Ticket ticket, const model::Request& request, model::OutcomeSink& sink) {
  const std::lock_guard lock(mutex_);
  ++asked_[base::to_hex(request.key)];
  waiting_.push_back({ticket, &request, &sink});
  wake_.notify_one();
}

std::map<std::string, int> ShuffledModel::asked() const {
  const std::lock_guard lock(mutex_);
  return asked_;
}

void ShuffledModel::loop() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    random_ = base::mix(random_);
    const std::size_t chosen = random_ % waiting_.size();
    const Waiting next = waiting_[chosen];
    waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(chosen));
    lock.unlock();
    next.sink->deliver(next.ticket, reply_to(*next.request));
    lock.lock();
  }
}

HardRun run_hard_job(const base::Path& directory, std::size_t threads, std::size_t window,
                     std::uint64_t shuffle_seed, std::size_t most_waiting) {
  HardRun result;
  prompts::Job job = load_hard_job(directory);
  const auto plan = prompts::make_plan(job);
  if (!plan) {
    ADD_FAILURE() << plan.error().message;
    return result;
  }
  auto one = std::make_unique<ShuffledModel>("m1", 256, shuffle_seed);
  auto two = std::make_unique<ShuffledModel>("m2", 256, shuffle_seed + 1);
  auto three = std::make_unique<ShuffledModel>("m3", 256, shuffle_seed + 2);
  const ShuffledModel* const seen[] = {one.get(), two.get(), three.get()};
  Models models;
  models.models.push_back(std::move(one));
  models.models.push_back(std::move(two));
  models.models.push_back(std::move(three));
  const auto renderer = prompts::Renderer::make(job);
  if (!renderer) {
    ADD_FAILURE() << renderer.error().message;
    return result;
  }
  RunOptions options;
  options.threads = threads;
  options.window = window;
  options.most_waiting = most_waiting;
  auto report = run(job, *plan, models, *renderer, options);
  for (const ShuffledModel* model : seen)
    for (const auto& [key, times] : model->asked()) result.asked[key] += times;
  if (!report) {
    ADD_FAILURE() << report.error().message;
    return result;
  }
  result.report = std::move(*report);
  const base::Path out = job.run_directory();
  for (const char* name : {"rows.jsonl", "rejects.jsonl", "review.jsonl"})
    result.files[name] = *base::read_file(out / name);
  for (const char* part : {"releases", "catalogues"})
    for (const auto& entry : std::filesystem::recursive_directory_iterator(out / part))
      if (entry.is_regular_file())
        result.files[std::filesystem::relative(entry.path(), out).string()] = *base::read_file(entry.path());
  return result;
}

}  // namespace pipeline::testing
