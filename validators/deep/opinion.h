// What one source says of one row: this slot is missing, too long, of another type, this intent is another.
// Sources are functions from a corpus to opinions; they know nothing of each other. ranking.h brings them
// together, so a source more (a second model's votes) is opinions more.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "validators/deep/corpus.h"

namespace validators::deep {

enum class Kind : std::uint8_t {
  missed,    // a value without a slot
  boundary,  // a slot that is too long or too short
  type,      // a slot under the wrong name
  swapped,   // two slots under each other's names
  spurious,  // a slot where none belongs
  intent,    // another intent
};
const char* kind_name(Kind kind);

/// A label to take away, one to put in its place, or both.
struct Edit {
  std::optional<Label> from;
  std::optional<Label> to;
  bool operator==(const Edit&) const = default;
};

struct Opinion {
  std::uint32_t row = 0;
  Kind kind = Kind::missed;
  std::vector<Edit> edits{};     // one; of `swapped` two, of `intent` none
  std::uint32_t intent = kNone;  // of `intent`: the other one
  const char* source = "";
  double confidence = 0;  // about how often the source is right when it speaks like this, between 0 and 1
  std::string reason{};   // for a person
};

/// How sure counts make: of places that are like the suggestion, and of those that are like the row.
/// Fitted by eye to faults injected into SNIPS and HWU64 (bench/deep.cc): 2 and 0 were right in a quarter of
/// the cases, 5 and 0 in half, 100 and 0 in nine of ten, 100 and 10 in a third.
inline double confidence_of(std::uint32_t many, std::uint32_t few) {
  return many / (many + 5.0 + 15.0 * few);
}

}  // namespace validators::deep
