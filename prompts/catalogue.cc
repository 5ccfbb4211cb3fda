#include "prompts/catalogue.h"

#include <re2/re2.h>

#include "base/unicode.h"

namespace prompts {
namespace {

/// Up to so many surfaces of a number type are written once and kept: spelling a number out takes
/// microseconds, and a plan asks for values by the million.
constexpr std::uint64_t kKeptSurfaces = 4096;

std::unordered_map<std::string, std::uint32_t> index_values(const std::vector<Value>& values, bool simplify) {
  std::unordered_map<std::string, std::uint32_t> index;
  index.reserve(values.size());
  for (std::size_t i = 0; i < values.size(); ++i)
    index.emplace(base::normalise(values[i].text, simplify), static_cast<std::uint32_t>(i));
  return index;
}

std::uint64_t count_of(const NumberRange& range) {
  if (range.high < range.low || range.step <= 0) return 0;
  const auto width = static_cast<std::uint64_t>(range.high) - static_cast<std::uint64_t>(range.low);
  return width / static_cast<std::uint64_t>(range.step) + 1;
}

}  // namespace

SlotType SlotType::of_values(std::string name, Form form, std::vector<Value> values, bool open,
                             bool simplify) {
  SlotType type;
  type.name_ = std::move(name);
  type.form_ = form;
  type.open_ = open || form == Form::date || form == Form::time;
  type.simplify_ = simplify;
  type.by_normalised_ = index_values(values, simplify);
  type.values_ = std::move(values);
  return type;
}

SlotType SlotType::of_numbers(std::string name, NumberRange range, std::string language) {
  SlotType type;
  type.name_ = std::move(name);
  type.form_ = Form::number;
  for (const Written form : range.written) {
    const std::size_t surfaces = write_number(range.low, form, language).size();
    for (std::size_t i = 0; i < surfaces; ++i) type.surfaces_.emplace_back(form, i);
  }
  type.range_ = std::move(range);
  type.language_ = std::move(language);
  if (const std::uint64_t size = type.size(); size <= kKeptSurfaces) {
    std::vector<Value> kept;
    kept.reserve(size);
    for (std::uint64_t i = 0; i < size; ++i) kept.push_back(type.value(i));
    type.values_ = std::move(kept);
  }
  return type;
}

SlotType SlotType::of_pattern(std::string name, std::shared_ptr<const re2::RE2> pattern,
                              std::vector<Value> values, bool simplify) {
  SlotType type = of_values(std::move(name), Form::pattern, std::move(values), false, simplify);
  type.pattern_ = std::move(pattern);
  return type;
}

SlotType SlotType::with_values(std::vector<Value> values) const {
  SlotType type = *this;
  type.by_normalised_ = index_values(values, simplify_);
  type.values_ = std::move(values);
  return type;
}

std::uint64_t SlotType::size() const {
  return is_number() ? count_of(range_) * surfaces_.size() : values_.size();
}

Value SlotType::value(std::uint64_t index) const {
  if (index < values_.size()) return values_[index];
  if (!is_number()) return {};
  // Neighbours differ in the number.
  const std::uint64_t count = count_of(range_);
  const auto [form, which] = surfaces_[index / count % surfaces_.size()];
  const auto number = static_cast<std::int64_t>(static_cast<std::uint64_t>(range_.low) +
                                                index % count * static_cast<std::uint64_t>(range_.step));
  return {std::move(write_number(number, form, language_)[which]), std::to_string(number)};
}

std::optional<std::string> SlotType::canonical(std::string_view text) const {
  if (is_number()) {
    const auto number = read_number(text);
    if (!number || *number < range_.low || *number > range_.high) return std::nullopt;
    return std::to_string(*number);
  }
  const auto found = by_normalised_.find(base::normalise(text, simplify_));
  if (found == by_normalised_.end()) return std::nullopt;
  return values_[found->second].canonical;
}

bool SlotType::has_surface(std::string_view text) const {
  if (is_number()) return false;
  const auto found = by_normalised_.find(base::normalise(text, simplify_));
  return found != by_normalised_.end() && values_[found->second].text == text;
}

ValueFault SlotType::check(std::string_view text) const {
  switch (form_) {
    case Form::values:
      return open_ || canonical(text) ? ValueFault::none : ValueFault::not_in_catalogue;
    case Form::number: {
      const auto number = read_number(text);
      if (!number) return ValueFault::not_a_number;
      return *number < range_.low || *number > range_.high ? ValueFault::out_of_range : ValueFault::none;
    }
    case Form::pattern:
      return re2::RE2::FullMatch(re2::StringPiece(text.data(), text.size()), *pattern_)
                 ? ValueFault::none
                 : ValueFault::pattern_mismatch;
    case Form::date:
    case Form::time:
      break;
  }
  return ValueFault::none;
}

}  // namespace prompts
