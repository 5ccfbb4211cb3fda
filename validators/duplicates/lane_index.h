// What a lane remembers of its valid rows, so that the commit can tell a copy from a new row: which
// texts there are, and how many rows each template has. Exact in both.
//
// One thread, the one that commits. Rows are numbered from 0 in the order of their adding, so all
// answers are a function of the calls alone. An answer costs one cache miss for a new text (a byte of
// the hash stands in the table), three for a known one.
//
// Memory: 16 bytes for the text's hash, 5 / load for its place in the table, 12 / load for each
// *distinct* template; loads are between 0.4 and 0.8, so about 30 bytes a row when two rows share a
// template. Growing the text table frees the old one first (it is rebuilt from the hashes), growing
// the template table needs old and new at once: never more than twice the memory. At most 2^32 - 1
// rows, which no memory holds.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "base/hash.h"

namespace validators {

class LaneIndex {
 public:
  LaneIndex();

  /// The number of the row with this text.
  std::optional<std::uint32_t> find(const base::Hash128& text) const;
  /// How many rows with this template count.
  std::uint32_t template_count(std::uint64_t template_hash) const;

  /// Remembers a row and returns its number. The text must be new.
  std::uint32_t add(const base::Hash128& text, std::uint64_t template_hash);
  /// A row in a conflict gives its place under the template cap back. Its text stays known. Does
  /// nothing if no row with this template counts.
  void release_template(std::uint64_t template_hash);

  const base::Hash128& text(std::size_t row) const { return texts_[row]; }
  std::uint32_t size() const { return static_cast<std::uint32_t>(texts_.size()); }
  /// Bytes allocated for the tables and hashes.
  std::size_t memory() const;

 private:
  void place(std::uint32_t row);
  void grow_texts();
  void grow_templates();
  std::size_t template_slot(std::uint64_t key) const;

  std::deque<base::Hash128> texts_;  // by row; grows without copying
  std::vector<std::uint8_t> tags_;   // of the text table: 0 for a free slot
  std::vector<std::uint32_t> rows_;  // of the text table

  std::vector<std::uint64_t> template_keys_;  // 0 for a free slot
  std::vector<std::uint32_t> template_counts_;
  std::size_t templates_ = 0;
};

}  // namespace validators
