#include "validators/duplicates/lane_index.h"

namespace validators {
namespace {

constexpr std::size_t kFirstSize = 16;  // a power of two, as all table sizes

/// A table is full at four fifths.
bool is_full(std::size_t used, std::size_t slots) { return used >= slots / 5 * 4; }

std::uint8_t tag_of(const base::Hash128& hash) { return static_cast<std::uint8_t>(hash.high >> 56 | 1); }

/// 0 marks a free slot.
std::uint64_t key_of(std::uint64_t template_hash) { return template_hash == 0 ? 1 : template_hash; }

}  // namespace

LaneIndex::LaneIndex()
    : tags_(kFirstSize), rows_(kFirstSize), template_keys_(kFirstSize), template_counts_(kFirstSize) {}

std::optional<std::uint32_t> LaneIndex::find(const base::Hash128& text) const {
  const std::size_t mask = tags_.size() - 1;
  const std::uint8_t tag = tag_of(text);
  for (std::size_t slot = text.low & mask; tags_[slot] != 0; slot = (slot + 1) & mask)
    if (tags_[slot] == tag && texts_[rows_[slot]] == text) return rows_[slot];
  return std::nullopt;
}

std::size_t LaneIndex::template_slot(std::uint64_t key) const {
  const std::size_t mask = template_keys_.size() - 1;
  std::size_t slot = key & mask;
  while (template_keys_[slot] != 0 && template_keys_[slot] != key) slot = (slot + 1) & mask;
  return slot;
}

std::uint32_t LaneIndex::template_count(std::uint64_t template_hash) const {
  return template_counts_[template_slot(key_of(template_hash))];
}

std::uint32_t LaneIndex::add(const base::Hash128& text, std::uint64_t template_hash) {
  const std::uint32_t row = size();
  texts_.push_back(text);
  if (is_full(texts_.size(), tags_.size())) {
    grow_texts();
  } else {
    place(row);
  }
  const std::uint64_t key = key_of(template_hash);
  std::size_t slot = template_slot(key);
  if (template_keys_[slot] == 0) {
    if (is_full(templates_ + 1, template_keys_.size())) {
      grow_templates();
      slot = template_slot(key);
    }
    template_keys_[slot] = key;
    ++templates_;
  }
  ++template_counts_[slot];
  return row;
}

void LaneIndex::release_template(std::uint64_t template_hash) {
  std::uint32_t& count = template_counts_[template_slot(key_of(template_hash))];
  if (count > 0) --count;
}

void LaneIndex::place(std::uint32_t row) {
  const base::Hash128& text = texts_[row];
  const std::size_t mask = tags_.size() - 1;
  std::size_t slot = text.low & mask;
  while (tags_[slot] != 0) slot = (slot + 1) & mask;
  tags_[slot] = tag_of(text);
  rows_[slot] = row;
}

void LaneIndex::grow_texts() {
  const std::size_t slots = tags_.size() * 2;
  // Swapped with empty vectors first, so that the old tables are gone before the new ones come.
  std::vector<std::uint8_t>().swap(tags_);
  std::vector<std::uint32_t>().swap(rows_);
  tags_.resize(slots);
  rows_.resize(slots);
  for (std::uint32_t row = 0; row < size(); ++row) place(row);
}

void LaneIndex::grow_templates() {
  std::vector<std::uint64_t> keys(template_keys_.size() * 2);
  std::vector<std::uint32_t> counts(keys.size());
  keys.swap(template_keys_);
  counts.swap(template_counts_);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (keys[i] == 0) continue;
    const std::size_t slot = template_slot(keys[i]);
    template_keys_[slot] = keys[i];
    template_counts_[slot] = counts[i];
  }
}

std::size_t LaneIndex::memory() const {
  return texts_.size() * sizeof(base::Hash128) +
         tags_.size() * (sizeof(std::uint8_t) + sizeof(std::uint32_t)) +
         template_keys_.size() * (sizeof(std::uint64_t) + sizeof(std::uint32_t));
}

}  // namespace validators
