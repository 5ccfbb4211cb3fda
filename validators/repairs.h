// What was mended before a candidate became a row. Each repair is certain: the row is what the model
// meant. The codes stand in the row (`repairs`), in run.json and in docs/verdicts.md, and never change
// their meaning.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace validators {

enum class RowRepair : std::uint8_t {
  // its reply (Repair in reply.h)
  fenced,
  extracted,
  mended,
  salvaged,
  reordered,  // it answers another line of the list than its own
  stripped,   // a list number, a bullet or quotes around the utterance
  // its tags
  tag_form,      // full-width brackets, space at the ends of a value
  written_form,  // the planned value in another written form
  tagged,        // a planned value without a tag
  tightened,     // punctuation taken out of a tag
  widened,       // the rest of a number, a word, a unit taken into a tag
  joined,        // one value in two tags
  // its text
  half_width,
  simplified,
};

constexpr std::size_t kRowRepairCount = static_cast<std::size_t>(RowRepair::simplified) + 1;

/// The code: `half_width`.
std::string_view repair_code(RowRepair repair);

/// A set of repairs.
class Repairs {
 public:
  void add(RowRepair repair) { bits_ |= std::uint32_t{1} << static_cast<unsigned>(repair); }
  bool has(RowRepair repair) const { return (bits_ >> static_cast<unsigned>(repair) & 1) != 0; }
  bool empty() const { return bits_ == 0; }
  Repairs& operator|=(const Repairs& other) {
    bits_ |= other.bits_;
    return *this;
  }
  /// Adds the codes, in the order of RowRepair, to those in `codes`; none twice.
  void append_codes(std::vector<std::string>& codes) const;

 private:
  std::uint32_t bits_ = 0;
};

}  // namespace validators
