// Rows as ms-swift reads them (swift/dataset/preprocessor/core.py of ms-swift 4.6; docs/formats.md).
//
// messages: {"messages":[{"role":"system","content":…},{"role":"user",…},{"role":"assistant","content":
// "{\"intent\":…,\"slots\":{…}}"}]}. agent: {"tools":"[…]","messages":[…,{"role":"tool_call","content":
// "{\"name\":…,\"arguments\":{…}}"}]}; a multi-intent row has two tool_call messages in a row, an
// out-of-scope row an assistant message. Every row of a file has the same keys. No row carries any
// other column: ms-swift gives a meaning to many names.
//
// Slots are answered in the order of the schema, not of the text, so that a meaning has one answer
// however it was said; a slot that the schema doesn't know comes last, as open text. An
// object is immutable once made; append may be called from any thread and costs about a microsecond.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/json_writer.h"
#include "datasets/row.h"

namespace datasets {

/// What a format must know of the job's slots and intents.
struct SlotSchema {
  std::string name;
  std::string description;
  bool required = false;
  bool many = false;
  bool number = false;
  bool surface = false;             // dates and times: the answer keeps the surface
  std::vector<std::string> values;  // closed set, for the tool schema; empty: open
};

struct IntentSchema {
  std::string name;
  std::string description;
  std::vector<SlotSchema> slots;
};

struct Schema {
  std::vector<IntentSchema> intents;
  bool multi_intent = false;  // then every answer is an array
  std::string decline;        // agent shape: what the assistant says to an out-of-scope utterance
};

class SwiftFormat {
 public:
  enum class Shape { messages, agent };
  SwiftFormat(Shape shape, Schema schema, const std::string& system, bool canonical_values);
  /// Appends the row as one line of JSON, without newline. An empty `system` means no system message.
  void append(const Row& row, std::string& out) const;

 private:
  void write_slots(const Frame& frame, base::JsonWriter& json) const;
  void write_slot(const SlotSchema& slot, const Frame& frame, base::JsonWriter& json) const;
  void write_value(const SlotSchema& schema, const Slot& slot, base::JsonWriter& json) const;
  void write_answer(const Row& row, base::JsonWriter& json) const;
  std::string tools() const;
  void write_parameter(const SlotSchema& slot, base::JsonWriter& json) const;
  /// Whether the answer has numbers for this slot.
  bool answers_number(const SlotSchema& slot) const { return slot.number && !answers_surface(slot); }
  bool answers_surface(const SlotSchema& slot) const { return slot.surface || !canonical_values_; }

  Shape shape_;
  Schema schema_;
  bool canonical_values_;
  std::string head_;  // of every line, up to the content of the user's message
  std::unordered_map<std::string, std::size_t> intents_;  // name, index into schema_.intents
};

}  // namespace datasets
