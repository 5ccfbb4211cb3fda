#include "prompts/catalogue_prompt.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "prompts/templates.h"

namespace prompts {
namespace {

using kainjow::mustache::mustache;

/// A model needs no more to know what not to repeat.
constexpr std::int64_t kMostKnown = 200;
constexpr std::size_t kMostExamples = 3;  // of an intent
constexpr std::array<const char*, 6> kAngles = {"common", "rare", "short", "long", "casual", "mixed"};

const TemplateNames& prefix_names() {
  static const TemplateNames names = {
      {"assistant", "language", "name", "has_description", "description", "has_known", "known"},
      {{"uses", {"intent", "description", "slot"}}, {"examples", {"text"}}}};
  return names;
}

const TemplateNames& tail_names() {
  static const TemplateNames names = [] {
    TemplateNames all{{"assistant", "language", "name", "count"}, {}};
    all.names.insert(all.names.end(), kAngles.begin(), kAngles.end());
    return all;
  }();
  return names;
}

}  // namespace

struct CataloguePrompt::Impl {
  const Job& job;
  mutable mustache prefix_template;
  mutable mustache tail_template;

  TemplateData common(std::size_t type) const {
    TemplateData values;
    values.set("assistant", job.name);
    values.set("language", language_name(job.language));
    values.set("name", job.slot_types[type].name());
    return values;
  }

  void set_uses(std::size_t type, TemplateData& values) const {
    TemplateData uses{TemplateData::type::list};
    for (const Intent& intent : job.intents)
      for (const IntentSlot& slot : intent.slots) {
        if (slot.type != type) continue;
        TemplateData use;
        use.set("intent", intent.name);
        use.set("description", base::one_line(intent.description));
        use.set("slot", slot.name);
        TemplateData examples{TemplateData::type::list};
        std::size_t count = 0;
        for (const AnnotatedText& example : intent.examples) {
          const bool has_slot = std::any_of(example.tags.begin(), example.tags.end(),
                                            [&](const Tag& tag) { return tag.name == slot.name; });
          if (!has_slot || count++ >= kMostExamples) continue;
          TemplateData item;
          item.set("text", base::one_line(format_annotation(example)));
          examples.push_back(item);
        }
        use.set("examples", examples);
        uses.push_back(use);
      }
    values.set("uses", uses);
  }
};

CataloguePrompt::CataloguePrompt(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
CataloguePrompt::CataloguePrompt(CataloguePrompt&&) noexcept = default;
CataloguePrompt& CataloguePrompt::operator=(CataloguePrompt&&) noexcept = default;
CataloguePrompt::~CataloguePrompt() = default;

base::Result<CataloguePrompt> CataloguePrompt::make(const Job& job) {
  const std::string built_in = job.chinese() ? "values.zh." : "values.en.";
  auto prefix = load_template({}, built_in + "prefix.mustache", prefix_names(), "name");
  if (!prefix) return base::pass(prefix);
  auto tail = load_template({}, built_in + "tail.mustache", tail_names(), "count");
  if (!tail) return base::pass(tail);
  return CataloguePrompt(std::unique_ptr<Impl>(new Impl{job, std::move(*prefix), std::move(*tail)}));
}

std::string CataloguePrompt::prefix(std::size_t type) const {
  TemplateData values = impl_->common(type);
  std::vector<std::string> known;
  for (const Ask& ask : impl_->job.asks) {
    if (ask.type != type) continue;
    values.set("has_description", !ask.description.empty());
    values.set("description", base::one_line(ask.description));
    for (std::int64_t i = 0; i < std::min(ask.known, kMostKnown); ++i)
      known.push_back(impl_->job.slot_types[type].value(static_cast<std::uint64_t>(i)).text);
  }
  values.set("has_known", !known.empty());
  values.set("known", fmt::format("{}", fmt::join(known, impl_->job.chinese() ? "、" : ", ")));
  impl_->set_uses(type, values);
  return render(impl_->prefix_template, values);
}

std::string CataloguePrompt::tail(std::size_t type, const AttemptPlan& plan) const {
  TemplateData values = impl_->common(type);
  values.set("count", std::to_string(plan.utterances.size()));
  for (std::size_t i = 0; i < kAngles.size(); ++i) values.set(kAngles[i], plan.angle % kAngles.size() == i);
  return render(impl_->tail_template, values);
}

}  // namespace prompts
