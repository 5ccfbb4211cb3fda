#include "prompts/slot_type_reader.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <unordered_set>

#include "prompts/dates.h"
#include "prompts/value_list.h"

namespace prompts {
namespace {

constexpr std::int64_t kMaxNumber = 1'000'000'000'000;
constexpr std::int64_t kMaxDays = 366;
constexpr std::int64_t kMaxAsked = 10'000;

// `written:`, a list of forms, each once.
template <class Form>
std::vector<Form> read_written(Fields& fields, const std::vector<std::pair<std::string, Form>>& forms,
                               std::vector<Form> usual, Problems& problems) {
  const YamlNode* node = fields.find("written");
  if (!node) return usual;
  const std::string where = fields.name("written");
  std::vector<std::string> names;
  for (const auto& [name, form] : forms) names.push_back(name);
  const auto* items = read_list(*node, where, fmt::format("[{}]", fmt::join(names, ", ")), problems);
  if (!items) return usual;
  if (items->empty()) wrong_type(*node, where, "at least one form", problems);
  std::vector<Form> out;
  for (const YamlNode* item : *items) {
    const auto index = read_choice(*item, where, names, problems);
    if (!index) continue;
    const Form form = forms[*index].second;
    if (std::find(out.begin(), out.end(), form) != out.end())
      problems.error(item->mark, fmt::format("{}: {} is there twice; remove one", where, item->text));
    out.push_back(form);
  }
  return out;
}

// `[low, high]`; `read` reads one end.
template <class Read>
std::optional<std::pair<std::int64_t, std::int64_t>> read_range(const YamlNode& node,
                                                                const std::string& where,
                                                                std::string_view example, Problems& problems,
                                                                Read read) {
  if (node.kind != YamlNode::Kind::list || node.items.size() != 2) {
    wrong_type(node, where, fmt::format("a list of two such as {}", example), problems);
    return std::nullopt;
  }
  const std::optional<std::int64_t> low = read(*node.items[0]);
  const std::optional<std::int64_t> high = read(*node.items[1]);
  if (!low || !high) return std::nullopt;
  if (*low <= *high) return std::pair(*low, *high);
  problems.error(node.mark, fmt::format("{}: nothing lies from {} to {}; put the smaller one first", where,
                                        node.items[0]->text, node.items[1]->text));
  return std::nullopt;
}

// Minutes of the day.
std::optional<std::int64_t> read_time_of_day(const YamlNode& node, const std::string& where,
                                             Problems& problems) {
  static const re2::RE2 pattern(R"((\d{1,2}):(\d{2}))");
  int hour = 0;
  int minute = 0;
  if (node.kind == YamlNode::Kind::scalar && re2::RE2::FullMatch(node.text, pattern, &hour, &minute) &&
      hour < 24 && minute < 60)
    return hour * 60 + minute;
  wrong_type(node, where, "a time from 00:00 to 23:59", problems);
  return std::nullopt;
}

// Surfaces that mean themselves, each once.
std::vector<Value> self_named(const std::vector<std::string>& texts) {
  std::vector<Value> values;
  std::unordered_set<std::string_view> seen;
  for (const std::string& text : texts)
    if (seen.insert(text).second) values.push_back({text, text});
  return values;
}

// Each reader reads the keys of one form and gives nullopt after a problem.

std::optional<SlotType> read_number_type(const std::string& name, const YamlNode& node, Fields& fields,
                                         const ReadContext& context) {
  const std::string where = fields.name("number");
  const auto range = read_range(node, where, "[0, 100]", context.problems, [&](const YamlNode& end) {
    return read_integer(end, where, -kMaxNumber, kMaxNumber, context.problems);
  });
  NumberRange numbers;
  fields.integer("step", 1, kMaxNumber, numbers.step);
  std::vector<std::pair<std::string, Written>> forms{{"arabic", Written::arabic}};
  if (context.language != "en") forms.emplace_back("cjk", Written::cjk);
  if (!context.chinese()) forms.emplace_back("words", Written::words);
  forms.emplace_back("percent", Written::percent);
  numbers.written = read_written(fields, forms, {Written::arabic}, context.problems);
  if (!range || numbers.written.empty()) return std::nullopt;
  std::tie(numbers.low, numbers.high) = *range;
  return SlotType::of_numbers(name, numbers, context.language);
}

std::optional<SlotType> read_time_type(const std::string& name, const YamlNode& node, Fields& fields,
                                       const ReadContext& context) {
  const std::string where = fields.name("time");
  const auto range =
      read_range(node, where, R"(["08:00", "20:00"])", context.problems,
                 [&](const YamlNode& end) { return read_time_of_day(end, where, context.problems); });
  std::int64_t step = 30;
  fields.integer("step", 1, 24 * 60 - 1, step);
  const auto written =
      read_written<TimeForm>(fields, {{"digits", TimeForm::digits}, {"spoken", TimeForm::spoken}},
                             {TimeForm::digits, TimeForm::spoken}, context.problems);
  if (!range) return std::nullopt;
  const auto texts = write_times(static_cast<int>(range->first), static_cast<int>(range->second),
                                 static_cast<int>(step), written, context.language);
  return SlotType::of_values(name, SlotType::Form::time, self_named(texts), true, context.chinese());
}

std::optional<SlotType> read_date_type(const std::string& name, const YamlNode& node, Fields& fields,
                                       const ReadContext& context) {
  const std::string where = fields.name("date");
  const auto range = read_range(node, where, "[0, 14]", context.problems, [&](const YamlNode& end) {
    return read_integer(end, where, 0, kMaxDays, context.problems);
  });
  const auto written = read_written<DateForm>(
      fields,
      {{"relative", DateForm::relative}, {"weekday", DateForm::weekday}, {"month_day", DateForm::month_day}},
      {DateForm::relative, DateForm::weekday, DateForm::month_day}, context.problems);
  if (!range) return std::nullopt;
  const auto texts =
      write_dates(static_cast<int>(range->first), static_cast<int>(range->second), written, context.language);
  return SlotType::of_values(name, SlotType::Form::date, self_named(texts), true, context.chinese());
}

/// `ask:`: behind the listed values come those that models wrote in an earlier run, or stand-ins for what is
/// to be asked for.
std::vector<Value> read_asked(const std::string& name, Fields& fields, const ReadContext& context,
                              ValueList& list, Ask& ask) {
  fields.integer("ask", 1, kMaxAsked, ask.count);
  ask.mark = fields.key_mark("ask");
  if (const YamlNode* text = fields.find("description"))
    ask.description = read_paragraph(*text, fields.name("description"), context.problems).value_or("");
  ask.known = static_cast<std::int64_t>(list.size());
  ask.filled = ask.known >= ask.count;
  if (ask.filled)
    context.problems.warn(ask.mark,
                          fmt::format("{}: {} values are listed already, so nothing is asked; raise it, "
                                      "or leave it out",
                                      fields.name("ask"), ask.known));
  if (context.run_directory.empty()) return list.take();
  const base::Path path = context.run_directory / "catalogues" / (name + ".txt");
  ask.file = absolute_path(path);
  std::error_code error;
  if (!ask.filled && std::filesystem::exists(path, error)) {
    const auto text = read_input(path);
    if (text)
      read_values_text({path, *text}, context, list);
    else
      context.problems.error(ask.mark, text.error().message);
    ask.filled = true;
  }
  std::vector<Value> values = list.take();
  for (std::int64_t i = ask.known; !ask.filled && i < ask.count; ++i) {
    const std::string text = fmt::format("⟨{} {}⟩", name, i + 1);
    values.push_back({text, text});
  }
  return values;
}

std::optional<SlotType> read_list_type(const std::string& name, Fields& fields, const ReadContext& context,
                                       Ask& ask) {
  const YamlNode* pattern_node = fields.find("pattern");
  const auto pattern =
      pattern_node ? read_pattern(*pattern_node, fields.name("pattern"), context.problems) : nullptr;
  bool open = false;
  if (pattern_node)
    fields.only_with({"open"}, "without pattern:, which is open to all that matches");
  else
    fields.boolean("open", open);
  ValueList list(context, pattern.get());
  if (const YamlNode* values = fields.find("values"))
    read_values(*values, fields.name("values"), context, list);
  else if (const YamlNode* file = fields.find("file"))
    read_values_file(*file, fields.name("file"), context, list);
  std::vector<Value> values = fields.has("ask") ? read_asked(name, fields, context, list, ask) : list.take();
  if (pattern_node && !pattern) return std::nullopt;
  if (pattern) return SlotType::of_pattern(name, pattern, std::move(values), context.chinese());
  return SlotType::of_values(name, SlotType::Form::values, std::move(values), open, context.chinese());
}

std::optional<SlotType> read_slot_type(const std::string& name, const YamlNode& node,
                                       const ReadContext& context, Ask& ask) {
  Problems& problems = context.problems;
  Fields fields(&node, "slot_types." + name, "{values: [red, blue]}", problems);
  if (!fields.usable()) return std::nullopt;
  std::vector<std::string_view> sources;  // of values
  for (const std::string_view key : {"values", "file", "number", "time", "date"})
    if (fields.find(key)) sources.push_back(key);
  fields.find("pattern");
  std::string_view source = sources.empty() ? std::string_view() : sources[0];
  const bool asks = fields.has("ask");
  if (sources.empty() && fields.has("pattern") && !asks)
    problems.error(
        fields.key_mark("pattern"),
        fmt::format("{}: a pattern draws no values; add values: or file: with some that match it, or ask:",
                    fields.name("pattern")));
  else if (sources.empty() && !asks)
    problems.error(
        fields.mark(),
        fmt::format("slot_types.{}: no values; give it values:, file:, ask:, number:, time: or date:", name));
  for (std::size_t i = 1; i < sources.size(); ++i)
    problems.error(fields.key_mark(sources[i]), fmt::format("{}: there is {}: already; keep one of them",
                                                            fields.name(sources[i]), source));
  const bool listed = source == "values" || source == "file" || (source.empty() && asks);
  if (!asks) fields.only_with({"description"}, "with ask:");
  if (!source.empty() || asks) {
    if (!listed) fields.only_with({"open", "pattern"}, "with values:, file: or ask:");
    if (!listed) fields.only_with({"ask"}, "without number:, time: and date:, which know all their values");
    if (source != "number" && source != "time") fields.only_with({"step"}, "with number: or time:");
    if (listed) fields.only_with({"written"}, "with number:, time: or date:");
  } else {
    for (const std::string_view key : {"open", "step", "written"}) fields.find(key);
  }
  std::optional<SlotType> type;
  if (source == "number") type = read_number_type(name, *fields.find(source), fields, context);
  if (source == "time") type = read_time_type(name, *fields.find(source), fields, context);
  if (source == "date") type = read_date_type(name, *fields.find(source), fields, context);
  if (listed || (source.empty() && fields.has("pattern"))) type = read_list_type(name, fields, context, ask);
  fields.finish();
  return type;
}

}  // namespace

std::optional<std::size_t> SlotTypesRead::find(std::string_view name) const {
  const auto found = index.find(std::string(name));
  return found == index.end() ? std::nullopt : std::optional(found->second);
}

void SlotTypesRead::add(SlotType type, Mark mark, bool is_usable) {
  index.emplace(type.name(), types.size());
  types.push_back(std::move(type));
  marks.push_back(mark);
  usable.push_back(is_usable);
  used.push_back(false);
}

bool SlotTypesRead::asked(std::size_t type) const {
  return std::any_of(asks.begin(), asks.end(), [&](const Ask& ask) { return ask.type == type; });
}

SlotTypesRead read_slot_types(const YamlNode* node, const ReadContext& context) {
  SlotTypesRead out;
  const Fields all(node, "slot_types", "{color: {values: [red, blue]}}", context.problems);
  out.readable = !node || all.usable();
  if (!all.usable()) return out;
  for (const auto& [key, value] : node->members) {
    const std::string& name = key->text;
    const std::size_t before = context.problems.count();
    if (!is_name(name))
      context.problems.error(key->mark, fmt::format("slot_types: {} is no name; use letters, digits and _, "
                                                    "at most 64",
                                                    in_quotes(name)));
    Ask ask;
    ask.type = out.types.size();
    auto type = read_slot_type(name, *value, context, ask);
    const bool usable = type && context.problems.count() == before && !context.language.empty();
    if (ask.count > 0) out.asks.push_back(std::move(ask));
    out.add(usable ? *std::move(type)
                   : SlotType::of_values(name, SlotType::Form::values, {}, true, context.chinese()),
            key->mark, usable);
  }
  return out;
}

}  // namespace prompts
