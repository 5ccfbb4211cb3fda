#include "validators/row_builder.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "base/unicode.h"
#include "datasets/readers/find_text.h"
#include "datasets/row.h"
#include "datasets/split.h"
#include "validators/duplicates/shingles.h"

namespace validators {
namespace {

constexpr char kSeparator = '\x1f';  // no text contains it

std::string canonical_value(const prompts::SlotType& type, const FoundSlot& found) {
  const auto form = type.form();
  if (form == prompts::SlotType::Form::date || form == prompts::SlotType::Form::time)
    return std::string(found.text);  // what 下午三点 means depends on when it is said
  if (found.planned != nullptr)
    if (auto canonical = type.canonical(found.planned->text)) return *std::move(canonical);
  if (auto canonical = type.canonical(found.text)) return *std::move(canonical);
  return std::string(found.text);
}

/// Of what the slots say, in the order of the text.
std::uint64_t values_hash(const datasets::Row& row) {
  thread_local std::string key;
  key.clear();
  for (const datasets::Frame& frame : row.frames) {
    key += kSeparator;
    for (const datasets::Slot& slot : frame.slots) {
      key += slot.name;
      key += kSeparator;
      key += slot.value;
      key += kSeparator;
    }
  }
  return base::hash64(key);
}

}  // namespace

void take_apart(std::string_view text, std::vector<FoundSlot>& found, Pieces& pieces) {
  std::uint32_t leading = 0;
  const std::uint32_t most = found.empty() ? 0xFFFFFFFF : found.front().start;
  for (std::size_t at = 0; at < text.size() && leading < most; ++leading) {
    if (!base::is_white_space(base::next_code_point(text, at))) break;
    text.remove_prefix(at);
    at = 0;
  }
  if (leading > 0)
    for (FoundSlot& slot : found) slot.start -= leading, slot.end -= leading;

  pieces.outside.clear();
  pieces.masked.clear();
  std::size_t byte = 0;        // in text
  std::size_t behind = 0;      // the byte behind the last slot
  std::uint32_t position = 0;  // code points before `byte`
  for (FoundSlot& slot : found) {
    for (; position < slot.start; ++position) base::next_code_point(text, byte);
    const std::string_view piece = text.substr(behind, byte - behind);
    (pieces.outside += piece) += ' ';
    (pieces.masked += piece) += kSlotMark;
    byte += slot.text.size();
    position = slot.end;
    behind = byte;
  }
  std::size_t end = text.size();
  for (std::size_t at = behind, last = behind; at < text.size(); end = last)
    if (!base::is_white_space(base::next_code_point(text, at))) last = at;
  text = text.substr(0, end);
  pieces.outside += text.substr(behind);
  pieces.masked += text.substr(behind);
  pieces.text = text;
  pieces.slots = &found;
}

RowBuilder::RowBuilder(const prompts::Job& job)
    : job_(&job), simplify_(job.chinese() && !job.language.starts_with("zh-Hant")) {}

std::string RowBuilder::normalise(std::string_view text) const { return base::normalise(text, simplify_); }

base::Hash128 RowBuilder::text_hash(std::string_view normalised) const {
  thread_local std::string key;
  key = job_->language;
  key += kSeparator;
  key += normalised;
  return base::hash128(key);
}

/// 把[device]音量调到[level]; in Chinese without space beside the slots, as beside Han.
template <typename Name>
void RowBuilder::append_template(std::string_view masked, std::size_t slots, const Name& name,
                                 std::string& out) const {
  const bool tight = job_->chinese();
  for (std::size_t i = 0; i < slots; ++i) {
    const std::size_t mark = masked.find(kSlotMark);
    if (mark == std::string_view::npos) break;
    std::string_view piece = masked.substr(0, mark);
    masked.remove_prefix(mark + kSlotMark.size());
    if (tight && piece.ends_with(' ')) piece.remove_suffix(1);
    if (tight && masked.starts_with(' ')) masked.remove_prefix(1);
    (out += piece) += '[';
    name(i, out);
    out += ']';
  }
  out += masked;
}

std::string RowBuilder::template_of(const datasets::Row& row, std::string_view normalised) const {
  struct Named {
    std::string_view frame, slot;
  };
  std::vector<std::pair<FoundSlot, Named>> all;
  for (const datasets::Frame& frame : row.frames)
    for (const datasets::Slot& slot : frame.slots) {
      const auto text = datasets::substring(row.text, slot.start, slot.end);
      if (!text || text->empty()) continue;
      FoundSlot found;
      found.text = *text;
      found.start = slot.start;
      found.end = slot.end;
      all.push_back({found, {frame.intent, slot.name}});
    }
  std::stable_sort(all.begin(), all.end(),
                   [](const auto& a, const auto& b) { return a.first.start < b.first.start; });
  std::vector<FoundSlot> slots;
  std::vector<Named> names;
  for (const auto& [slot, name] : all) {
    if (!slots.empty() && slot.start < slots.back().end) continue;
    slots.push_back(slot);
    names.push_back(name);
  }
  if (slots.empty()) return std::string(normalised);
  Pieces pieces;
  take_apart(row.text, slots, pieces);
  std::string out;
  append_template(
      normalise(pieces.masked), slots.size(),
      [&](std::size_t i, std::string& text) {
        if (row.frames.size() > 1) (text += names[i].frame) += '.';
        text += names[i].slot;
      },
      out);
  return out;
}

void RowBuilder::build(const Expectation& expectation, std::size_t planned, std::string_view normalised,
                       const Pieces& pieces, Candidate& candidate) const {
  const prompts::Cell& asked = expectation.lane->cells[expectation.cell];
  const model::PlannedUtterance& plan = expectation.plan->utterances[planned];
  thread_local datasets::Row row;
  thread_local std::string key;

  row.text = pieces.text;
  row.language = job_->language;
  row.kind = asked.kind;
  key = job_->language;
  key += kSeparator;
  row.frames.resize(asked.kind == datasets::Kind::out_of_scope ? 0 : plan.frames.size());
  for (std::size_t i = 0; i < row.frames.size(); ++i) {
    const std::string& name =
        asked.kind == datasets::Kind::in_scope ? job_->intents[asked.intent].name : plan.frames[i].name;
    row.frames[i].intent = name;
    row.frames[i].slots.clear();
    if (i > 0) key += '+';
    key += name;
  }
  key += kSeparator;
  key += normalised;
  row.id = base::to_hex(base::hash64(key));
  for (const FoundSlot& found : *pieces.slots) {
    datasets::Slot& slot = row.frames[found.frame].slots.emplace_back();
    slot.name = found.slot->name;
    slot.text = found.text;
    slot.value = canonical_value(job_->slot_types[found.slot->type], found);
    slot.start = found.start;
    slot.end = found.end;
  }

  row.model = expectation.model;
  row.style.resize(job_->style.size());
  for (std::size_t axis = 0; axis < row.style.size(); ++axis) {
    row.style[axis].first = job_->style[axis].name;
    row.style[axis].second.clear();
    if (expectation.follows_style && planned < expectation.plan->styles.size())
      row.style[axis].second = job_->style[axis].values[expectation.plan->styles[planned][axis]];
  }
  row.source.cell = asked.id;
  row.source.attempt = expectation.attempt;
  row.source.index = candidate.index;
  row.source.key = base::to_hex(expectation.key);

  row.repairs.clear();
  candidate.repairs.append_codes(row.repairs);
  row.template_text.clear();
  if (pieces.slots->empty()) {
    row.template_text = normalised;
  } else {
    const bool several = plan.frames.size() > 1;
    append_template(
        normalise(pieces.masked), pieces.slots->size(),
        [&](std::size_t i, std::string& out) {
          const FoundSlot& slot = (*pieces.slots)[i];
          if (several) (out += plan.frames[slot.frame].name) += '.';
          out += slot.slot->name;
        },
        row.template_text);
  }
  candidate.template_hash = base::hash64(row.template_text);
  if (job_->near > 0 || !job_->guard.rows.empty()) {
    shingle(row.template_text, candidate.tokens);
    candidate.values = values_hash(row);
  }
  const prompts::Output& output = job_->output;
  row.split = datasets::choose_split(job_->seed, row.template_text, {output.train, output.dev, output.test});
  candidate.row.reserve(640);
  datasets::append_row(row, candidate.row);
}

}  // namespace validators
