#include "prompts/renderer.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/hash.h"
#include "base/text.h"
#include "model/tags.h"
#include "prompts/catalogue_prompt.h"
#include "prompts/compact.h"
#include "prompts/slot_sets.h"
#include "prompts/templates.h"

namespace prompts {
namespace {

using datasets::Kind;
using data = TemplateData;
using kainjow::mustache::mustache;

/// So many values show what a slot means.
constexpr std::uint64_t kSamples = 5;

const TemplateNames& prefix_names() {
  static const TemplateNames names = {
      {"assistant", "language", "in_scope", "out_of_scope", "multi_intent", "intent", "description",
       "has_slots", "has_contrast", "has_examples", "has_tags", "has_styles", "styles"},
      {{"slots", {"name", "samples", "required", "many"}},
       {"contrast", {"name", "description"}},
       {"examples", {"text"}},
       {"intents", {"name", "description", "has_slots", "slot_names"}}}};
  return names;
}

const TemplateNames& tail_names() {
  static const TemplateNames names = {{"assistant", "language", "in_scope", "out_of_scope", "near", "far",
                                       "multi_intent", "intent", "description", "count", "lines"},
                                      {}};
  return names;
}

}  // namespace

struct Renderer::Impl {
  const Job& job;
  mutable mustache prefix_template;
  mutable mustache tail_template;
  CataloguePrompt catalogues;
  JudgePrompt judge;

  std::string join(const std::vector<std::string>& parts) const {
    return fmt::format("{}", fmt::join(parts, job.chinese() ? "、" : ", "));
  }

  /// Different values of the type, not the first ones: of a range of numbers those would be all alike.
  std::string samples(const SlotType& type) const {
    const base::Permutation order(base::mix(job.seed, base::hash64(type.name())), type.size());
    std::vector<std::string> texts;
    for (std::uint64_t i = 0; i < std::min(kSamples, type.size()); ++i)
      texts.push_back(type.value(order(i)).text);
    return join(texts);
  }

  void set_common(const Cell& cell, data& values) const {
    values.set("assistant", job.name);
    values.set("language", language_name(job.language));
    values.set("in_scope", cell.kind == Kind::in_scope);
    values.set("out_of_scope", cell.kind == Kind::out_of_scope);
    values.set("multi_intent", cell.kind == Kind::multi_intent);
    if (cell.kind != Kind::in_scope) return;
    const Intent& intent = job.intents[cell.intent];
    values.set("intent", intent.name);
    values.set("description", base::one_line(intent.description));
  }

  void set_intent(const Intent& intent, data& values) const {
    data slots{data::type::list};
    for (const IntentSlot& slot : intent.slots) {
      data item;
      item.set("name", slot.name);
      item.set("required", slot.required);
      item.set("many", slot.many);
      item.set("samples", samples(job.slot_types[slot.type]));
      slots.push_back(item);
    }
    values.set("has_slots", !intent.slots.empty());
    values.set("slots", slots);
    data contrast{data::type::list};
    for (const Intent& other : job.intents) {
      if (other.name == intent.name || is_compatible_pair(intent, other)) continue;
      data item;
      item.set("name", other.name);
      item.set("description", base::one_line(other.description));
      contrast.push_back(item);
    }
    values.set("has_contrast", contrast.is_non_empty_list());
    values.set("contrast", contrast);
    data examples{data::type::list};
    for (const AnnotatedText& example : intent.examples) {
      data item;
      item.set("text", base::one_line(format_annotation(example)));
      examples.push_back(item);
    }
    values.set("has_examples", examples.is_non_empty_list());
    values.set("examples", examples);
  }

  void set_intents(data& values) const {
    data intents{data::type::list};
    for (const Intent& intent : job.intents) {
      std::vector<std::string> names;
      for (const IntentSlot& slot : intent.slots) names.push_back(intent.name + "." + slot.name);
      data item;
      item.set("name", intent.name);
      item.set("description", base::one_line(intent.description));
      item.set("has_slots", !names.empty());
      item.set("slot_names", join(names));
      intents.push_back(item);
    }
    values.set("intents", intents);
  }

  bool has_tags(const Cell& cell) const {
    if (cell.kind == Kind::in_scope) return !job.intents[cell.intent].slots.empty();
    return cell.kind == Kind::multi_intent && std::any_of(job.intents.begin(), job.intents.end(),
                                                          [](const Intent& i) { return !i.slots.empty(); });
  }

  /// `3. [device:主屏] [level:三十] | 口语, 7-12`, one line per utterance. Written by hand: Mustache takes
  /// tens of microseconds for what is rendered again for every attempt of a run.
  std::string lines(const Cell& cell, const AttemptPlan& plan) const {
    std::string out;
    out.reserve(64 * plan.utterances.size());
    const base::Permutation near_intents(plan.salt, job.intents.size());
    for (std::size_t i = 0; i < plan.utterances.size(); ++i) {
      if (i > 0) out += '\n';
      fmt::format_to(std::back_inserter(out), "{}.", i + 1);
      const auto& frames = plan.utterances[i].frames;
      if (cell.kind == Kind::multi_intent) {
        for (const model::PlannedFrame& frame : frames) {
          out += &frame == &frames.front() ? " " : " + ";
          out += frame.name;
        }
      } else if (cell.near && !job.intents.empty()) {
        // Without a word on what to be near to, all attempts would ask for the same.
        out += ' ';
        out += job.intents[near_intents(i)].name;
      }
      for (const model::PlannedFrame& frame : frames)
        for (const model::PlannedSlot& slot : frame.slots) {
          const bool scoped = cell.kind == Kind::multi_intent;
          out += ' ';
          model::append_tag(scoped ? std::string_view(frame.name) : std::string_view(), slot.name, slot.text,
                            out);
        }
      out += " |";
      if (i >= plan.styles.size()) continue;
      for (std::size_t axis = 0; axis < plan.styles[i].size(); ++axis) {
        out += axis == 0 ? " " : ", ";
        out += job.style[axis].values[plan.styles[i][axis]];
      }
    }
    return out;
  }
};

Renderer::Renderer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Renderer::Renderer(Renderer&&) noexcept = default;
Renderer& Renderer::operator=(Renderer&&) noexcept = default;
Renderer::~Renderer() = default;

base::Result<Renderer> Renderer::make(const Job& job) {
  const std::string built_in = job.chinese() ? "chat.zh." : "chat.en.";
  auto prefix = load_template(job.prefix_template, built_in + "prefix.mustache", prefix_names(), "");
  if (!prefix) return base::pass(prefix);
  auto tail = load_template(job.tail_template, built_in + "tail.mustache", tail_names(), "lines");
  if (!tail) return base::pass(tail);
  auto catalogues = CataloguePrompt::make(job);
  if (!catalogues) return base::pass(catalogues);
  auto judge = JudgePrompt::make(job);
  if (!judge) return base::pass(judge);
  return Renderer(std::unique_ptr<Impl>(
      new Impl{job, std::move(*prefix), std::move(*tail), std::move(*catalogues), std::move(*judge)}));
}

const JudgePrompt& Renderer::judge() const { return impl_->judge; }

std::string Renderer::prefix(const Lane& lane, Profile profile) const {
  if (profile == Profile::compact) return compact_prefix(impl_->job, lane);
  if (lane.cells.empty()) return "";
  const Cell& cell = lane.cells.front();
  if (cell.catalogue) return impl_->catalogues.prefix(*cell.catalogue);
  data values;
  impl_->set_common(cell, values);
  if (cell.kind == Kind::in_scope) impl_->set_intent(impl_->job.intents[cell.intent], values);
  impl_->set_intents(values);
  values.set("has_tags", impl_->has_tags(cell));
  std::vector<std::string> axes;
  for (const StyleAxis& axis : impl_->job.style) axes.push_back(axis.name);
  values.set("has_styles", !axes.empty());
  values.set("styles", impl_->join(axes));
  return render(impl_->prefix_template, values);
}

std::string Renderer::tail(const Cell& cell, const AttemptPlan& plan, Profile profile) const {
  if (profile == Profile::compact) return compact_tail(impl_->job, cell, plan);
  if (cell.catalogue) return impl_->catalogues.tail(*cell.catalogue, plan);
  data values;
  impl_->set_common(cell, values);
  values.set("near", cell.kind == Kind::out_of_scope && cell.near);
  values.set("far", cell.kind == Kind::out_of_scope && !cell.near);
  values.set("count", std::to_string(plan.utterances.size()));
  values.set("lines", impl_->lines(cell, plan));
  return render(impl_->tail_template, values);
}

}  // namespace prompts
