#include "validators/row_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "validators/tag_rules.h"

namespace validators {
namespace {

/// The slots of all frames by start, as places in the text; empty text where the offsets are wrong.
struct Place {
  const datasets::Slot* slot = nullptr;
  std::size_t frame = 0;
  std::size_t from = 0;  // bytes
  std::size_t to = 0;
};

/// The byte of code point `count`, from byte `at` on; npos behind the end.
std::size_t advance(std::string_view text, std::size_t at, std::uint32_t count) {
  for (; count > 0; --count) {
    if (at >= text.size()) return std::string_view::npos;
    base::next_code_point(text, at);
  }
  return at;
}

std::vector<Place> places_of(const datasets::Row& row, std::vector<Finding>& findings) {
  std::vector<Place> places;
  for (std::size_t i = 0; i < row.frames.size(); ++i)
    for (const datasets::Slot& slot : row.frames[i].slots) {
      const std::size_t from = advance(row.text, 0, slot.start);
      const std::size_t to = from == std::string_view::npos || slot.end < slot.start
                                 ? from
                                 : advance(row.text, from, slot.end - slot.start);
      const bool inside = from != std::string_view::npos && to != std::string_view::npos && from < to;
      if (inside && std::string_view(row.text).substr(from, to - from) == slot.text) {
        places.push_back({&slot, i, from, to});
        continue;
      }
      findings.push_back({Verdict::wrong_offsets, fmt::format("{}: {} isn't what stands at {} to {}",
                                                              slot.name, slot.text, slot.start, slot.end)});
    }
  std::stable_sort(places.begin(), places.end(),
                   [](const Place& a, const Place& b) { return a.from < b.from; });
  for (std::size_t i = 1; i < places.size(); ++i)
    if (places[i].from < places[i - 1].to)
      findings.push_back({Verdict::overlapping_slots,
                          fmt::format("{}: {} and {}: {}", places[i - 1].slot->name, places[i - 1].slot->text,
                                      places[i].slot->name, places[i].slot->text)});
  return places;
}

}  // namespace

struct RowCheck::Impl {
  Impl(const prompts::Job& the_job, TextRules the_rules) : job(&the_job), rules(std::move(the_rules)) {}

  void check_frame(const datasets::Frame& frame, std::vector<Finding>& findings) const;

  const prompts::Job* job;
  TextRules rules;
};

RowCheck::RowCheck(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RowCheck::RowCheck(RowCheck&&) noexcept = default;
RowCheck& RowCheck::operator=(RowCheck&&) noexcept = default;
RowCheck::~RowCheck() = default;

base::Result<RowCheck> RowCheck::make(const prompts::Job& job) {
  auto rules = TextRules::make(job);
  if (!rules) return base::pass(rules);
  return RowCheck(std::make_unique<Impl>(job, *std::move(rules)));
}

void RowCheck::Impl::check_frame(const datasets::Frame& frame, std::vector<Finding>& findings) const {
  const prompts::Intent* intent = job->find_intent(frame.intent);
  if (intent == nullptr) {
    findings.push_back({Verdict::unknown_intent, fmt::format("{} is no intent of the job", frame.intent)});
    return;
  }
  for (std::size_t i = 0; i < frame.slots.size(); ++i) {
    const datasets::Slot& slot = frame.slots[i];
    const prompts::IntentSlot* known = intent->find_slot(slot.name);
    if (known == nullptr) {
      findings.push_back(
          {Verdict::unknown_slot, fmt::format("{} is no slot of {}", slot.name, frame.intent)});
      continue;
    }
    const auto same = [&](const datasets::Slot& other) { return other.name == slot.name; };
    const auto end = frame.slots.begin() + static_cast<std::ptrdiff_t>(i);
    if (const auto other = std::find_if(frame.slots.begin(), end, same); !known->many && other != end)
      findings.push_back(
          {Verdict::repeated_slot, fmt::format("{}: {} and {}", slot.name, other->text, slot.text)});
    if (Finding finding = check_value(job->slot_types[known->type], slot.name, slot.text);
        finding.verdict != Verdict::accepted)
      findings.push_back(std::move(finding));
  }
  for (const prompts::IntentSlot& slot : intent->slots) {
    const auto same = [&](const datasets::Slot& one) { return one.name == slot.name; };
    if (slot.required && std::none_of(frame.slots.begin(), frame.slots.end(), same))
      findings.push_back({Verdict::missing_slot, fmt::format("{} has no {}", frame.intent, slot.name)});
  }
}

std::vector<Finding> RowCheck::check(const datasets::Row& row) const {
  std::vector<Finding> findings;
  const std::vector<Place> places = places_of(row, findings);
  for (const datasets::Frame& frame : row.frames) impl_->check_frame(frame, findings);
  std::string outside;
  std::size_t behind = 0;
  for (const Place& place : places) {
    if (place.from < behind) continue;
    outside.append(row.text, behind, place.from - behind) += ' ';
    behind = place.to;
  }
  outside.append(row.text, behind);
  if (Finding finding = impl_->rules.check(row.text, outside); finding.verdict != Verdict::accepted)
    findings.push_back(std::move(finding));
  return findings;
}

bool RowCheck::repair(datasets::Row&) const { return false; }

}  // namespace validators
