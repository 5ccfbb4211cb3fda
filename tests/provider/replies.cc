#include "tests/provider/replies.h"

#include <simdjson.h>

#include <algorithm>

#include "base/json_writer.h"
#include "tests/provider/faults.h"

namespace provider {
namespace {

/// Calls use(tag) for each `[name:value]`; a bracket behind a backslash is none.
template <class Use>
void each_tag(std::string_view line, const Use& use) {
  std::size_t open = std::string_view::npos;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\\') {
      ++i;
    } else if (line[i] == '[') {
      open = i;
    } else if (line[i] == ']' && open != std::string_view::npos) {
      const std::string_view tag = line.substr(open, i + 1 - open);
      if (tag.find(':') != std::string_view::npos) use(tag);
      open = std::string_view::npos;
    }
  }
}

/// What is behind `3. `, or nothing.
std::string_view planned_part(std::string_view line) {
  std::size_t digits = 0;
  while (digits < line.size() && line[digits] >= '0' && line[digits] <= '9') ++digits;
  if (digits == 0 || line.substr(digits, 2) != ". ") return {};
  line.remove_prefix(digits + 2);
  return line.substr(0, line.find(" | "));
}

void append_word(std::string_view text, bool han, std::string& utterance) {
  if (!han && !utterance.empty()) utterance += ' ';
  utterance += text;
}

/// Three to six words, spread evenly around the tags.
std::string compose(const std::vector<std::string_view>& tags, bool han, std::uint64_t seed) {
  std::string utterance;
  const std::size_t words = 3 + base::mix(seed, 0) % 4;
  const std::size_t places = tags.size() + 1;
  for (std::size_t place = 0; place < places; ++place) {
    const std::size_t first = words * place / places;
    const std::size_t end = words * (place + 1) / places;
    for (std::size_t i = first; i < end; ++i) append_word(word(han, base::mix(seed, 1 + i)), han, utterance);
    if (place < tags.size()) append_word(tags[place], han, utterance);
  }
  return utterance;
}

std::string compose_faulty(std::vector<std::string_view> tags, bool han, std::uint64_t seed,
                           const std::string& before) {
  std::string changed;
  const std::uint64_t kind = base::mix(seed, 100) % 5;
  if (kind == 4 && !before.empty()) return before;
  if (tags.empty() || kind == 3) {
    changed = han ? "[surprise:惊喜]" : "[surprise:wonder]";
    tags.push_back(changed);
    return compose(tags, han, seed);
  }
  const std::size_t which = base::mix(seed, 101) % tags.size();
  switch (kind) {
    case 0:
      changed = tags[which].substr(0, tags[which].find(':') + 1);
      changed += word(han, base::mix(seed, 102));
      changed += word(han, base::mix(seed, 103));
      changed += ']';
      tags[which] = changed;
      break;
    case 1:
      tags.erase(tags.begin() + static_cast<std::ptrdiff_t>(which));
      break;
    default:
      tags[which].remove_suffix(1);
      break;
  }
  return compose(tags, han, seed);
}

/// The fault that this draw gets; empty: none.
std::string_view draw_fault(const std::vector<FaultRate>& rates, bool json, std::uint64_t seed) {
  double share = base::unit_interval(base::mix(seed, json ? 201 : 200));
  for (const FaultRate& rate : rates) {
    if (is_json_fault(rate.faults.front()) != json) continue;
    if (share < rate.rate) return rate.faults[base::mix(seed, json ? 203 : 202) % rate.faults.size()];
    share -= rate.rate;
  }
  return {};
}

}  // namespace

std::vector<std::vector<std::string_view>> planned_lines(std::string_view message) {
  std::vector<std::vector<std::string_view>> lines;
  while (!message.empty()) {
    const std::size_t end = std::min(message.find('\n'), message.size());
    const std::string_view line = message.substr(0, end);
    message.remove_prefix(std::min(end + 1, message.size()));
    const std::string_view planned = planned_part(line);
    if (planned.data() == nullptr) continue;
    each_tag(planned, [tags = &lines.emplace_back()](std::string_view tag) { tags->push_back(tag); });
  }
  if (lines.empty()) lines.emplace_back();
  return lines;
}

namespace {

/// The numbered lines of a message: what stands behind `3. `.
std::vector<std::string_view> numbered_lines(std::string_view message) {
  std::vector<std::string_view> lines;
  while (!message.empty()) {
    const std::size_t end = std::min(message.find('\n'), message.size());
    const std::string_view line = message.substr(0, end);
    message.remove_prefix(std::min(end + 1, message.size()));
    const std::size_t dot = line.find(". ");
    if (dot != std::string_view::npos && dot > 0 && line.find_first_not_of("0123456789") == dot)
      lines.push_back(line.substr(dot + 2));
  }
  return lines;
}

template <class Opinion>
std::string opinions(const char* name, std::string_view message, const Opinion& opinion) {
  std::string content;
  base::JsonWriter w(content);
  w.begin_object().key(name).begin_array();
  std::size_t number = 0;
  for (const std::string_view line : numbered_lines(message))
    w.value(std::to_string(++number) + " " + opinion(line));
  w.end_array().end_object();
  return content;
}

bool is_against(std::string_view line, double rate) {
  return rate > 0 && base::unit_interval(base::mix(base::hash64(line), 0xA6)) < rate;
}

}  // namespace

std::string write_votes(std::string_view message, double against_rate) {
  constexpr const char* kFaults[] = {"intent", "slots", "natural"};
  return opinions("votes", message, [&](std::string_view line) -> std::string {
    if (!is_against(line, against_rate)) return "ok";
    return kFaults[base::hash64(line) % 3];
  });
}

void Readings::remember(const ChatRequest& request, std::string_view content) {
  simdjson::dom::parser parser;
  simdjson::dom::array utterances;
  if (parser.parse(content.data(), content.size())["utterances"].get(utterances) != simdjson::SUCCESS) return;
  for (const simdjson::dom::element element : utterances) {
    const std::string_view marked(element);
    std::string bare(marked);
    std::string reading = request.intent.empty() ? "none" : request.intent;
    each_tag(marked, [&](std::string_view tag) {
      (reading += ' ') += tag;
      const std::size_t at = bare.find(tag);
      const std::size_t colon = tag.find(':');
      bare.replace(at, tag.size(), tag.substr(colon + 1, tag.size() - colon - 2));
    });
    known_.try_emplace(std::move(bare), std::move(reading));
  }
}

std::string Readings::answer(std::string_view message, double against_rate) const {
  return opinions("readings", message, [&](std::string_view line) -> std::string {
    const auto found = known_.find(std::string(line));
    return found == known_.end() || is_against(line, against_rate) ? "none" : found->second;
  });
}

std::string write_content(const ChatRequest& request, const base::Hash128& body, double fault_rate,
                          const std::vector<FaultRate>& faults) {
  if (!request.content.empty()) return request.content;
  std::string content;
  base::JsonWriter w(content);
  if (request.values > 0) {
    w.begin_object().key("values").begin_array();
    for (std::uint64_t i = 0; i < request.values; ++i) {
      const std::uint64_t seed = base::mix(body.high ^ body.low, i);
      std::string value(word(request.han, base::mix(seed, 1)));
      value += word(request.han, base::mix(seed, 2));
      w.value(fault_rate > 0 && base::unit_interval(base::mix(seed, 99)) < fault_rate ? "[" : value);
    }
    w.end_array().end_object();
    return content;
  }
  w.begin_object().key("utterances").begin_array();
  const auto lines = planned_lines(request.last_message);
  std::string before;
  std::string earlier;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::uint64_t seed = base::mix(body.high ^ body.low, i);
    const bool faulty = fault_rate > 0 && base::unit_interval(base::mix(seed, 99)) < fault_rate;
    before =
        faulty ? compose_faulty(lines[i], request.han, seed, before) : compose(lines[i], request.han, seed);
    const std::string_view fault = draw_fault(faults, false, seed);
    const auto made = fault.empty()
                          ? std::nullopt
                          : make_fault(fault, {lines[i], before, earlier,
                                               i == 0 ? std::vector<std::string_view>() : lines[i - 1],
                                               request.han, base::mix(seed, 204)});
    w.value(made.value_or(before));
    earlier = before;
  }
  w.end_array().end_object();
  const std::string_view fault = draw_fault(faults, true, body.high ^ body.low);
  return fault.empty() ? content : break_json(fault, std::move(content));
}

}  // namespace provider
