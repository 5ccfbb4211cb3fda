#include "validators/data_set/row_keys.h"

#include <algorithm>

#include "base/text.h"
#include "datasets/readers/reading.h"

namespace validators {
namespace {

constexpr char kSeparator = '\x1f';  // no text contains it

struct Mask {
  std::uint32_t start = 0;
  std::uint32_t end = 0;
  const datasets::Slot* slot = nullptr;
  const datasets::Frame* frame = nullptr;
};

// The slots that have a place, by start, without those that overlap an earlier one.
std::vector<Mask> masks_of(const datasets::Row& row) {
  std::vector<Mask> masks;
  for (const datasets::Frame& frame : row.frames)
    for (const datasets::Slot& slot : frame.slots)
      if (datasets::is_placed(slot)) masks.push_back({slot.start, slot.end, &slot, &frame});
  std::stable_sort(masks.begin(), masks.end(),
                   [](const Mask& a, const Mask& b) { return a.start < b.start; });
  std::uint32_t end = 0;
  std::erase_if(masks, [&end](const Mask& mask) {
    if (mask.start < end) return true;
    end = mask.end;
    return false;
  });
  return masks;
}

}  // namespace

std::string RowKeyMaker::template_of(const datasets::Row& row, const std::string& normalised) const {
  const std::vector<Mask> masks = masks_of(row);
  if (masks.empty()) return normalised;
  std::string masked;
  std::uint32_t point = 0;
  auto next = masks.begin();
  for (std::size_t at = 0; at < row.text.size(); ++point) {
    if (next != masks.end() && point == next->end) ++next;
    const std::size_t from = at;
    base::next_code_point(row.text, at);
    const bool inside = next != masks.end() && point >= next->start;
    if (!inside) masked.append(row.text, from, at - from);
    if (inside && point == next->start) masked += kSlotMark;
  }
  masked = rows_.normalise(masked);
  const bool tight = job_->chinese();
  const bool several = row.frames.size() > 1;
  std::string out;
  std::string_view rest = masked;
  for (const Mask& mask : masks) {
    const std::size_t mark = rest.find(kSlotMark);
    if (mark == std::string_view::npos) break;
    std::string_view piece = rest.substr(0, mark);
    rest.remove_prefix(mark + kSlotMark.size());
    if (tight && piece.ends_with(' ')) piece.remove_suffix(1);
    if (tight && rest.starts_with(' ')) rest.remove_prefix(1);
    ((out += piece) += '[');
    if (several) (out += mask.frame->intent) += '.';
    (out += mask.slot->name) += ']';
  }
  return out += rest;
}

RowKeys RowKeyMaker::make(datasets::Row& row) const {
  RowKeys keys;
  row.language = job_->language;
  const std::string normalised = rows_.normalise(row.text);
  keys.text = rows_.text_hash(normalised);
  std::string intents;
  std::string values;
  for (const datasets::Frame& frame : row.frames) {
    if (&frame != &row.frames.front()) intents += '+';
    intents += frame.intent;
    values += kSeparator;
    for (const datasets::Slot& slot : frame.slots)
      ((values += slot.name) += kSeparator) += slot.value + kSeparator;
  }
  keys.intents = base::hash64(intents);
  keys.values = base::hash64(values);
  std::string id = job_->language;
  ((id += kSeparator) += intents) += kSeparator;
  row.id = base::to_hex(base::hash64(id += normalised));
  row.template_text = template_of(row, normalised);
  keys.template_hash = base::hash64(row.template_text);
  return keys;
}

}  // namespace validators
