#include "validators/tag_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "base/unicode.h"
#include "prompts/links.h"
#include "prompts/numbers.h"
#include "validators/impossible_date.h"
#include "validators/surface.h"

namespace validators {
namespace {

using datasets::Kind;

const prompts::IntentSlot* slot_of(const prompts::Intent& intent, std::string_view name) {
  for (const prompts::IntentSlot& slot : intent.slots)
    if (slot.name == name) return &slot;
  return nullptr;
}

/// `set_volume.level` without the frame; empty if it isn't of that frame.
std::string_view without_frame(std::string_view name, std::string_view frame) {
  if (name.size() <= frame.size() + 1 || !name.starts_with(frame) || name[frame.size()] != '.') return {};
  return name.substr(frame.size() + 1);
}

bool is_tag_of(std::string_view name, std::string_view frame, std::string_view slot) {
  return name == slot || without_frame(name, frame) == slot;
}

bool overlaps(const Span& span, std::uint32_t start, std::uint32_t end) {
  return span.start < end && start < span.end;
}

template <class Tagged>
std::vector<Span> places_of(const std::vector<Tagged>& tagged) {
  std::vector<Span> places;
  places.reserve(tagged.size());
  for (const Tagged& t : tagged) places.push_back({t.start, t.end});
  return places;
}

/// Moves the ends of a tag inwards, to the value itself.
void set_text(FoundSlot& found, std::string_view text) {
  if (text.size() == found.text.size()) return;
  const auto before = static_cast<std::size_t>(text.data() - found.text.data());
  found.start += static_cast<std::uint32_t>(base::count_code_points(found.text.substr(0, before)));
  found.end = found.start + static_cast<std::uint32_t>(base::count_code_points(text));
  found.text = text;
}

/// The bytes of code points [start, end).
std::string_view cut(std::string_view text, const Span& span) {
  std::size_t at = 0;
  std::uint32_t count = 0;
  for (; count < span.start; ++count) base::next_code_point(text, at);
  const std::size_t first = at;
  for (; count < span.end; ++count) base::next_code_point(text, at);
  return text.substr(first, at - first);
}

/// The first `count` code points, or all there are.
std::string_view cut_from(std::string_view text, std::uint32_t count) {
  std::size_t at = 0;
  for (; count > 0 && at < text.size(); --count) base::next_code_point(text, at);
  return text.substr(0, at);
}

/// 百分之[level:五十] and [level:50]%: the percentage is the value, so that values have one boundary.
/// `behind` is the byte behind the tag before it.
bool take_in_percent(const prompts::AnnotatedText& utterance, std::size_t tag, std::size_t behind,
                     FoundSlot& found) {
  const std::string_view whole = utterance.text;
  const auto from = static_cast<std::size_t>(found.text.data() - whole.data());
  const std::size_t to = from + found.text.size();
  // Up to the tags beside it.
  const std::uint32_t last = tag + 1 == utterance.tags.size() ? 0xFFFFFFFF : utterance.tags[tag + 1].start;
  const auto [before, after] =
      find_percent(whole.substr(behind, from - behind), found.text,
                   cut_from(whole.substr(to), last == 0xFFFFFFFF ? last : last - found.end));
  if (before + after == 0) return false;
  const std::string_view text = whole.substr(from - before, before + found.text.size() + after);
  const Span wide{found.start - static_cast<std::uint32_t>(base::count_code_points(text.substr(0, before))),
                  found.end + static_cast<std::uint32_t>(base::count_code_points(whole.substr(to, after)))};
  found.text = text;
  found.start = wide.start;
  found.end = wide.end;
  return true;
}

/// [start:下午三点]半 and [level:3]0: the planned value stands there, and its tag ends within it. Certain if
/// it stands there whole, outside the other tags.
bool widen(std::string_view text, const std::vector<FoundSlot>& found, std::string_view planned,
           FoundSlot& slot) {
  const auto from = static_cast<std::size_t>(slot.text.data() - text.data());
  for (std::size_t part = planned.find(slot.text); part != std::string_view::npos;
       part = planned.find(slot.text, part + 1)) {
    if (part > from || text.substr(from - part, planned.size()) != planned) continue;
    const std::string_view whole = text.substr(from - part, planned.size());
    const auto start =
        slot.start - static_cast<std::uint32_t>(base::count_code_points(planned.substr(0, part)));
    const auto end = start + static_cast<std::uint32_t>(base::count_code_points(planned));
    const bool shared = std::any_of(found.begin(), found.end(), [&](const FoundSlot& other) {
      return &other != &slot && overlaps({start, end}, other.start, other.end);
    });
    if (shared || whole.size() == slot.text.size()) continue;
    slot.text = whole;
    slot.start = start;
    slot.end = end;
    return true;
  }
  return false;
}

Verdict verdict_of(prompts::ValueFault fault) {
  switch (fault) {
    case prompts::ValueFault::none:
      break;
    case prompts::ValueFault::not_in_catalogue:
      return Verdict::not_in_catalogue;
    case prompts::ValueFault::out_of_range:
      return Verdict::out_of_range;
    case prompts::ValueFault::not_a_number:
      return Verdict::not_a_number;
    case prompts::ValueFault::pattern_mismatch:
      return Verdict::pattern_mismatch;
  }
  return Verdict::accepted;
}

std::string planned_values(const model::PlannedFrame& frame, std::string_view slot) {
  std::string out;
  for (const model::PlannedSlot& planned : frame.slots)
    if (planned.name == slot) out += (out.empty() ? "" : ", ") + planned.text;
  return out;
}

std::string found_values(const std::vector<FoundSlot>& found, std::size_t frame,
                         const prompts::IntentSlot* slot) {
  std::string out;
  for (const FoundSlot& f : found)
    if (f.frame == frame && f.slot == slot) (out += out.empty() ? "" : ", ") += f.text;
  return out;
}

}  // namespace

Finding check_value(const prompts::SlotType& type, std::string_view slot, std::string_view value) {
  if (is_placeholder(value) && !type.has_surface(value))
    return {Verdict::placeholder, fmt::format("{}: {}", slot, value)};
  const Verdict verdict = verdict_of(type.check(value));
  if (verdict != Verdict::accepted) return {verdict, fmt::format("{}: {}", slot, value)};
  using Form = prompts::SlotType::Form;
  const bool timed = type.form() == Form::date || type.form() == Form::time;
  if (timed || type.open())
    if (const std::string found = find_impossible_date(value, timed); !found.empty())
      return {Verdict::impossible_date, fmt::format("{}: {}", slot, found)};
  return {};
}

const prompts::Intent* TagRules::intent_of(const prompts::Cell& cell,
                                           const model::PlannedFrame& frame) const {
  if (cell.kind == Kind::in_scope) return &job_->intents[cell.intent];
  for (const prompts::Intent& intent : job_->intents)
    if (intent.name == frame.name) return &intent;
  return nullptr;
}

bool TagRules::agrees(const prompts::Cell& cell, const model::PlannedUtterance& planned,
                      const prompts::AnnotatedText& utterance, bool untagged) const {
  thread_local std::vector<char> used;
  used.assign(utterance.tags.size(), 0);
  std::u32string text;
  for (const model::PlannedFrame& frame : planned.frames) {
    if (frame.slots.empty()) continue;
    const prompts::Intent* intent = intent_of(cell, frame);
    if (intent == nullptr) return false;
    for (const model::PlannedSlot& value : frame.slots) {
      const prompts::IntentSlot* slot = slot_of(*intent, value.name);
      if (slot == nullptr) return false;
      bool carried = false;
      bool tagged = false;
      for (std::size_t i = 0; i < utterance.tags.size() && !carried; ++i) {
        if (used[i] != 0 || !is_tag_of(utterance.tags[i].name, frame.name, value.name)) continue;
        tagged = true;
        carried = same_value(type_of(*slot), value.text, utterance.tags[i].text);
        if (carried) used[i] = 1;
      }
      if (!carried && untagged && (!tagged || slot->many)) {
        if (text.empty()) text = base::to_utf32(utterance.text);
        carried = !find_value(type_of(*slot), value.text, text, places_of(utterance.tags)).empty();
      }
      if (!carried) return false;
    }
  }
  return true;
}

bool TagRules::resolve(const prompts::Cell& cell, const model::PlannedUtterance& planned,
                       const prompts::Tag& tag, FoundSlot& found) const {
  // With the frame's name, which settles it; else by the slot's own name if only one frame has it.
  int frames = 0;
  for (std::size_t i = 0; i < planned.frames.size(); ++i) {
    const model::PlannedFrame& frame = planned.frames[i];
    const prompts::Intent* intent = intent_of(cell, frame);
    if (intent == nullptr) continue;
    const std::string_view own = without_frame(tag.name, frame.name);
    const prompts::IntentSlot* slot = own.empty() ? nullptr : slot_of(*intent, own);
    if (slot != nullptr) {
      found.frame = i;
      found.slot = slot;
      return true;
    }
    slot = slot_of(*intent, tag.name);
    if (slot == nullptr) continue;
    found.frame = i;
    found.slot = slot;
    ++frames;
  }
  return frames == 1;
}

Finding TagRules::join(const model::PlannedUtterance& planned, const std::vector<FoundSlot>& found,
                       FoundSlot& first, const FoundSlot& second, bool& joined) const {
  joined = false;
  const std::string_view between(
      first.text.data() + first.text.size(),
      static_cast<std::size_t>(second.text.data() - first.text.data()) - first.text.size());
  if (between.find_first_not_of(' ') != std::string_view::npos) return {};
  const prompts::SlotType& type = type_of(*first.slot);
  const std::string_view whole(first.text.data(), first.text.size() + between.size() + second.text.size());
  bool parts_planned = false;
  bool whole_planned = false;
  for (const model::PlannedSlot& value : planned.frames[first.frame].slots) {
    if (value.name != first.slot->name) continue;
    parts_planned = parts_planned || value.text == first.text || value.text == second.text;
    whole_planned = whole_planned || same_value(type, value.text, whole);
  }
  const bool once = std::none_of(found.begin(), found.end(), [&](const FoundSlot& other) {
    return &other != &first && other.slot == first.slot && other.frame == first.frame;
  });
  if (whole_planned && !parts_planned && (once || first.slot->many)) {
    first.text = whole;
    first.end = second.end;
    joined = true;
    return {};
  }
  if (first.slot->many && (parts_planned || type.check(first.text) == prompts::ValueFault::none)) return {};
  return {Verdict::split_value, fmt::format("{}: {} and {}", first.slot->name, first.text, second.text)};
}

Finding TagRules::collect(const prompts::Cell& asked, const model::PlannedUtterance& planned,
                          const prompts::AnnotatedText& utterance, std::vector<FoundSlot>& found,
                          Repairs& repairs) const {
  const std::string_view text = utterance.text;
  std::size_t byte = 0;
  std::uint32_t position = 0;
  for (std::size_t i = 0; i < utterance.tags.size(); ++i) {
    const prompts::Tag& tag = utterance.tags[i];
    FoundSlot slot;
    const std::size_t behind =
        found.empty()
            ? 0
            : static_cast<std::size_t>(found.back().text.data() - text.data()) + found.back().text.size();
    for (; position < tag.start; ++position) base::next_code_point(text, byte);
    slot.text = text.substr(byte, tag.text.size());
    slot.start = tag.start;
    slot.end = tag.end;
    if (!resolve(asked, planned, tag, slot))
      return {Verdict::unknown_slot,
              fmt::format("[{}:…] is no slot of {}", tag.name, planned.frames.front().name)};
    if (!found.empty() && found.back().slot == slot.slot && found.back().frame == slot.frame) {
      bool joined = false;
      if (Finding finding = join(planned, found, found.back(), slot, joined);
          finding.verdict != Verdict::accepted)
        return finding;
      if (joined) {
        repairs.add(RowRepair::joined);
        continue;
      }
    }
    if (!slot.slot->many)
      for (const FoundSlot& other : found)
        if (other.slot == slot.slot && other.frame == slot.frame)
          return {Verdict::repeated_slot, fmt::format("{}: {} and {}", tag.name, other.text, slot.text)};
    if (type_of(*slot.slot).is_number() && take_in_percent(utterance, i, behind, slot))
      repairs.add(RowRepair::widened);
    found.push_back(slot);
  }
  return {};
}

Finding TagRules::check(const prompts::Lane& lane, const model::PlannedUtterance& planned,
                        const prompts::AnnotatedText& utterance, std::size_t& cell,
                        std::vector<FoundSlot>& found, Repairs& repairs) const {
  const prompts::Cell& asked = lane.cells[cell];
  found.clear();
  if (asked.kind == Kind::out_of_scope) {
    if (utterance.tags.empty()) return {};
    return {Verdict::unknown_slot,
            fmt::format("[{}:…] in an utterance that no intent covers", utterance.tags.front().name)};
  }
  if (Finding finding = collect(asked, planned, utterance, found, repairs);
      finding.verdict != Verdict::accepted)
    return finding;

  bool missing = false;
  const std::size_t tagged = found.size();
  if (Finding finding = check_planned(asked, planned, utterance, found, missing, repairs);
      finding.verdict != Verdict::accepted)
    return finding;
  bool unplanned = false;
  for (const FoundSlot& slot : found) {
    if (slot.planned != nullptr) continue;
    if (Finding finding = check_unplanned(planned, found, slot); finding.verdict != Verdict::accepted)
      return finding;
    unplanned = true;
  }
  if (found.size() > tagged) {
    repairs.add(RowRepair::tagged);
    std::sort(found.begin(), found.end(),
              [](const FoundSlot& a, const FoundSlot& b) { return a.start < b.start; });
  }
  if (Finding finding = check_boundaries(utterance.text, found); finding.verdict != Verdict::accepted)
    return finding;
  if (asked.kind == Kind::in_scope && (missing || unplanned)) return find_cell(lane, missing, found, cell);
  return {};
}

Finding TagRules::check_boundaries(std::string_view text, const std::vector<FoundSlot>& found) const {
  std::size_t behind = 0;  // the byte behind the slot before
  for (std::size_t i = 0; i < found.size(); ++i) {
    const auto from = static_cast<std::size_t>(found[i].text.data() - text.data());
    const std::size_t to = from + found[i].text.size();
    const std::size_t next =
        i + 1 < found.size() ? static_cast<std::size_t>(found[i + 1].text.data() - text.data()) : text.size();
    const TaggedValue value{text.substr(behind, from - behind), found[i].text, text.substr(to, next - to)};
    behind = to;
    if (boundaries_.cuts(found[i].slot->type, value))
      return {Verdict::cut_value,
              fmt::format("{}: {} is a part of something longer", found[i].slot->name, found[i].text)};
    if (i + 1 < found.size() && next == to && run_together(found[i].text, found[i + 1].text))
      return {Verdict::cut_value,
              fmt::format("{}: {} runs into {}", found[i].slot->name, found[i].text, found[i + 1].text)};
    if (const std::string_view unit = find_wrong_unit(type_of(*found[i].slot), value); !unit.empty())
      return {Verdict::wrong_unit, fmt::format("{}: {} with {}", found[i].slot->name, found[i].text, unit)};
  }
  return {};
}

Finding TagRules::check_planned(const prompts::Cell& cell, const model::PlannedUtterance& planned,
                                const prompts::AnnotatedText& utterance, std::vector<FoundSlot>& found,
                                bool& missing, Repairs& repairs) const {
  struct Untagged {
    std::size_t frame;
    const prompts::IntentSlot* slot;
    const model::PlannedSlot* planned;
  };
  std::vector<Untagged> untagged;
  const auto changed = [&](std::size_t frame, const prompts::IntentSlot* slot) {
    return Finding{Verdict::value_changed, fmt::format("{}: planned {}, written {}", slot->name,
                                                       planned_values(planned.frames[frame], slot->name),
                                                       found_values(found, frame, slot))};
  };
  for (std::size_t i = 0; i < planned.frames.size(); ++i) {
    const model::PlannedFrame& frame = planned.frames[i];
    if (frame.slots.empty()) continue;
    const prompts::Intent* intent = intent_of(cell, frame);
    for (const model::PlannedSlot& value : frame.slots) {
      const prompts::IntentSlot* slot = intent == nullptr ? nullptr : slot_of(*intent, value.name);
      if (slot == nullptr)
        return {Verdict::missing_slot, fmt::format("{} has no slot {}", frame.name, value.name)};
      bool tagged = false;
      bool carried = false;
      for (FoundSlot& f : found) {
        if (f.frame != i || f.slot != slot || f.planned != nullptr) continue;
        tagged = true;
        if (!same_value(type_of(*slot), value.text, f.text)) {
          if (!widen(utterance.text, found, value.text, f)) continue;
          repairs.add(RowRepair::widened);
        } else if (f.text != value.text) {
          const std::size_t before = f.text.size();
          set_text(f, tighten(value.text, f.text));
          if (f.text.size() < before) repairs.add(RowRepair::tightened);
          if (f.text != value.text) repairs.add(RowRepair::written_form);
        }
        f.planned = &value;
        carried = true;
        break;
      }
      if (carried) continue;
      if (tagged && !slot->many) return changed(i, slot);
      untagged.push_back({i, slot, &value});
    }
  }
  if (untagged.empty()) return {};

  // Longer values first, so that 主屏 isn't found in 主屏幕 while that one waits.
  std::stable_sort(untagged.begin(), untagged.end(), [](const Untagged& a, const Untagged& b) {
    return a.planned->text.size() > b.planned->text.size();
  });
  const std::u32string text = base::to_utf32(utterance.text);
  std::vector<Untagged> absent;
  for (const Untagged& value : untagged) {
    std::vector<Span> places = find_value(type_of(*value.slot), value.planned->text, text, places_of(found));
    std::erase_if(places, [&](const Span& span) {
      return std::any_of(found.begin(), found.end(),
                         [&](const FoundSlot& f) { return overlaps(span, f.start, f.end); });
    });
    if (places.size() > 1)
      return {Verdict::ambiguous_value, fmt::format("{}: {} is not tagged and stands at {} places",
                                                    value.slot->name, value.planned->text, places.size())};
    if (places.empty()) {
      absent.push_back(value);
      continue;
    }
    const Span& place = places.front();
    found.push_back(
        {value.frame, value.slot, value.planned, cut(utterance.text, place), place.start, place.end});
    if (found.back().text != value.planned->text) repairs.add(RowRepair::written_form);
  }
  for (const Untagged& value : absent) {
    const bool others = std::any_of(found.begin(), found.end(), [&](const FoundSlot& f) {
      return f.frame == value.frame && f.slot == value.slot;
    });
    if (others) return changed(value.frame, value.slot);
    if (value.slot->required || cell.kind == Kind::multi_intent)
      return {Verdict::missing_slot, fmt::format("{}: {}", value.slot->name, value.planned->text)};
    missing = true;
  }
  return {};
}

Finding TagRules::check_unplanned(const model::PlannedUtterance& planned, const std::vector<FoundSlot>& found,
                                  const FoundSlot& slot) const {
  const model::PlannedFrame& frame = planned.frames[slot.frame];
  const std::string& name = slot.slot->name;
  for (const FoundSlot& other : found)
    if (other.planned != nullptr && other.slot->type == slot.slot->type && other.frame == slot.frame &&
        same_value(type_of(*slot.slot), other.planned->text, slot.text))
      return {Verdict::repeated_value,
              fmt::format("{}: {}, planned once, as {}", name, slot.text, other.slot->name)};
  if (const std::string wanted = planned_values(frame, name); !wanted.empty())
    return {Verdict::value_changed, fmt::format("{}: planned {}, written {} too", name, wanted, slot.text)};
  return check_value(type_of(*slot.slot), name, slot.text);
}

Finding TagRules::check_rows(const prompts::Intent& intent, const std::vector<std::size_t>& carried,
                             const std::vector<FoundSlot>& found) const {
  const auto links = prompts::link_slots(*job_, intent, carried);
  for (std::size_t i = 0; i < carried.size(); ++i) {
    if (!links[i]) continue;
    std::vector<prompts::ColumnValue> values;
    std::string texts;
    for (std::size_t j = 0; j < carried.size(); ++j) {
      if (!links[j] || links[j]->table != links[i]->table || links[j]->number != links[i]->number) continue;
      const prompts::IntentSlot& slot = intent.slots[carried[j]];
      const auto one =
          std::find_if(found.begin(), found.end(), [&](const FoundSlot& f) { return f.slot == &slot; });
      const auto canonical = type_of(slot).canonical(one->text);
      if (slot.many || !canonical) continue;
      values.push_back({links[j]->column, *canonical});
      if (!texts.empty()) texts += ", ";
      texts += one->text;
    }
    if (!prompts::has_row(*job_, links[i]->table, values))
      return {Verdict::not_in_catalogue, fmt::format("no row of their table has {}", texts)};
  }
  return {};
}

Finding TagRules::find_cell(const prompts::Lane& lane, bool missing, const std::vector<FoundSlot>& found,
                            std::size_t& cell) const {
  const prompts::Cell& asked = lane.cells[cell];
  const std::vector<prompts::IntentSlot>& slots = job_->intents[asked.intent].slots;
  std::vector<std::size_t> carried;
  for (std::size_t i = 0; i < slots.size(); ++i)
    if (std::any_of(found.begin(), found.end(), [&](const FoundSlot& f) { return f.slot == &slots[i]; }))
      carried.push_back(i);
  if (Finding finding = check_rows(job_->intents[asked.intent], carried, found);
      finding.verdict != Verdict::accepted)
    return finding;
  for (std::size_t i = 0; i < lane.cells.size(); ++i) {
    const prompts::Cell& other = lane.cells[i];
    if (other.kind != Kind::in_scope || other.intent != asked.intent || other.slots != carried) continue;
    cell = i;
    return {};
  }
  std::string names;
  for (const std::size_t i : carried) names += (names.empty() ? "" : "+") + slots[i].name;
  const bool fewer = missing && carried.size() < asked.slots.size();
  return {fewer ? Verdict::missing_slot : Verdict::unplanned_slot,
          fmt::format("no cell takes the slots {}", names.empty() ? "(none)" : names)};
}

}  // namespace validators
