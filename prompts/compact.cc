#include "prompts/compact.h"

#include <algorithm>
#include <set>
#include <string_view>

#include "base/hash.h"
#include "base/text.h"

namespace prompts {
namespace {

using datasets::Kind;

constexpr std::size_t kExamples = 3;

/// Text of the job between marks: in one line, and without marks of its own.
void append_text(std::string_view text, std::string& out) {
  for (const char c : base::one_line(text)) {
    if (c == '|' && out.ends_with('<')) out += ' ';
    out += c;
  }
}

void append_intent(std::string_view mark, const Intent& intent, std::string& out) {
  out += mark;
  append_text(intent.name, out);
  out += "<|desc|>";
  append_text(intent.description, out);
}

/// Whether the example has exactly the slots of the set, `slots` being indices into Intent::slots.
bool has_slots(const AnnotatedText& example, const Intent& intent, const std::vector<std::size_t>& slots) {
  std::set<std::string_view> wanted;
  std::set<std::string_view> found;
  for (const std::size_t slot : slots) wanted.insert(intent.slots[slot].name);
  for (const Tag& tag : example.tags) found.insert(tag.name);
  return wanted == found;
}

/// Drawn by `seed`; the first has the cell's own slot set, if there is such a one.
void append_examples(const Intent& intent, const std::vector<std::size_t>& slots, std::uint64_t seed,
                     std::string& out) {
  const base::Permutation order(seed, intent.examples.size());
  std::vector<const AnnotatedText*> drawn;
  for (std::uint64_t i = 0; i < intent.examples.size(); ++i) drawn.push_back(&intent.examples[order(i)]);
  const auto same = std::find_if(drawn.begin(), drawn.end(), [&](const AnnotatedText* example) {
    return has_slots(*example, intent, slots);
  });
  if (same != drawn.end()) std::rotate(drawn.begin(), same, same + 1);
  if (drawn.size() > kExamples) drawn.resize(kExamples);
  for (const AnnotatedText* example : drawn) {
    out += "<|example|>";
    append_text(format_annotation(*example), out);
  }
}

void append_slots(const AttemptPlan& plan, std::string& out) {
  out += "<|slots|>";
  bool first = true;
  for (const model::PlannedUtterance& utterance : plan.utterances)
    for (const model::PlannedFrame& frame : utterance.frames)
      for (const model::PlannedSlot& slot : frame.slots) {
        if (!first) out += "<|and|>";
        first = false;
        append_text(slot.name, out);
        out += "<|is|>";
        append_text(slot.text, out);
      }
}

void append_style(const Job& job, const AttemptPlan& plan, std::string& out) {
  out += "<|style|>";
  if (plan.styles.empty()) return;
  const auto& style = plan.styles.front();
  for (std::size_t axis = 0; axis < style.size(); ++axis) {
    if (axis > 0) out += ", ";
    append_text(job.style[axis].values[style[axis]], out);
  }
}

}  // namespace

std::string compact_prefix(const Job& job, const Lane& lane) {
  std::string out;
  if (!lane.cells.empty() && lane.cells.front().kind == Kind::in_scope)
    append_intent("<|intent|>", job.intents[lane.cells.front().intent], out);
  return out;
}

std::string compact_tail(const Job& job, const Cell& cell, const AttemptPlan& plan) {
  std::string out;
  if (cell.kind == Kind::in_scope) {
    append_examples(job.intents[cell.intent], cell.slots, plan.examples_seed, out);
    append_slots(plan, out);
  } else if (cell.near && !job.intents.empty()) {
    const base::Permutation order(plan.examples_seed, job.intents.size());
    const Intent& intent = job.intents[order(0)];
    append_intent("<|near|>", intent, out);
    append_examples(intent, {}, plan.examples_seed, out);
    out += "<|slots|>";
  } else {
    out += "<|far|>";
    out += job.chinese() ? "zh" : "en";
  }
  append_style(job, plan, out);
  out += "<|out|>";
  return out;
}

}  // namespace prompts
