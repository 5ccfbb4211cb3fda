#include "tests/provider/faults.h"

#include <fmt/format.h>

#include "tests/provider/replies.h"

namespace provider {
namespace {

struct Entry {
  std::string_view name;
  std::string_view group;
  std::string_view what;
};

constexpr Entry kFaults[] = {
    {"value-changed", "utterances", "another value than was planned"},
    {"missing-slot", "utterances", "a planned value is left out"},
    {"unknown-slot", "utterances", "a tag that no intent has"},
    {"unplanned-slot", "utterances", "all optional slots at once"},
    {"repeated-slot", "utterances", "a slot twice"},
    {"repeated-value", "utterances", "the planned value again, in another slot of its type"},
    {"ambiguous-value", "utterances", "the planned value without a tag, twice"},
    {"split-value", "utterances", "a slot twice, side by side"},
    {"joined-value", "utterances", "the planned value in two tags side by side"},
    {"cut-value", "utterances", "a tag that ends inside a number"},
    {"narrow-tag", "utterances", "a tag that ends within the planned value"},
    {"wide-tag", "utterances", "a tag with a word too much"},
    {"untagged", "utterances", "a planned value without its tag"},
    {"wide-brackets", "utterances", "a tag in full-width brackets"},
    {"punctuated-tag", "utterances", "quotes inside a tag"},
    {"wide-digits", "utterances", "the digits of a value in full width"},
    {"open-tag", "utterances", "a tag that is never closed"},
    {"nested-tags", "utterances", "a tag inside a tag"},
    {"closed-set", "utterances", "a device that isn't in the catalogue"},
    {"range", "utterances", "a level of 500"},
    {"number", "utterances", "a level that is no number"},
    {"pattern", "utterances", "a room that doesn't match"},
    {"unit", "utterances", "a level in minutes"},
    {"date", "utterances", "25 o'clock"},
    {"date-in-text", "utterances", "the 30th of February, untagged"},
    {"placeholder", "utterances", "{name} in the text"},
    {"placeholder-value", "utterances", "XX as a value"},
    {"echo", "utterances", "the head of a list"},
    {"echo-line", "utterances", "the line of the list itself"},
    {"refusal", "utterances", "it can't help with that"},
    {"thinking", "utterances", "what the user wants"},
    {"meta", "utterances", "Sentence 3: before it"},
    {"script", "utterances", "a word in Cyrillic"},
    {"mixed", "utterances", "English in Chinese"},
    {"traditional", "utterances", "traditional characters"},
    {"full-width", "utterances", "full-width letters"},
    {"control", "utterances", "U+200B"},
    {"emoji", "utterances", "an emoji"},
    {"empty", "utterances", "nothing"},
    {"short", "utterances", "one character"},
    {"long", "utterances", "400 characters"},
    {"breath", "utterances", "more than anybody says in one breath, though not too long"},
    {"forbidden", "utterances", "the word `forbidden`, for check.forbid"},
    {"number-in-front", "utterances", "`7. ` before it"},
    {"quotes", "utterances", "quotes around it"},
    {"copy", "utterances", "the utterance before it"},
    {"near-copy", "utterances", "the utterance before it, with a word in front"},
    {"other-values", "utterances", "the words of the utterance before it, with the values of this one"},
    {"example", "utterances", "随便聊聊天气吧, which a job may have as an example, where no slot is planned"},
    {"conflict", "utterances", "the same words whatever is asked for, where no slot is planned"},
    {"fence", "json", "in a code fence"},
    {"prose", "json", "prose around it"},
    {"thoughts-before", "json", "a think block before it"},
    {"trailing-comma", "json", "a comma before the closing bracket"},
    {"missing-comma", "json", "no comma between two utterances"},
    {"single-quotes", "json", "single quotes"},
    {"curly-quotes", "json", "curly quotes"},
    {"inner-quotes", "json", "quotes inside an utterance that nobody escaped"},
    {"raw-newline", "json", "a line break in a string"},
    {"bare-array", "json", "the list without its object"},
    {"cut", "json", "cut off in the last utterance"},
    {"doubled-comma", "json", "two commas"},
    {"no-closing-bracket", "json", "its end is missing"},
    {"swapped", "json", "the first two utterances change places"},
    {"no-json", "json", "the utterances as prose"},
};

std::string_view name_of(std::string_view tag) { return tag.substr(1, tag.find(':') - 1); }
std::string_view value_of(std::string_view tag) {
  const std::size_t colon = tag.find(':');
  return tag.substr(colon + 1, tag.size() - colon - 2);
}

std::size_t first_character(std::string_view text) {
  std::size_t end = 1;
  while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) ++end;
  return end;
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  if (at != std::string::npos) text.replace(at, from.size(), to);
  return text;
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

std::string_view planned(const FaultContext& c, std::string_view slot) {
  for (const std::string_view tag : c.tags)
    if (name_of(tag) == slot) return tag;
  return {};
}

/// With a tag of a slot that wasn't planned.
std::optional<std::string> with_tag(const FaultContext& c, std::string_view slot, std::string_view value,
                                    std::string_view behind = "") {
  if (!planned(c, slot).empty()) return std::nullopt;
  return fmt::format("{}{}[{}:{}]{}", c.clean, c.han ? "" : " ", slot, value, behind);
}

std::string words(const FaultContext& c, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) {
    if (!c.han && i > 0) out += ' ';
    out += word(c.han, c.seed + i);
  }
  return out;
}

/// The utterance before, with this one's tags in place of its own.
std::optional<std::string> with_values(const FaultContext& c) {
  std::string text = c.before;
  if (c.tags.empty() || c.tags.size() != c.before_tags.size()) return std::nullopt;
  for (std::size_t i = 0; i < c.tags.size(); ++i) {
    if (name_of(c.tags[i]) != name_of(c.before_tags[i])) return std::nullopt;
    text = replaced(text, c.before_tags[i], c.tags[i]);
  }
  return text;
}

/// Faults of one planned tag; `tag` is it.
std::optional<std::string> at_tag(std::string_view fault, const FaultContext& c, std::string_view tag) {
  const std::string_view name = name_of(tag);
  const std::string_view value = value_of(tag);
  const std::size_t first = first_character(value);
  const auto instead = [&](const std::string& text) { return replaced(c.clean, tag, text); };
  if (fault == "value-changed") return instead(fmt::format("[{}:{}]", name, words(c, 2)));
  if (fault == "missing-slot") return instead("");
  if (fault == "repeated-slot") return c.clean + (c.han ? "和" : " and ") + std::string(tag);
  if (fault == "ambiguous-value") return instead(fmt::format("{0}{1}{0}", value, c.han ? "或者" : " or "));
  if (fault == "split-value") return instead(fmt::format("{}[{}:{}]", tag, name, words(c, 1)));
  if (fault == "cut-value")
    return value.back() >= '0' && value.back() <= '9' ? std::optional(instead(std::string(tag) + "7"))
                                                      : std::nullopt;
  if (fault == "wide-tag")
    return instead(fmt::format("[{}:{}{}{}]", name, value, c.han ? "" : " ", words(c, 1)));
  if (fault == "untagged") return instead(std::string(value));
  if (fault == "wide-brackets") return instead(fmt::format("［{}：{}］", name, value));
  if (fault == "punctuated-tag") return instead(fmt::format("[{}:“{}”]", name, value));
  if (fault == "wide-digits") {
    std::string wide;
    for (const char ch : value)
      ch >= '0' && ch <= '9' ? wide += std::string("\xEF\xBC") + static_cast<char>(ch - '0' + 0x90)
                             : wide += ch;
    return wide.size() == value.size() ? std::nullopt
                                       : std::optional(instead(fmt::format("[{}:{}]", name, wide)));
  }
  if (fault == "open-tag") return instead(std::string(tag.substr(0, tag.size() - 1)));
  if (fault == "nested-tags") return instead(fmt::format("[{}:{}]", name, tag));
  if (first >= value.size()) return std::nullopt;
  if (fault == "joined-value")
    return instead(fmt::format("[{0}:{1}][{0}:{2}]", name, value.substr(0, first), value.substr(first)));
  if (fault == "narrow-tag")
    return instead(fmt::format("[{}:{}]{}", name, value.substr(0, first), value.substr(first)));
  return std::nullopt;
}

}  // namespace

std::vector<std::string_view> faults_named(std::string_view name) {
  std::vector<std::string_view> names;
  for (const Entry& entry : kFaults)
    if (!name.empty() && (entry.name == name || entry.group == name)) names.push_back(entry.name);
  return names;
}

bool is_json_fault(std::string_view fault) {
  for (const Entry& entry : kFaults)
    if (entry.name == fault) return entry.group == "json";
  return false;
}

std::string describe_faults() {
  std::string text = "Faults (--fault; the groups utterances, json):\n";
  for (const Entry& entry : kFaults)
    text += fmt::format("  {:<20} {:<11} {}\n", entry.name, entry.group, entry.what);
  return text;
}

std::optional<std::string> make_fault(std::string_view fault, const FaultContext& c) {
  const std::string& clean = c.clean;
  if (fault == "unknown-slot") return clean + (c.han ? "[surprise:惊喜]" : " [surprise:wonder]");
  if (fault == "unplanned-slot") {
    std::string all = clean;
    for (const std::string_view tag : {"[level:30]", "[room:A301]", "[start:9:30]"})
      if (planned(c, name_of(tag)).empty()) (all += c.han ? "，" : " ") += tag;
    return all;
  }
  if (fault == "repeated-value") {
    const std::string_view device = planned(c, "device");
    return device.empty() ? std::nullopt : with_tag(c, "also", value_of(device));
  }
  if (fault == "closed-set") return with_tag(c, "device", c.han ? "棉花糖" : "marshmallow");
  if (fault == "range") return with_tag(c, "level", "500");
  if (fault == "number") return with_tag(c, "level", c.han ? "大声" : "loud");
  if (fault == "pattern") return with_tag(c, "room", c.han ? "二楼" : "upstairs");
  if (fault == "unit") return with_tag(c, "level", "30", c.han ? "分钟" : " minutes");
  if (fault == "date") return with_tag(c, "start", c.han ? "25点" : "25 o'clock");
  if (fault == "placeholder-value") return with_tag(c, "device", "XX");
  if (fault == "date-in-text") return (c.han ? "2月30日" : "february 30th ") + clean;
  if (fault == "placeholder") return clean + " {name}";
  if (fault == "echo") return c.han ? "以下是10条符合要求的句子：" : "Here are 10 utterances:";
  if (fault == "echo-line") {
    std::string line;
    for (const std::string_view tag : c.tags) (line += tag) += ' ';
    return line + "| 口语, 7-12";
  }
  if (fault == "refusal")
    return c.han ? "抱歉，我无法生成这样的内容。" : "I'm sorry, I can't help with that request.";
  if (fault == "thinking") return c.han ? "好的，用户想要十句话" : "Okay, the user wants ten sentences";
  if (fault == "meta") return (c.han ? "例句3：" : "Sentence 3: ") + clean;
  if (fault == "script") return clean + " включи";
  if (fault == "mixed") return c.han ? std::optional(clean + " whatever") : std::nullopt;
  if (fault == "traditional") return c.han ? std::optional(clean + "謝謝") : std::nullopt;
  if (fault == "full-width") return clean + (c.han ? "ＯＫ" : " ＯＫ");
  if (fault == "control") return clean + "\u200B";
  if (fault == "emoji") return clean + "😀";
  if (fault == "empty") return "";
  if (fault == "short") return c.han ? "好" : "a";
  if (fault == "long") return clean + words(c, 200);
  if (fault == "breath") return clean + (c.han ? "，" : " ") + words(c, 46);
  if (fault == "forbidden") return clean + (c.han ? "禁词" : " forbidden");
  if (fault == "number-in-front") return "7. " + clean;
  if (fault == "quotes") return "“" + clean + "”";
  if (fault == "copy") return c.before.empty() ? std::nullopt : std::optional(c.before);
  if (fault == "near-copy")
    return c.before.empty() ? std::nullopt : std::optional((c.han ? "请" : "so ") + c.before);
  if (fault == "other-values") return with_values(c);
  if (fault == "example")
    return c.tags.empty() && c.han ? std::optional<std::string>("随便聊聊天气吧") : std::nullopt;
  if (fault == "conflict")
    return c.tags.empty() ? std::optional<std::string>(c.han ? "随便说点什么" : "say something then")
                          : std::nullopt;
  if (c.tags.empty()) return std::nullopt;
  return at_tag(fault, c, c.tags[c.seed % c.tags.size()]);
}

std::string break_json(std::string_view fault, std::string json) {
  const std::size_t open = json.find('[');
  const std::string list = open == std::string::npos ? json : json.substr(open, json.size() - open - 1);
  if (fault == "fence") return "```json\n" + json + "\n```";
  if (fault == "prose") return "好的 (here you are): " + json + " 还需要吗？";
  if (fault == "thoughts-before") return "<think>{\"utterances\": [\"no\"]}</think>\n" + json;
  if (fault == "trailing-comma") return replaced(json, "]}", ",]}");
  if (fault == "missing-comma") return replaced(json, "\",\"", "\" \"");
  if (fault == "swapped") {
    const std::size_t first = json.find("[\"") + 1;
    const std::size_t comma = json.find("\",\"", first);
    const std::size_t end = comma == std::string::npos ? comma : json.find("\",\"", comma + 3);
    if (end == std::string::npos) return json;
    return json.substr(0, first) + json.substr(comma + 2, end - comma - 1) + "," +
           json.substr(first, comma + 1 - first) + json.substr(end + 1);
  }
  if (fault == "doubled-comma") return replaced(json, "\",\"", "\",,\"");
  if (fault == "bare-array") return list;
  if (fault == "no-closing-bracket") return json.substr(0, json.size() - 2);
  if (fault == "cut") {
    std::size_t end = json.size() * 3 / 4;
    while (end > 0 && (static_cast<unsigned char>(json[end]) & 0xC0) == 0x80) --end;
    return json.substr(0, end);
  }
  if (fault == "single-quotes") {
    replace_all(json, "\"", "'");
  } else if (fault == "curly-quotes") {
    replace_all(json, "[\"", "[“");
    replace_all(json, "\",\"", "”,“");
    replace_all(json, "\"]", "”]");
  } else if (fault == "inner-quotes") {
    json = replaced(json, "[\"", "[\"\"是\" ");
  } else if (fault == "raw-newline") {
    json = replaced(json, "\",\"", "\n\",\"");
  } else if (fault == "no-json") {
    replace_all(json, "\"", "");
    replace_all(json, "{", "");
    replace_all(json, "}", "");
    replace_all(json, "[", "");
    replace_all(json, "]", "");
  }
  return json;
}

}  // namespace provider
