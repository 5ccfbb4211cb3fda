#include "prompts/intent_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace prompts {
namespace {

constexpr std::size_t kMaxSlots = 32;
// They stand for something else in cells, lanes and pattern files.
constexpr std::array<std::string_view, 9> kReserved = {
    "out_of_scope", "out_of_scope_near", "out_of_scope_far", "multi_intent", "intents", "catalogues", "none",
    "any",          "identity"};

std::vector<std::string> slot_names(const Intent& intent) {
  std::vector<std::string> names;
  for (const IntentSlot& slot : intent.slots) names.push_back(slot.name);
  return names;
}

class Reader {
 public:
  Reader(const std::string& name, const Mark& mark, const std::vector<std::string>& all,
         const ReadContext& context, SlotTypesRead& types)
      : where_("intents." + name), all_(all), problems_(context.problems), types_(types) {
    intent_.name = name;
    intent_.mark = mark;
  }

  Intent read(const YamlNode& node) {
    Fields fields(&node, where_, "{description: Set the volume, slots: {level: required}}", problems_);
    if (const YamlNode* text = fields.require("description", "say in a sentence what the user wants"))
      intent_.description = read_paragraph(*text, fields.name("description"), problems_).value_or("");
    if (const YamlNode* slots = fields.find("slots")) read_slots(*slots, fields.name("slots"));
    if (const YamlNode* examples = fields.find("examples")) read_examples(*examples, fields.name("examples"));
    if (const YamlNode* contrast = fields.find("contrast")) read_contrast(*contrast, fields.name("contrast"));
    fields.finish();
    return std::move(intent_);
  }

 private:
  void read_slots(const YamlNode& node, const std::string& where) {
    const Fields slots(&node, where, "{level: required, device: optional}", problems_);
    if (!slots.usable()) {
      slots_broken_ = true;
      return;
    }
    if (node.members.size() > kMaxSlots) {
      problems_.error(node.mark, fmt::format("{}: {} slots, at most {} are possible; split the intent", where,
                                             node.members.size(), kMaxSlots));
    }
    for (const auto& [key, value] : node.members) read_slot(*key, *value, slots.name(key->text));
  }

  void read_slot(const YamlNode& key, const YamlNode& value, const std::string& where) {
    IntentSlot slot;
    slot.name = key.text;
    std::string type = slot.name;
    const YamlNode* type_node = nullptr;
    if (!is_name(slot.name))
      problems_.error(key.mark, fmt::format("{}: no name; use letters, digits and _, at most 64", where));
    if (value.kind == YamlNode::Kind::map) {
      Fields fields(&value, where, {}, problems_);
      fields.boolean("required", slot.required);
      fields.boolean("many", slot.many);
      type_node = fields.find("type");
      if (type_node) type = read_text(*type_node, fields.name("type"), problems_).value_or(type);
      fields.finish();
    } else if (value.kind == YamlNode::Kind::scalar &&
               (value.text == "required" || value.text == "optional")) {
      slot.required = value.text == "required";
    } else {
      wrong_type(value, where, "required, optional or a map such as {required: true, type: time}", problems_);
    }
    const auto index = types_.find(type);
    slot.type = index.value_or(kNoType);
    if (index) {
      types_.used[*index] = true;
    } else if (types_.readable) {
      std::vector<std::string> names;
      for (const SlotType& known : types_.types) names.push_back(known.name());
      const std::string guess = did_you_mean(type, names);
      problems_.error(type_node ? type_node->mark : key.mark,
                      fmt::format("{}: no slot type {}{}", where, in_quotes(type),
                                  guess.empty() ? "; add it to slot_types:, or name one with type:" : guess));
    }
    intent_.slots.push_back(std::move(slot));
  }

  void read_examples(const YamlNode& node, const std::string& where) {
    const auto* items = read_list(node, where, R"(["set it to [level:30]"])", problems_);
    if (!items) return;
    for (std::size_t i = 0; i < items->size(); ++i) {
      const YamlNode& item = *(*items)[i];
      const std::string name = fmt::format("{}[{}]", where, i);
      const auto text = read_text(item, name, problems_);
      if (!text) continue;
      auto example = parse_annotation(*text);
      if (!example) {
        problems_.error(item.mark, fmt::format("{}: {}", name, example.error().message));
        continue;
      }
      if (!slots_broken_) check_example(*example, item.mark, name);
      intent_.examples.push_back(*std::move(example));
    }
  }

  void check_example(const AnnotatedText& example, const Mark& mark, const std::string& where) {
    std::vector<std::string_view> seen;
    for (const Tag& tag : example.tags) {
      const IntentSlot* slot = intent_.find_slot(tag.name);
      const bool repeated = std::find(seen.begin(), seen.end(), tag.name) != seen.end();
      seen.push_back(tag.name);
      if (!slot) {
        const std::string guess = did_you_mean(tag.name, slot_names(intent_));
        problems_.error(mark, fmt::format("{}: {} has no slot {}{}", where, intent_.name, in_quotes(tag.name),
                                          guess.empty() ? "; add it to slots:, or remove the tag" : guess));
        continue;
      }
      if (repeated && !slot->many)
        problems_.error(mark,
                        fmt::format("{}: two values for {}; write {{many: true}} at the slot if it may have "
                                    "several",
                                    where, tag.name));
      if (slot->type != kNoType && types_.usable[slot->type]) check_value(tag, slot->type, mark, where);
    }
    for (const IntentSlot& slot : intent_.slots)
      if (slot.required && std::find(seen.begin(), seen.end(), slot.name) == seen.end())
        problems_.error(mark, fmt::format("{}: the required slot {} is missing; tag it as [{}:value]", where,
                                          slot.name, slot.name));
  }

  void check_value(const Tag& tag, std::size_t number, const Mark& mark, const std::string& where) {
    const SlotType& type = types_.types[number];
    std::string_view fault;
    switch (type.check(tag.text)) {
      case ValueFault::none:
        return;
      case ValueFault::not_in_catalogue:
        if (types_.asked(number)) return;  // models fill it; an example shows them what is meant
        fault = "is not in its catalogue; add it there, or write open: true";
        break;
      case ValueFault::out_of_range:
        fault = "is out of its range; use another, or widen the range";
        break;
      case ValueFault::not_a_number:
        fault = "is no whole number; write one";
        break;
      case ValueFault::pattern_mismatch:
        fault = "does not match its pattern; change one of them";
        break;
    }
    problems_.error(mark,
                    fmt::format("{}: slot type {}: {} {}", where, type.name(), in_quotes(tag.text), fault));
  }

  void read_contrast(const YamlNode& node, const std::string& where) {
    const auto* items = read_list(node, where, "[mute]", problems_);
    if (!items) return;
    for (const YamlNode* item : *items) {
      const auto name = read_text(*item, where, problems_);
      if (!name) continue;
      if (*name == intent_.name) {
        problems_.error(item->mark, fmt::format("{}: an intent is no contrast to itself; remove it", where));
      } else if (std::find(all_.begin(), all_.end(), *name) == all_.end()) {
        const std::string guess = did_you_mean(*name, all_);
        problems_.error(item->mark, fmt::format("{}: no intent {}{}", where, in_quotes(*name),
                                                guess.empty() ? "; name one of this job" : guess));
      } else if (std::find(intent_.contrast.begin(), intent_.contrast.end(), *name) !=
                 intent_.contrast.end()) {
        problems_.error(item->mark, fmt::format("{}: {} is there twice; remove one", where, *name));
      } else {
        intent_.contrast.push_back(*name);
      }
    }
  }

  static constexpr std::size_t kNoType = static_cast<std::size_t>(-1);

  const std::string where_;
  const std::vector<std::string>& all_;  // intents
  Problems& problems_;
  SlotTypesRead& types_;
  Intent intent_;
  bool slots_broken_ = false;
};

}  // namespace

std::vector<Intent> read_intents(const YamlNode& node, const ReadContext& context,
                                 SlotTypesRead& slot_types) {
  std::vector<Intent> intents;
  Problems& problems = context.problems;
  const Fields all(&node, "intents", "{set_volume: {description: Set the volume}}", problems);
  if (!all.usable()) return intents;
  if (node.members.empty()) problems.error(node.mark, "intents: none; add at least one");
  std::vector<std::string> names;
  for (const auto& [key, value] : node.members) names.push_back(key->text);
  for (const auto& [key, value] : node.members) {
    if (!is_name(key->text))
      problems.error(key->mark, fmt::format("intents: {} is no name; use letters, digits and _, at most 64",
                                            in_quotes(key->text)));
    else if (std::find(kReserved.begin(), kReserved.end(), key->text) != kReserved.end())
      problems.error(key->mark, fmt::format("intents: the name {} is reserved; choose another", key->text));
    intents.push_back(Reader(key->text, key->mark, names, context, slot_types).read(*value));
  }
  return intents;
}

}  // namespace prompts
