#include "datasets/formats/swift.h"

#include <algorithm>

namespace datasets {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Whether `text` is a JSON number in plain decimal form: -12, 0.5; not 007, +5, 1e3 or .5.
bool is_decimal(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  const auto whole =
      static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_digit) - text.begin());
  if (whole == 0 || (whole > 1 && text[0] == '0')) return false;
  text.remove_prefix(whole);
  if (text.empty()) return true;
  return text[0] == '.' && text.size() > 1 && std::all_of(text.begin() + 1, text.end(), is_digit);
}

void write_number_or_text(bool number, std::string_view value, base::JsonWriter& json) {
  if (number && is_decimal(value)) {
    json.raw(value);
  } else {
    json.value(value);
  }
}

}  // namespace

SwiftFormat::SwiftFormat(Shape shape, Schema schema, const std::string& system, bool canonical_values)
    : shape_(shape), schema_(std::move(schema)), canonical_values_(canonical_values) {
  for (std::size_t i = 0; i < schema_.intents.size(); ++i) intents_.emplace(schema_.intents[i].name, i);
  base::JsonWriter json(head_);
  json.begin_object();
  if (shape_ == Shape::agent) json.member("tools", tools());
  json.key("messages").begin_array();
  if (!system.empty()) json.begin_object().member("role", "system").member("content", system).end_object();
  json.begin_object().member("role", "user").key("content");
}

void SwiftFormat::write_value(const SlotSchema& schema, const Slot& slot, base::JsonWriter& json) const {
  if (answers_surface(schema)) {
    json.value(slot.text);
  } else {
    write_number_or_text(schema.number, slot.value, json);
  }
}

void SwiftFormat::write_slot(const SlotSchema& schema, const Frame& frame, base::JsonWriter& json) const {
  bool open = false;
  for (const Slot& slot : frame.slots) {  // in the order of the text
    if (slot.name != schema.name) continue;
    if (!open) {
      json.key(schema.name);
      if (schema.many) json.begin_array();
      open = true;
    }
    write_value(schema, slot, json);
    if (!schema.many) return;  // a key may stand only once
  }
  if (open) json.end_array();
}

void SwiftFormat::write_slots(const Frame& frame, base::JsonWriter& json) const {
  static const std::vector<SlotSchema> kNone;
  const auto found = intents_.find(frame.intent);
  const std::vector<SlotSchema>& known =
      found == intents_.end() ? kNone : schema_.intents[found->second].slots;
  json.begin_object();
  for (const SlotSchema& schema : known) write_slot(schema, frame, json);
  for (auto slot = frame.slots.begin(); slot != frame.slots.end(); ++slot) {
    const auto same_name = [&](const auto& other) { return other.name == slot->name; };
    if (std::any_of(known.begin(), known.end(), same_name)) continue;
    if (std::any_of(frame.slots.begin(), slot, same_name)) continue;
    SlotSchema open_text;
    open_text.name = slot->name;
    write_slot(open_text, frame, json);
  }
  json.end_object();
}

void SwiftFormat::write_answer(const Row& row, base::JsonWriter& json) const {
  const bool array = schema_.multi_intent || row.frames.size() > 1;
  if (array) json.begin_array();
  if (row.frames.empty())
    json.begin_object().member("intent", "none").key("slots").begin_object().end_object().end_object();
  for (const Frame& frame : row.frames) {
    json.begin_object().member("intent", frame.intent).key("slots");
    write_slots(frame, json);
    json.end_object();
  }
  if (array) json.end_array();
}

void SwiftFormat::append(const Row& row, std::string& out) const {
  thread_local std::string content;  // JSON that becomes a string in JSON
  out += head_;
  base::append_json_string(row.text, out);
  out += '}';
  const auto message = [&out](std::string_view role, std::string_view text) {
    out += ",{\"role\":\"";
    out += role;
    out += "\",\"content\":";
    base::append_json_string(text, out);
    out += '}';
  };
  if (shape_ == Shape::messages) {
    content.clear();
    base::JsonWriter json(content);
    write_answer(row, json);
    message("assistant", content);
  } else if (row.frames.empty()) {
    message("assistant", schema_.decline);
  } else {
    for (const Frame& frame : row.frames) {
      content.clear();
      base::JsonWriter json(content);
      json.begin_object().member("name", frame.intent).key("arguments");
      write_slots(frame, json);
      json.end_object();
      message("tool_call", content);
    }
  }
  out += "]}";
}

void SwiftFormat::write_parameter(const SlotSchema& slot, base::JsonWriter& json) const {
  json.begin_object();
  if (!slot.description.empty()) json.member("description", slot.description);
  if (slot.many) json.member("type", "array").key("items").begin_object();
  json.member("type", answers_number(slot) ? "number" : "string");
  // Surfaces of a closed set's values are many more than its values, so they can't be listed.
  if (!slot.values.empty() && !answers_surface(slot)) {
    json.key("enum").begin_array();
    for (const std::string& value : slot.values) write_number_or_text(slot.number, value, json);
    json.end_array();
  }
  if (slot.many) json.end_object();
  json.end_object();
}

std::string SwiftFormat::tools() const {
  std::string out;
  base::JsonWriter json(out);
  json.begin_array();
  for (const IntentSchema& intent : schema_.intents) {
    json.begin_object().member("type", "function").key("function").begin_object();
    json.member("name", intent.name).member("description", intent.description);
    json.key("parameters").begin_object().member("type", "object").key("properties").begin_object();
    for (const SlotSchema& slot : intent.slots) {
      json.key(slot.name);
      write_parameter(slot, json);
    }
    json.end_object().key("required").begin_array();
    for (const SlotSchema& slot : intent.slots)
      if (slot.required) json.value(slot.name);
    json.end_array().end_object().end_object().end_object();
  }
  json.end_array();
  return out;
}

}  // namespace datasets
