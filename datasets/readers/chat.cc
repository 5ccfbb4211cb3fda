// Chat rows as training tools have them: {"messages":[…]} and its relatives. What a row says is its last user
// message and the answer to it: JSON with an intent and its slots, or calls of functions.
//
// A chat answer tells values, not places, so slots are unplaced (reading.h).
#include <fmt/format.h>

#include <array>
#include <optional>

#include "base/text.h"
#include "base/unicode.h"
#include "datasets/readers/formats.h"
#include "datasets/readers/json_value.h"
#include "datasets/readers/utterance.h"

namespace datasets {
namespace {

namespace dom = simdjson::dom;

struct Turn {
  std::string user;
  std::vector<std::string> calls;  // contents of tool_call messages, JSON
  std::string answer;              // of the assistant
  bool tools = false;              // functions are defined: an answer in prose is none of them
};

enum class Role { system, user, assistant, call, result, unknown };

Role role_of(std::string_view name) {
  if (name == "system" || name == "developer") return Role::system;
  if (name == "user" || name == "human") return Role::user;
  if (name == "assistant" || name == "gpt" || name == "bot") return Role::assistant;
  if (name == "tool_call" || name == "function_call") return Role::call;
  if (name == "tool" || name == "tool_response" || name == "observation" || name == "function_response")
    return Role::result;
  return Role::unknown;
}

template <std::size_t n>
std::string_view first_string(const dom::object& object, const std::array<std::string_view, n>& keys) {
  for (const std::string_view key : keys)
    if (const std::string_view text = string_member(object, key); !text.empty()) return text;
  return {};
}

template <std::size_t n>
bool first_member(const dom::object& object, const std::array<std::string_view, n>& keys, dom::element& out) {
  for (const std::string_view key : keys)
    if (object.at_key(key).get(out) == simdjson::SUCCESS) return true;
  return false;
}

constexpr std::array<std::string_view, 2> kContent = {"content", "value"};
constexpr std::array<std::string_view, 2> kRole = {"role", "from"};
constexpr std::array<std::string_view, 4> kIntent = {"intent", "name", "function", "action"};
constexpr std::array<std::string_view, 4> kSlots = {"slots", "arguments", "parameters", "entities"};
constexpr std::array<std::string_view, 4> kSlotName = {"name", "slot", "key", "type"};
constexpr std::array<std::string_view, 2> kSlotValue = {"value", "text"};

// Without <think>…</think> before it and a code fence around it.
std::string_view bare(std::string_view answer) {
  answer = base::trim(answer);
  if (answer.starts_with("<think>"))
    if (const std::size_t end = answer.find("</think>"); end != std::string_view::npos)
      answer = base::trim(answer.substr(end + 8));
  if (answer.starts_with("```") && answer.ends_with("```") && answer.size() >= 6) {
    answer.remove_suffix(3);
    answer.remove_prefix(std::min(answer.find('\n'), answer.size()));
    answer = base::trim(answer);
  }
  return answer;
}

class ChatReader {
 public:
  ChatReader(Place place, Reading& reading) : place_(place), reading_(reading) {}

  bool read(std::string_view json) {
    Turn turn;
    {
      const auto root = parse_json(json);
      dom::object object;
      if (!root) return broken(root.error().message);
      if (root->get(object) != simdjson::SUCCESS) return broken("a row must be an object");
      if (!read_turn(object, turn)) return false;
    }  // the answer is parsed with the same parser
    ReadRow out;
    out.place = place_;
    out.row.text = base::trim_white_space(turn.user);
    if (!read_answer(turn, out.row)) return false;
    out.row.kind = out.row.frames.empty()       ? Kind::out_of_scope
                   : out.row.frames.size() == 1 ? Kind::in_scope
                                                : Kind::multi_intent;
    reading_.rows.push_back(std::move(out));
    return true;
  }

 private:
  bool broken(std::string what) {
    reading_.fault(place_, ReadFault::broken_json, std::move(what));
    return false;
  }

  bool read_turn(const dom::object& object, Turn& turn) {
    dom::element element;
    turn.tools = object.at_key("tools").get(element) == simdjson::SUCCESS && !element.is_null();
    for (const std::string_view key : {"messages", "conversations", "conversation"})
      if (object.at_key(key).get(element) == simdjson::SUCCESS) return read_messages(element, turn);
    static constexpr std::array<std::string_view, 4> kQuery = {"query", "prompt", "question", "input"};
    static constexpr std::array<std::string_view, 4> kResponse = {"response", "answer", "output",
                                                                  "completion"};
    const std::string_view instruction = string_member(object, "instruction");
    std::string_view query = first_string(object, kQuery);
    if (query.empty()) query = instruction;
    turn.user = query;
    turn.answer = first_string(object, kResponse);
    if (turn.user.empty()) return broken("neither `messages` nor a query");
    if (turn.answer.empty()) return broken("no answer");
    return true;
  }

  bool read_messages(const dom::element& element, Turn& turn) {
    dom::array messages;
    if (element.get(messages) != simdjson::SUCCESS) return broken("`messages` must be an array");
    bool user = false;
    std::size_t number = 0;
    for (const dom::element entry : messages) {
      dom::object message;
      if (entry.get(message) != simdjson::SUCCESS)
        return broken(fmt::format("messages[{}] must be an object", number));
      const std::string_view content = first_string(message, kContent);
      switch (role_of(first_string(message, kRole))) {
        case Role::system:
        case Role::result:
          break;
        case Role::user:
          if (user && turn.answer.empty() && turn.calls.empty()) return broken("two user messages in a row");
          user = true;
          turn.user = content;
          turn.calls.clear();
          turn.answer.clear();
          break;
        case Role::call:
          turn.calls.emplace_back(content);
          break;
        case Role::assistant:
          if (!read_tool_calls(message, turn)) return false;
          if (turn.calls.empty()) turn.answer = content;
          break;
        case Role::unknown:
          return broken(fmt::format(
              "messages[{}]: `role` is none of system, user, assistant, tool_call, tool", number));
      }
      ++number;
    }
    if (!user || turn.user.empty()) return broken("no user message");
    if (turn.calls.empty() && turn.answer.empty()) return broken("no answer to the user");
    return true;
  }

  // As OpenAI has them: "tool_calls":[{"function":{"name":…,"arguments":"{…}"}}].
  bool read_tool_calls(const dom::object& message, Turn& turn) {
    dom::array calls;
    if (message.at_key("tool_calls").get(calls) != simdjson::SUCCESS) return true;
    for (const dom::element call : calls) {
      dom::element function;
      if (call.at_key("function").get(function) != simdjson::SUCCESS)
        return broken("a tool call without `function`");
      turn.calls.push_back(simdjson::minify(function));
    }
    return true;
  }

  bool read_answer(const Turn& turn, Row& row) {
    for (const std::string& call : turn.calls)
      if (!read_frames(call, row)) return false;
    if (!turn.calls.empty()) return true;
    const std::string_view answer = bare(turn.answer);
    if (answer.starts_with('{') || answer.starts_with('[')) return read_frames(answer, row);
    if (turn.tools) return true;  // it declines in words
    if (is_no_intent(answer)) return true;
    return broken(fmt::format("the answer isn't JSON: {}", answer.substr(0, answer.find('\n'))));
  }

  // {"intent":…,"slots":…}, or an array of such.
  bool read_frames(std::string_view json, Row& row) {
    const auto root = parse_json(json);
    if (!root) return broken(fmt::format("the answer {}", root.error().message));
    dom::array several;
    if (root->get(several) == simdjson::SUCCESS) {
      for (const dom::element entry : several)
        if (!read_frame(entry, row)) return false;
      return true;
    }
    return read_frame(*root, row);
  }

  bool read_frame(const dom::element& element, Row& row) {
    dom::object object;
    if (element.get(object) != simdjson::SUCCESS)
      return broken("the answer must be an object or a list of them");
    dom::element intent;
    std::string name;
    if (!first_member(object, kIntent, intent)) return broken("the answer has no `intent`");
    if (!intent.is_null() && !scalar_text(intent, name))
      return broken("the answer's `intent` must be a string");
    Frame frame;
    frame.intent = name;
    dom::element slots;
    if (first_member(object, kSlots, slots) && !slots.is_null()) {
      std::string_view text;
      if (slots.get(text) == simdjson::SUCCESS) {
        // `arguments` as a string: a document of its own, with its own parser, as this one is still in use.
        dom::parser parser;
        if (text.empty()) text = "{}";
        dom::element inner;
        if (parser.parse(text.data(), text.size()).get(inner) != simdjson::SUCCESS)
          return broken("the answer's `arguments` aren't JSON");
        if (!read_slots(inner, frame)) return false;
      } else if (!read_slots(slots, frame)) {
        return false;
      }
    }
    if (is_no_intent(name) && frame.slots.empty()) return true;
    row.frames.push_back(std::move(frame));
    return true;
  }

  bool read_slots(const dom::element& element, Frame& frame) {
    dom::object object;
    dom::array list;
    if (element.get(object) == simdjson::SUCCESS) {
      for (const dom::key_value_pair field : object)
        if (!read_values(field.key, field.value, frame)) return false;
      return true;
    }
    if (element.get(list) != simdjson::SUCCESS)
      return broken("the answer's `slots` must be an object or a list");
    for (const dom::element entry : list) {
      dom::object slot;
      dom::element value;
      if (entry.get(slot) != simdjson::SUCCESS) return broken("the answer's slots must be objects");
      const std::string_view name = first_string(slot, kSlotName);
      if (name.empty() || !first_member(slot, kSlotValue, value))
        return broken("the answer has a slot without a name or a value");
      if (!read_values(name, value, frame)) return false;
    }
    return true;
  }

  // One value, several, or none: null is a slot that isn't there.
  bool read_values(std::string_view name, const dom::element& element, Frame& frame) {
    if (element.is_null()) return true;
    dom::array list;
    if (element.get(list) == simdjson::SUCCESS) {
      for (const dom::element entry : list)
        if (!read_value(name, entry, frame)) return false;
      return true;
    }
    return read_value(name, element, frame);
  }

  bool read_value(std::string_view name, const dom::element& element, Frame& frame) {
    Slot slot;
    slot.name = name;
    if (!scalar_text(element, slot.value))
      return broken(fmt::format("the answer's slot `{}` must be a string or a number", name));
    if (base::trim_white_space(slot.value).empty()) {
      reading_.fault(place_, ReadFault::value_not_in_text, fmt::format("{}: an empty value", name));
      return true;
    }
    frame.slots.push_back(std::move(slot));
    return true;
  }

  Place place_;
  Reading& reading_;
};

}  // namespace

void read_chat_record(std::string_view json, Place place, Reading& reading) {
  ChatReader(place, reading).read(json);
}

}  // namespace datasets
