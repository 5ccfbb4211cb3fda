#include <fmt/format.h>

#include "datasets/readers/formats.h"
#include "datasets/readers/json_value.h"
#include "datasets/readers/utterance.h"

namespace datasets {
namespace {

namespace dom = simdjson::dom;

// {"Intent":[…]} or {"intents":{"x":{"utterances":[…]}}}; false for the values of entities and the like.
bool intent_of(const std::vector<std::string>& path, std::string& intent) {
  if (path.size() == 1) {
    intent = path[0];
    return true;
  }
  if (path.size() != 3 || path[0] != "intents" || path[2] != "utterances") return false;
  intent = path[1];
  return true;
}

}  // namespace

void read_snips_record(std::string_view json, Place place, const std::vector<std::string>& path,
                       Reading& reading) {
  std::string intent;
  if (!intent_of(path, intent)) return;
  const auto broken = [&](std::string what) {
    reading.fault(place, ReadFault::broken_json, std::move(what));
  };
  const auto root = parse_json(json);
  if (!root) return broken(root.error().message);
  dom::array pieces;
  if (root->at_key("data").get(pieces) != simdjson::SUCCESS) return broken("an utterance without `data`");
  Utterance utterance;
  std::size_t number = 0;
  for (const dom::element element : pieces) {
    dom::object piece;
    std::string_view text;
    if (element.get(piece) != simdjson::SUCCESS || piece.at_key("text").get(text) != simdjson::SUCCESS)
      return broken(fmt::format("data[{}]: `text` is missing, or isn't a string", number));
    std::string_view name = string_member(piece, "slot_name");
    if (name.empty()) name = string_member(piece, "entity");
    if (name.empty()) {
      utterance.text(text);
    } else {
      utterance.slot(name, text);
    }
    ++number;
  }
  ReadRow row;
  row.place = place;
  if (!utterance.finish(intent, row.row)) return broken("a slot without text");
  reading.rows.push_back(std::move(row));
}

}  // namespace datasets
