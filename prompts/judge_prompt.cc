#include "prompts/judge_prompt.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/hash.h"
#include "base/text.h"
#include "prompts/annotation.h"
#include "prompts/templates.h"

namespace prompts {
namespace {

using datasets::Kind;
using kainjow::mustache::mustache;

constexpr std::uint64_t kSamples = 5;  // of a slot's values

const TemplateNames& prefix_names() {
  static const TemplateNames names = {
      {"assistant", "language", "asks_intent", "asks_slots", "asks_natural", "example"},
      {{"intents", {"name", "description"}}, {"slots", {"name", "samples", "many"}}}};
  return names;
}

const TemplateNames& tail_names() {
  static const TemplateNames names = {{"assistant", "language", "count", "lines"}, {}};
  return names;
}

/// `{"votes": ["1 ok", "2 intent", "3 intent natural"]}`
std::string votes_example(const std::vector<std::string>& ask) {
  std::string example = R"({"votes": ["1 ok")";
  for (std::size_t i = 0; i < ask.size() && i < 2; ++i)
    example += fmt::format(R"(, "{} {}")", i + 2, i == 0 ? ask.front() : ask.front() + " " + ask.back());
  return example + "]}";
}

}  // namespace

const char* opinion_name(Opinion opinion) { return opinion == Opinion::reading ? "reading" : "round_trip"; }

struct JudgePrompt::Impl {
  const Job& job;
  mutable mustache judge_prefix;
  mutable mustache judge_tail;
  mutable mustache annotate_prefix;
  mutable mustache annotate_tail;

  TemplateData common() const {
    TemplateData values;
    values.set("assistant", job.name);
    values.set("language", language_name(job.language));
    return values;
  }

  std::string samples(const SlotType& type) const {
    const base::Permutation order(base::mix(job.seed, base::hash64(type.name())), type.size());
    std::vector<std::string> texts;
    for (std::uint64_t i = 0; i < std::min(kSamples, type.size()); ++i)
      texts.push_back(type.value(order(i)).text);
    return fmt::format("{}", fmt::join(texts, job.chinese() ? "、" : ", "));
  }

  void set_intents(TemplateData& values) const {
    TemplateData intents{TemplateData::type::list};
    for (const Intent& intent : job.intents) {
      TemplateData item;
      item.set("name", intent.name);
      item.set("description", base::one_line(intent.description));
      TemplateData slots{TemplateData::type::list};
      for (const IntentSlot& slot : intent.slots) {
        TemplateData one;
        one.set("name", slot.name);
        one.set("many", slot.many);
        one.set("samples", samples(job.slot_types[slot.type]));
        slots.push_back(one);
      }
      item.set("slots", slots);
      intents.push_back(item);
    }
    values.set("intents", intents);
  }

  /// `{"readings": ["1 set_volume [level:三十]", "2 none"]}`, of an intent of the job.
  std::string readings_example() const {
    std::string reading = job.intents.empty() ? "none" : job.intents.front().name;
    const auto with_slots = std::find_if(job.intents.begin(), job.intents.end(),
                                         [](const Intent& intent) { return !intent.slots.empty(); });
    if (with_slots != job.intents.end()) {
      const IntentSlot& slot = with_slots->slots.front();
      AnnotatedText value;
      value.text = job.slot_types[slot.type].size() > 0 ? job.slot_types[slot.type].value(0).text : "…";
      value.tags.push_back(
          {slot.name, value.text, 0, static_cast<std::uint32_t>(base::count_code_points(value.text))});
      reading = fmt::format("{} {}", with_slots->name, format_annotation(value));
    }
    return fmt::format(R"({{"readings": ["1 {}", "2 none"]}})", reading);
  }
};

JudgePrompt::JudgePrompt(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
JudgePrompt::JudgePrompt(JudgePrompt&&) noexcept = default;
JudgePrompt& JudgePrompt::operator=(JudgePrompt&&) noexcept = default;
JudgePrompt::~JudgePrompt() = default;

base::Result<JudgePrompt> JudgePrompt::make(const Job& job) {
  const std::string language = job.chinese() ? ".zh." : ".en.";
  std::vector<mustache> loaded;
  for (const char* name : {"judge", "annotate"})
    for (const bool prefix : {true, false}) {
      auto one = load_template({}, name + language + (prefix ? "prefix.mustache" : "tail.mustache"),
                               prefix ? prefix_names() : tail_names(), prefix ? "example" : "lines");
      if (!one) return base::pass(one);
      loaded.push_back(std::move(*one));
    }
  return JudgePrompt(std::unique_ptr<Impl>(
      new Impl{job, std::move(loaded[0]), std::move(loaded[1]), std::move(loaded[2]), std::move(loaded[3])}));
}

std::string JudgePrompt::prefix(Opinion opinion) const {
  TemplateData values = impl_->common();
  impl_->set_intents(values);
  const std::vector<std::string>& ask = impl_->job.judge.ask;
  for (const char* name : {"intent", "slots", "natural"})
    values.set(std::string("asks_") + name, std::find(ask.begin(), ask.end(), name) != ask.end());
  const bool reading = opinion == Opinion::reading;
  values.set("example", reading ? votes_example(ask) : impl_->readings_example());
  return render(reading ? impl_->judge_prefix : impl_->annotate_prefix, values);
}

std::string JudgePrompt::tail(Opinion opinion, const std::vector<datasets::Row>& rows) const {
  std::string lines;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    fmt::format_to(std::back_inserter(lines), "{}{}. ", i > 0 ? "\n" : "", i + 1);
    if (opinion == Opinion::reading)
      fmt::format_to(std::back_inserter(lines), "{}: {}", intents_text(rows[i]), annotated_text(rows[i]));
    else
      lines += rows[i].text;
  }
  TemplateData values = impl_->common();
  values.set("count", std::to_string(rows.size()));
  values.set("lines", lines);
  return render(opinion == Opinion::reading ? impl_->judge_tail : impl_->annotate_tail, values);
}

std::string intents_text(const datasets::Row& row) {
  if (row.frames.empty()) return "none";
  std::string text;
  for (const datasets::Frame& frame : row.frames) text += (text.empty() ? "" : " + ") + frame.intent;
  return text;
}

std::string annotated_text(const datasets::Row& row) {
  AnnotatedText annotated;
  annotated.text = row.text;
  for (const datasets::Frame& frame : row.frames)
    for (const datasets::Slot& slot : frame.slots)
      annotated.tags.push_back({row.frames.size() > 1 ? frame.intent + "." + slot.name : slot.name, slot.text,
                                slot.start, slot.end});
  std::sort(annotated.tags.begin(), annotated.tags.end(),
            [](const Tag& a, const Tag& b) { return a.start < b.start; });
  return format_annotation(annotated);
}

std::vector<datasets::Row> expected_rows(const Job& job, const Cell& cell, const AttemptPlan& plan) {
  std::vector<datasets::Row> rows;
  for (const model::PlannedUtterance& utterance : plan.utterances) {
    datasets::Row& row = rows.emplace_back();
    row.kind = cell.kind;
    row.text = job.chinese() ? "请帮我" : "please ";
    if (cell.kind == Kind::out_of_scope) {
      row.text += job.chinese() ? "讲个笑话" : "tell me a joke";
      continue;
    }
    for (const model::PlannedFrame& planned : utterance.frames) {
      datasets::Frame& frame = row.frames.emplace_back();
      frame.intent = planned.name;
      for (const model::PlannedSlot& slot : planned.slots) {
        const auto start = static_cast<std::uint32_t>(base::count_code_points(row.text));
        const auto length = static_cast<std::uint32_t>(base::count_code_points(slot.text));
        frame.slots.push_back({slot.name, slot.text, slot.text, start, start + length});
        row.text += slot.text;
        row.text += job.chinese() ? "，" : " ";
      }
      row.text += job.chinese() ? "弄一下" : "now ";
    }
  }
  return rows;
}

}  // namespace prompts
