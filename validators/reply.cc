#include "validators/reply.h"

#include <simdjson.h>

#include <array>
#include <optional>

#include "base/text.h"
#include "validators/mend.h"
#include "validators/refusal.h"

namespace validators {
namespace {

namespace dom = simdjson::dom;

constexpr std::array<std::string_view, 2> kOtherEnvelopes = {"data", "sentences"};
constexpr std::array<std::string_view, 3> kTextMembers = {"text", "utterance", "t"};

/// A parser keeps its buffers; those of a reply beyond this size are given back.
constexpr std::size_t kKeepParser = std::size_t{1} << 20;
/// Brackets that are never closed, each read to the end of the text, before prose is given up.
constexpr int kMaxUnclosed = 4;
constexpr int kDeepestEnvelope = 3;

enum class Shape {
  none,      // no utterances in it
  envelope,  // just what was asked for
  loose,     // something else that can only mean one thing
  single,    // one object with a text: several of them make a reply
};

using Utterances = std::vector<std::string>;

std::optional<std::string_view> text_of(const dom::element& element) {
  std::string_view text;
  if (element.get(text) == simdjson::SUCCESS) return text;
  dom::object object;
  if (element.get(object) != simdjson::SUCCESS) return std::nullopt;
  for (const std::string_view name : kTextMembers)
    if (object.at_key(name).get(text) == simdjson::SUCCESS) return text;
  return std::nullopt;
}

/// An element that can't be read leaves an empty utterance, so that those behind it keep their index.
Shape collect_array(const dom::array& array, Utterances& out) {
  bool any = false;
  bool plain = true;
  for (const dom::element element : array) {
    const auto text = text_of(element);
    any = any || text;
    plain = plain && element.is_string();
    out.emplace_back(text.value_or(std::string_view()));
  }
  if (plain) return Shape::envelope;
  if (any) return Shape::loose;
  out.clear();
  return Shape::none;
}

Shape collect_member(const dom::element& member, Utterances& out) {
  dom::array array;
  if (member.get(array) == simdjson::SUCCESS) return collect_array(array, out);
  std::string_view text;
  if (member.get(text) != simdjson::SUCCESS) return Shape::none;
  out.emplace_back(text);
  return Shape::loose;
}

Shape at_best_loose(Shape shape, const Utterances& utterances) {
  return shape == Shape::none || utterances.empty() ? Shape::none : Shape::loose;
}

Shape collect(const dom::element& root, std::string_view envelope, Utterances& out, int depth) {
  dom::array array;
  if (root.get(array) == simdjson::SUCCESS) return at_best_loose(collect_array(array, out), out);
  dom::object object;
  if (root.get(object) != simdjson::SUCCESS) return Shape::none;
  dom::element member;
  if (object.at_key(envelope).get(member) == simdjson::SUCCESS) return collect_member(member, out);
  for (const std::string_view name : kOtherEnvelopes)
    if (object.at_key(name).get(member) == simdjson::SUCCESS && member.is_array())
      return at_best_loose(collect_member(member, out), out);
  if (const auto text = text_of(root)) {
    out.emplace_back(*text);
    return Shape::single;
  }
  int containers = 0;
  for (const dom::key_value_pair field : object) {
    if (!field.value.is_array() && !field.value.is_object()) continue;
    member = field.value;
    ++containers;
  }
  if (containers != 1 || depth == kDeepestEnvelope) return Shape::none;
  const Shape shape = collect(member, envelope, out, depth + 1);
  return shape == Shape::single ? shape : at_best_loose(shape, out);
}

Shape read_json(std::string_view text, std::string_view envelope, Utterances& out) {
  out.clear();
  if (text.empty()) return Shape::none;  // simdjson would copy from a null pointer
  const auto read = [&](dom::parser& parser) {
    dom::element root;
    if (parser.parse(text.data(), text.size()).get(root) != simdjson::SUCCESS) return Shape::none;
    return collect(root, envelope, out, 0);
  };
  if (text.size() > kKeepParser) {
    dom::parser parser;
    return read(parser);
  }
  thread_local dom::parser parser;
  return read(parser);
}

std::string_view without_byte_order_mark(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  return base::trim(text);
}

/// What follows the thinking; a block that never ends leaves what stood before it.
std::string_view without_thinking(std::string_view text) {
  constexpr std::string_view kOpen = "<think>";
  constexpr std::string_view kClose = "</think>";
  if (const auto close = text.rfind(kClose); close != std::string_view::npos)
    text.remove_prefix(close + kClose.size());
  return base::trim(text.substr(0, text.find(kOpen)));
}

/// Tries what is inside ``` fences, in order.
bool read_fences(std::string_view text, std::string_view envelope, ParsedReply& out) {
  constexpr std::string_view kFence = "```";
  std::size_t open = text.find(kFence);
  const bool prose_before = open != 0;
  while (open != std::string_view::npos) {
    std::size_t start = open + kFence.size();
    while (start < text.size() && text[start] != '{' && text[start] != '[' && text[start] != '\n' &&
           text[start] != '`')
      ++start;  // the language
    const std::size_t close = text.find(kFence, start);
    const std::string_view inside = base::trim(text.substr(start, close - start));
    const Shape shape = inside.empty() ? Shape::none : read_json(inside, envelope, out.utterances);
    if (shape != Shape::none) {
      const bool prose = prose_before || (close != std::string_view::npos &&
                                          !base::trim(text.substr(close + kFence.size())).empty());
      out.repair = shape == Shape::envelope && !prose ? Repair::fenced : Repair::extracted;
      return true;
    }
    if (close == std::string_view::npos) break;
    open = text.find(kFence, close + kFence.size());
  }
  return false;
}

/// The end of the JSON value that begins with the bracket at `start`; npos if it never ends.
std::size_t value_end(std::string_view text, std::size_t start) {
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t at = start; at < text.size(); ++at) {
    const char c = text[at];
    if (in_string) {
      if (c == '\\') {
        ++at;
      } else if (c == '"') {
        in_string = false;
      }
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if ((c == '}' || c == ']') && --depth == 0) {
      return at + 1;
    }
  }
  return std::string_view::npos;
}

/// JSON values with prose around them: the one with the most utterances, or all objects with a text.
/// Returns whether every bracket began such a value.
bool read_values(std::string_view text, std::string_view envelope, Utterances& out) {
  Utterances singles;
  Utterances found;
  int unclosed = 0;
  bool whole = true;
  std::size_t at = text.find_first_of("{[");
  while (at != std::string_view::npos) {
    const std::size_t end = value_end(text, at);
    if (end == std::string_view::npos) {
      if (++unclosed > kMaxUnclosed) break;
      at = text.find_first_of("{[", at + 1);
      continue;
    }
    const Shape shape = read_json(text.substr(at, end - at), envelope, found);
    if (shape == Shape::single) {
      singles.push_back(std::move(found.front()));
    } else if (shape != Shape::none && found.size() > out.size()) {
      out.swap(found);
    }
    whole = whole && shape != Shape::none;
    at = text.find_first_of("{[", end);
  }
  if (out.size() < singles.size()) out = std::move(singles);
  return whole && unclosed == 0;
}

/// Mends from each place where the answer may begin; the one with the most utterances. Returns whether
/// it was cut.
bool read_mended(std::string_view text, std::string_view name, Utterances& out) {
  std::size_t envelope = text.find(name);
  if (envelope != std::string_view::npos) envelope = text.rfind('{', envelope);
  bool cut = false;
  Utterances found;
  for (const std::size_t start : {envelope, text.find('{'), text.find('[')}) {
    if (start == std::string_view::npos || (start == envelope && !out.empty())) continue;
    const Mended mended = mend_json(text.substr(start));
    if (mended.json.empty() || read_json(mended.json, name, found) == Shape::none ||
        found.size() <= out.size())
      continue;
    out.swap(found);
    cut = mended.cut;
  }
  return cut;
}

/// A bracket without a value may be one in the prose, or the answer is damaged or cut off: then there is
/// more to be had than the values that are whole.
bool read_damaged(std::string_view text, std::string_view envelope, ParsedReply& out) {
  const bool whole = read_values(text, envelope, out.utterances);
  out.repair = Repair::extracted;
  if (whole && !out.utterances.empty()) return true;
  Utterances mended;
  const bool cut = read_mended(text, envelope, mended);
  if (mended.size() > out.utterances.size() ||
      (cut && !mended.empty() && mended.size() == out.utterances.size())) {
    out.utterances.swap(mended);
    out.repair = cut ? Repair::salvaged : Repair::mended;
  }
  return !out.utterances.empty();
}

bool climb(std::string_view body, std::string_view envelope, ParsedReply& out) {
  const std::string_view whole = without_byte_order_mark(body);
  if (const Shape shape = read_json(whole, envelope, out.utterances); shape != Shape::none) {
    out.repair = shape == Shape::envelope ? Repair::strict : Repair::extracted;
    return true;
  }
  const std::string_view answer = without_thinking(whole);
  if (answer.empty()) return false;
  if (answer.size() != whole.size())
    if (const Shape shape = read_json(answer, envelope, out.utterances); shape != Shape::none) {
      out.repair = shape == Shape::envelope ? Repair::fenced : Repair::extracted;
      return true;
    }
  out.utterances.clear();
  if (read_fences(answer, envelope, out)) return true;
  out.utterances.clear();
  return read_damaged(answer, envelope, out);
}

ParsedReply read_line(std::string_view body, model::Finish finish) {
  ParsedReply out;
  const std::string_view line = base::trim(body);
  const bool whole = finish == model::Finish::stop && !line.empty() && line.find('\n') == line.npos;
  if (is_refusing_utterance(line)) {
    out.verdict = Verdict::refused;
  } else if (whole) {
    out.verdict = Verdict::accepted;
    out.utterances.emplace_back(line);
  }
  return out;
}

}  // namespace

std::string_view repair_name(Repair repair) {
  constexpr std::array<std::string_view, 5> kNames = {"strict", "fenced", "extracted", "mended", "salvaged"};
  return kNames[static_cast<std::size_t>(repair)];
}

RowRepair row_repair(Repair repair) {
  switch (repair) {
    case Repair::strict:
    case Repair::fenced:
      break;
    case Repair::extracted:
      return RowRepair::extracted;
    case Repair::mended:
      return RowRepair::mended;
    case Repair::salvaged:
      return RowRepair::salvaged;
  }
  return RowRepair::fenced;
}

ParsedReply parse_reply(std::string_view body, model::Finish finish, model::Wire wire) {
  ParsedReply out;
  if (wire == model::Wire::line) return read_line(body, finish);
  if (climb(body, model::list_name(wire), out)) {
    const bool refused = out.utterances.size() == 1 && is_refusing_utterance(out.utterances.front());
    const bool filtered = out.utterances.empty() && finish == model::Finish::content_filter;
    out.verdict = refused || filtered ? Verdict::refused : Verdict::accepted;
  } else {
    // Cut off in its first utterance, which may be somebody's "I can't understand that".
    const std::string_view answer = without_thinking(without_byte_order_mark(body));
    const bool refused = finish == model::Finish::content_filter ||
                         (!answer.starts_with("{\"utterances\"") && is_refusal(answer));
    out.verdict = refused ? Verdict::refused : Verdict::broken_json;
  }
  if (out.verdict != Verdict::accepted) out.utterances.clear();
  return out;
}

}  // namespace validators
