// A slot type and its catalogue: which values a slot takes, how they are written, and what each means.
// Immutable after loading; any thread may ask.
//
// Surfaces are numbered 0 … size()-1. For a number type they are computed, so a range of a million
// costs nothing; those of a small range are kept. Looking a text up costs its normalisation, about 0.3
// microseconds.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "prompts/numbers.h"

namespace re2 {
class RE2;
}

namespace prompts {

struct Value {
  std::string text;       // a surface: 话筒
  std::string canonical;  // what it means: 麦克风
};

/// Why a text is no value of a type.
enum class ValueFault { none, not_in_catalogue, out_of_range, not_a_number, pattern_mismatch };

struct NumberRange {
  std::int64_t low = 0;
  std::int64_t high = 0;
  std::int64_t step = 1;
  std::vector<Written> written;
};

class SlotType {
 public:
  enum class Form { values, number, pattern, date, time };

  /// `values` types and, with surfaces as their own canonical values, dates and times.
  static SlotType of_values(std::string name, Form form, std::vector<Value> values, bool open, bool simplify);
  static SlotType of_numbers(std::string name, NumberRange range, std::string language);
  /// `pattern` must have been compiled without error; all values must match it.
  static SlotType of_pattern(std::string name, std::shared_ptr<const re2::RE2> pattern,
                             std::vector<Value> values, bool simplify);

  /// The same type with other values; not for numbers.
  SlotType with_values(std::vector<Value> values) const;

  const std::string& name() const { return name_; }
  Form form() const { return form_; }
  bool open() const { return open_; }
  bool is_number() const { return form_ == Form::number; }
  std::uint64_t size() const;
  /// `index` must be below size().
  Value value(std::uint64_t index) const;

  /// What `text` means: a surface of the catalogue (compared by base::normalise), a number in range.
  /// nullopt if it isn't known, which for an open type is no fault.
  std::optional<std::string> canonical(std::string_view text) const;
  /// Of a number type; null for others.
  const NumberRange* range() const { return is_number() ? &range_ : nullptr; }
  /// Whether a listed value is written just so.
  bool has_surface(std::string_view text) const;
  /// What its values must match from start to end; null without a pattern.
  const re2::RE2* pattern() const { return pattern_.get(); }
  /// Whether `text` may stand in this slot, known or not.
  ValueFault check(std::string_view text) const;

 private:
  SlotType() = default;

  std::string name_;
  Form form_ = Form::values;
  bool open_ = false;
  bool simplify_ = false;
  std::vector<Value> values_;  // number: all of a small range, else none
  std::unordered_map<std::string, std::uint32_t> by_normalised_;
  std::shared_ptr<const re2::RE2> pattern_;
  NumberRange range_;
  std::string language_;
  std::vector<std::pair<Written, std::size_t>> surfaces_;  // of one number: form and which of its surfaces
};

}  // namespace prompts
