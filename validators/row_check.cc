#include "validators/row_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "prompts/numbers.h"
#include "validators/boundaries.h"
#include "validators/duplicates/guard.h"
#include "validators/duplicates/shingles.h"
#include "validators/repairs.h"
#include "validators/row_builder.h"
#include "validators/speech.h"
#include "validators/surface.h"
#include "validators/tag_rules.h"
#include "validators/text_repair.h"

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

/// 王工和王工, "james and james": nothing but the word of a list between two values.
bool is_list(std::string_view text, const datasets::Slot& first, const datasets::Slot& second) {
  const std::size_t from = advance(text, 0, first.end);
  const std::size_t to = second.start < first.end ? from : advance(text, from, second.start - first.end);
  if (from == std::string_view::npos || to == std::string_view::npos) return false;
  std::string_view between = base::trim(text.substr(from, to - from));
  if (between.starts_with(',')) between = base::trim(between.substr(1));
  for (const std::string_view word :
       {"", "和", "跟", "与", "及", "以及", "还有", "、", "，", "and", "or", "&", "或", "或者"})
    if (between == word) return true;
  return false;
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
  Impl(const prompts::Job& the_job, TextRules the_rules, Speech the_speech)
      : job(&the_job),
        rules(std::move(the_rules)),
        speech(std::move(the_speech)),
        boundaries(the_job),
        rows(the_job),
        guard(the_job, rows) {}

  const prompts::IntentSlot* slot_of(const datasets::Row& row, const Place& place) const {
    const prompts::Intent* intent = job->find_intent(row.frames[place.frame].intent);
    return intent == nullptr ? nullptr : intent->find_slot(place.slot->name);
  }
  void check_frame(const datasets::Row& row, const datasets::Frame& frame,
                   std::vector<Finding>& findings) const;
  void check_places(const datasets::Row& row, const std::vector<Place>& places,
                    std::vector<Finding>& findings) const;
  Finding check_guard(const datasets::Row& row) const;
  bool take_in_percents(datasets::Row& row) const;
  void rewrite(datasets::Row& row, std::string text) const;

  const prompts::Job* job;
  TextRules rules;
  Speech speech;
  Boundaries boundaries;
  RowBuilder rows;
  Guard guard;
};

RowCheck::RowCheck(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RowCheck::RowCheck(RowCheck&&) noexcept = default;
RowCheck& RowCheck::operator=(RowCheck&&) noexcept = default;
RowCheck::~RowCheck() = default;

base::Result<RowCheck> RowCheck::make(const prompts::Job& job) {
  auto rules = TextRules::make(job);
  if (!rules) return base::pass(rules);
  auto speech = Speech::make(job);
  if (!speech) return base::pass(speech);
  return RowCheck(std::make_unique<Impl>(job, *std::move(rules), *std::move(speech)));
}

void RowCheck::Impl::check_frame(const datasets::Row& row, const datasets::Frame& frame,
                                 std::vector<Finding>& findings) const {
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
    const prompts::SlotType& type = job->slot_types[known->type];
    for (std::size_t j = 0; j < i; ++j) {
      const datasets::Slot& other = frame.slots[j];
      if (other.name != slot.name) continue;
      const bool split = other.end == slot.start && !known->many;
      const bool twice =
          known->many && is_list(row.text, other, slot) && same_value(type, other.text, slot.text);
      if (split || twice || !known->many)
        findings.push_back({split   ? Verdict::split_value
                            : twice ? Verdict::repeated_value
                                    : Verdict::repeated_slot,
                            fmt::format("{}: {} and {}", slot.name, other.text, slot.text)});
    }
    if (Finding finding = check_value(type, slot.name, slot.text); finding.verdict != Verdict::accepted)
      findings.push_back(std::move(finding));
  }
  for (const prompts::IntentSlot& slot : intent->slots) {
    const auto same = [&](const datasets::Slot& one) { return one.name == slot.name; };
    if (slot.required && std::none_of(frame.slots.begin(), frame.slots.end(), same))
      findings.push_back({Verdict::missing_slot, fmt::format("{} has no {}", frame.intent, slot.name)});
  }
}

void RowCheck::Impl::check_places(const datasets::Row& row, const std::vector<Place>& places,
                                  std::vector<Finding>& findings) const {
  const std::string_view text = row.text;
  std::size_t behind = 0;
  for (std::size_t i = 0; i < places.size(); ++i) {
    const Place& place = places[i];
    const std::size_t next = i + 1 < places.size() ? std::max(places[i + 1].from, place.to) : text.size();
    const std::size_t before = std::min(behind, place.from);
    const TaggedValue value{text.substr(before, place.from - before), place.slot->text,
                            text.substr(place.to, next - place.to)};
    behind = place.to;
    const prompts::IntentSlot* slot = slot_of(row, place);
    if (slot == nullptr) continue;
    if (boundaries.cuts(slot->type, value)) {
      findings.push_back({Verdict::cut_value, fmt::format("{}: {} is a part of something longer",
                                                          place.slot->name, place.slot->text)});
    } else if (i + 1 < places.size() && places[i + 1].from == place.to &&
               places[i + 1].slot->name != place.slot->name &&  // else the value is split
               run_together(place.slot->text, places[i + 1].slot->text)) {
      findings.push_back({Verdict::cut_value, fmt::format("{}: {} runs into {}", place.slot->name,
                                                          place.slot->text, places[i + 1].slot->text)});
    } else if (const std::string_view unit = find_wrong_unit(job->slot_types[slot->type], value);
               !unit.empty()) {
      findings.push_back(
          {Verdict::wrong_unit, fmt::format("{}: {} with {}", place.slot->name, place.slot->text, unit)});
    }
  }
}

Finding RowCheck::Impl::check_guard(const datasets::Row& row) const {
  if (guard.empty()) return {};
  const std::string normalised = rows.normalise(row.text);
  std::vector<Token> tokens;
  shingle(rows.template_of(row, normalised), tokens);
  if (auto near = guard.find(rows.text_hash(normalised), normalised, tokens))
    return {Verdict::guarded, *std::move(near)};
  return {};
}

std::vector<Finding> RowCheck::check(const datasets::Row& row) const {
  std::vector<Finding> findings;
  const std::vector<Place> places = places_of(row, findings);
  std::string outside;
  std::string gaps;  // the same with a sign for each slot: no phrase goes on across one
  std::size_t behind = 0;
  for (const Place& place : places) {
    if (place.from < behind) continue;
    const std::string_view piece = std::string_view(row.text).substr(behind, place.from - behind);
    (outside += piece) += ' ';
    (gaps += piece) += "…";
    behind = place.to;
  }
  outside.append(row.text, behind);
  gaps.append(row.text, behind);
  const auto add = [&](Finding finding) {
    if (finding.verdict != Verdict::accepted) findings.push_back(std::move(finding));
  };
  add(impl_->speech.check(row.text, gaps, !places.empty()));
  for (const datasets::Frame& frame : row.frames) impl_->check_frame(row, frame, findings);
  impl_->check_places(row, places, findings);
  add(impl_->rules.check(row.text, outside));
  add(impl_->check_guard(row));
  return findings;
}

/// [level:50]% and 百分之[level:五十]: the sign belongs to the value.
bool RowCheck::Impl::take_in_percents(datasets::Row& row) const {
  bool changed = false;
  std::vector<Finding> ignored;
  const std::vector<Place> places = places_of(row, ignored);
  for (std::size_t i = 0; i < places.size(); ++i) {
    const prompts::IntentSlot* known = slot_of(row, places[i]);
    if (known == nullptr || !job->slot_types[known->type].is_number()) continue;
    const std::size_t first = i == 0 ? 0 : places[i - 1].to;
    const std::size_t last = i + 1 < places.size() ? places[i + 1].from : row.text.size();
    const auto [before, after] =
        find_percent(std::string_view(row.text).substr(first, places[i].from - first), places[i].slot->text,
                     std::string_view(row.text).substr(places[i].to, last - places[i].to));
    if (before + after == 0) continue;
    for (datasets::Slot& slot : row.frames[places[i].frame].slots) {
      if (&slot != places[i].slot) continue;
      const std::string_view text = row.text;
      slot.start -=
          static_cast<std::uint32_t>(base::count_code_points(text.substr(places[i].from - before, before)));
      slot.end += static_cast<std::uint32_t>(base::count_code_points(text.substr(places[i].to, after)));
      const bool same = slot.value == slot.text;
      slot.text = text.substr(places[i].from - before, places[i].to + after - places[i].from + before);
      if (same) slot.value = slot.text;
    }
    changed = true;
  }
  return changed;
}

/// `text` has as many characters as the row's.
void RowCheck::Impl::rewrite(datasets::Row& row, std::string text) const {
  row.text = std::move(text);
  for (datasets::Frame& frame : row.frames)
    for (datasets::Slot& slot : frame.slots) {
      const std::size_t from = advance(row.text, 0, slot.start);
      const std::size_t to = advance(row.text, from, slot.end - slot.start);
      std::string now = row.text.substr(from, to - from);
      if (slot.value == slot.text) slot.value = now;
      slot.text = std::move(now);
    }
}

bool RowCheck::repair(datasets::Row& row) const {
  std::vector<Finding> findings;
  const std::vector<Place> places = places_of(row, findings);
  if (!findings.empty()) return false;
  Repairs repairs;
  // Values that are written as the job has them stay.
  std::vector<Span> kept;
  for (const Place& place : places) {
    const prompts::IntentSlot* slot = impl_->slot_of(row, place);
    if (slot == nullptr) continue;
    const prompts::SlotType& type = impl_->job->slot_types[slot->type];
    if (!type.is_number() && type.has_surface(place.slot->text))
      kept.push_back({place.slot->start, place.slot->end});
  }
  std::string text;
  const prompts::Job& job = *impl_->job;
  const bool simplify = job.chinese() && !job.language.starts_with("zh-Hant");
  if (repair_text(row.text, job.chinese(), simplify, kept, text, repairs))
    impl_->rewrite(row, std::move(text));
  if (impl_->take_in_percents(row)) repairs.add(RowRepair::widened);
  if (repairs.empty()) return false;
  repairs.append_codes(row.repairs);
  return true;
}

}  // namespace validators
