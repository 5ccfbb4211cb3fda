#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>

#include "base/text.h"
#include "datasets/readers/find_text.h"
#include "datasets/readers/formats.h"
#include "datasets/readers/json_value.h"
#include "datasets/readers/utterance.h"

namespace datasets {
namespace {

namespace dom = simdjson::dom;

class RecordReader {
 public:
  RecordReader(Place place, Reading& reading) : place_(place), reading_(reading) {}

  void read(const dom::element& root) {
    dom::object object;
    if (root.get(object) != simdjson::SUCCESS) return broken("a row must be an object");
    ReadRow out;
    out.place = place_;
    Row& row = out.row;
    std::string_view text;
    if (object.at_key("text").get(text) != simdjson::SUCCESS)
      return broken("`text` is missing, or isn't a string");
    row.text = text;
    row.id = string_member(object, "id");
    row.language = string_member(object, "language");
    row.origin = string_member(object, "origin");
    row.model = string_member(object, "model");
    row.template_text = string_member(object, "template");
    read_split(object, row);
    read_source(object, row);
    read_style(object, row);
    dom::element frames;
    if (object.at_key("frames").get(frames) == simdjson::SUCCESS) {
      read_frames(frames, row);
    } else {
      read_frame(object, row);
    }
    if (failed_) return;
    row.kind = row.frames.empty()       ? Kind::out_of_scope
               : row.frames.size() == 1 ? Kind::in_scope
                                        : Kind::multi_intent;
    reading_.rows.push_back(std::move(out));
  }

 private:
  void broken(std::string what) {
    if (!failed_) reading_.fault(place_, ReadFault::broken_json, std::move(what));
    failed_ = true;
  }

  static void read_split(const dom::object& object, Row& row) {
    const std::string_view name = string_member(object, "split");
    for (const Split split : {Split::train, Split::dev, Split::test})
      if (name == split_name(split)) row.split = split;
  }

  static void read_source(const dom::object& object, Row& row) {
    dom::object source;
    if (object.at_key("source").get(source) != simdjson::SUCCESS) return;
    std::uint64_t number = 0;
    row.source.cell = string_member(source, "cell");
    row.source.key = string_member(source, "key");
    if (source.at_key("attempt").get(number) == simdjson::SUCCESS) row.source.attempt = number;
    if (source.at_key("index").get(number) == simdjson::SUCCESS)
      row.source.index = static_cast<std::uint32_t>(number);
  }

  static void read_style(const dom::object& object, Row& row) {
    dom::object style;
    if (object.at_key("style").get(style) != simdjson::SUCCESS) return;
    for (const dom::key_value_pair field : style) {
      std::string_view value;
      if (field.value.get(value) == simdjson::SUCCESS) row.style.emplace_back(field.key, value);
    }
  }

  void read_frames(const dom::element& element, Row& row) {
    dom::array frames;
    if (element.get(frames) != simdjson::SUCCESS) return broken("`frames` must be an array");
    for (const dom::element entry : frames) {
      dom::object frame;
      if (entry.get(frame) != simdjson::SUCCESS) return broken("a frame must be an object");
      read_frame(frame, row);
    }
  }

  // `intent` and `slots`, of a frame or of a flat row.
  void read_frame(const dom::object& object, Row& row) {
    std::string_view intent;
    if (object.at_key("intent").get(intent) != simdjson::SUCCESS)
      return broken("`intent` is missing, or isn't a string");
    dom::element element;
    std::vector<Slot> slots;
    if (object.at_key("slots").get(element) == simdjson::SUCCESS) {
      dom::array list;
      if (element.get(list) != simdjson::SUCCESS) return broken("`slots` must be an array");
      for (const dom::element entry : list) {
        dom::object slot;
        if (entry.get(slot) != simdjson::SUCCESS) return broken("a slot must be an object");
        if (auto read = read_slot(slot, row.text)) slots.push_back(std::move(*read));
      }
    }
    std::stable_sort(slots.begin(), slots.end(),
                     [](const Slot& a, const Slot& b) { return a.start < b.start; });
    if (is_no_intent(intent) && slots.empty()) return;
    row.frames.push_back({std::string(intent), std::move(slots)});
  }

  static std::optional<std::uint32_t> offset(const dom::object& slot, std::string_view key) {
    std::uint64_t number = 0;
    if (slot.at_key(key).get(number) != simdjson::SUCCESS ||
        number > std::numeric_limits<std::uint32_t>::max())
      return std::nullopt;
    return static_cast<std::uint32_t>(number);
  }

  // Nothing if the slot had to be left out: the fault is reported.
  std::optional<Slot> read_slot(const dom::object& object, std::string_view text) {
    Slot slot;
    slot.name = string_member(object, "name");
    if (slot.name.empty()) slot.name = string_member(object, "slot");
    if (slot.name.empty()) {
      broken("a slot without `name`");
      return std::nullopt;
    }
    dom::element value;
    const bool has_value =
        object.at_key("value").get(value) == simdjson::SUCCESS && scalar_text(value, slot.value);
    const std::string_view written = string_member(object, "text");
    const auto start = offset(object, "start");
    const auto end = offset(object, "end");
    if (written.empty() && !has_value && !(start && end)) {
      reading_.fault(place_, ReadFault::value_not_in_text, fmt::format("{}: an empty value", slot.name));
      return std::nullopt;
    }
    if (start && end) {
      const auto found = substring(text, *start, *end);
      if (found && !found->empty() && (written.empty() || *found == written)) {
        slot.text = *found;
        slot.start = *start;
        slot.end = *end;
        if (!has_value) slot.value = slot.text;
        return slot;
      }
      if (written.empty()) {
        reading_.fault(place_, ReadFault::wrong_offsets,
                       fmt::format("{}: {} to {} is no place in the text", slot.name, *start, *end));
        return std::nullopt;
      }
    }
    if (written.empty()) return slot;  // a value alone: unplaced
    if (!has_value) slot.value = written;
    const std::vector<std::uint32_t> places = find_words(text, written);
    if (places.empty()) {
      reading_.fault(place_, ReadFault::value_not_in_text,
                     fmt::format("{}: `{}` isn't in the text", slot.name, written));
      return std::nullopt;
    }
    slot.text = written;
    slot.start = places.front();
    slot.end = slot.start + static_cast<std::uint32_t>(base::count_code_points(written));
    const bool several = places.size() > 1;
    if (start || end) {
      reading_.fault(place_, ReadFault::wrong_offsets,
                     fmt::format("{}: `{}` stands at {}{}", slot.name, written, slot.start,
                                 several ? " and elsewhere" : ""),
                     !several);
    } else if (several) {
      reading_.fault(place_, ReadFault::ambiguous_value,
                     fmt::format("{}: `{}` stands {} times in the text", slot.name, written, places.size()));
    }
    return slot;
  }

  Place place_;
  Reading& reading_;
  bool failed_ = false;
};

}  // namespace

void read_row_record(std::string_view json, Place place, Reading& reading) {
  const auto root = parse_json(json);
  if (!root) return reading.fault(place, ReadFault::broken_json, root.error().message);
  RecordReader(place, reading).read(*root);
}

}  // namespace datasets
