#include "prompts/table_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>
#include <unordered_map>

#include "base/text.h"
#include "base/unicode.h"
#include "prompts/value_list.h"

namespace prompts {
namespace {

struct Surface {
  std::string text;
  ValueList::Place place;
};
/// One value of a row: how it is written, what it means first.
using Entry = std::vector<Surface>;
using Row = std::vector<Entry>;

Surface surface(std::string_view text, ValueList::Place place) {
  return {std::string(base::trim_white_space(text)), std::move(place)};
}

Entry read_entry(const YamlNode& node, const std::string& where, Problems& problems) {
  const auto at = [&](const YamlNode& part) { return surface(part.text, {{}, part.mark, where}); };
  if (node.kind == YamlNode::Kind::scalar) return {at(node)};
  if (node.kind == YamlNode::Kind::map && node.members.size() == 1) {
    const auto& [canonical, synonyms] = node.members.front();
    Entry entry{at(*canonical)};
    bool good = synonyms->kind == YamlNode::Kind::list;
    for (const YamlNode* synonym : synonyms->items) {
      good = good && synonym->kind == YamlNode::Kind::scalar;
      entry.push_back(at(*synonym));
    }
    if (good) return entry;
  }
  wrong_type(node, where, "a value, or one value with its synonyms such as {blue: [navy, azure]}", problems);
  return {};
}

std::vector<Row> read_rows(const YamlNode& node, const std::string& where, std::size_t columns,
                           const ReadContext& context) {
  std::vector<Row> rows;
  const auto* items = read_list(node, where, "[[Paris, France], [Tokyo, Japan]]", context.problems);
  if (!items) return rows;
  if (items->empty()) wrong_type(node, where, "at least one row", context.problems);
  for (std::size_t i = 0; i < items->size(); ++i) {
    const YamlNode& item = *(*items)[i];
    const std::string name = fmt::format("{}[{}]", where, i);
    if (item.kind != YamlNode::Kind::list || item.items.size() != columns) {
      wrong_type(item, name, fmt::format("a list of {} values", columns), context.problems);
      continue;
    }
    Row& row = rows.emplace_back();
    for (std::size_t column = 0; column < columns; ++column)
      row.push_back(read_entry(*item.items[column], fmt::format("{}[{}]", name, column), context.problems));
  }
  return rows;
}

struct Field {
  std::string text;
  std::size_t offset = 0;  // in the line
};

/// The fields of a line of CSV (RFC 4180, without line ends in fields).
std::vector<Field> split_csv(std::string_view line) {
  std::vector<Field> fields(1);
  bool quoted = false;
  for (std::size_t at = 0; at < line.size(); ++at) {
    Field& field = fields.back();
    if (quoted && line[at] == '"' && at + 1 < line.size() && line[at + 1] == '"') {
      field.text += line[++at];
    } else if (line[at] == '"' && (quoted || base::trim_white_space(field.text).empty())) {
      quoted = !quoted;
    } else if (line[at] == ',' && !quoted) {
      fields.push_back({{}, at + 1});
    } else {
      field.text += line[at];
    }
  }
  return fields;
}

/// `value = synonym | synonym`
Entry split_synonyms(std::string_view text, const ValueList::Place& place) {
  const auto equals = text.find('=');
  Entry entry{surface(text.substr(0, equals), place)};
  if (equals == std::string_view::npos) return entry;
  for (const std::string_view synonym : base::split(text.substr(equals + 1), '|'))
    entry.push_back(surface(synonym, place));
  return entry;
}

std::vector<Row> read_file(const YamlNode& node, const std::string& where,
                           const std::vector<std::string>& names, const ReadContext& context) {
  std::vector<Row> rows;
  const auto named = read_named_file(node, where, context);
  if (!named) return rows;
  const std::string file = named->path.string();
  if (!check_encoding(named->text, file, context.problems)) return rows;
  int number = 0;
  for (const std::string_view line : base::split(named->text, '\n')) {
    ++number;
    const std::string_view content = base::trim_white_space(line);
    if (content.empty() || content.starts_with('#')) continue;
    const std::vector<Field> fields = split_csv(content);
    std::vector<std::string> texts;
    for (const Field& field : fields) texts.emplace_back(base::trim_white_space(field.text));
    if (rows.empty() && texts == names) continue;  // a head line
    if (fields.size() != names.size()) {
      context.problems.error_in(file, {number, 1},
                                fmt::format("expected {} values ({}) with commas between, found {}; put a "
                                            "value that has a comma into double quotes",
                                            names.size(), fmt::join(names, ", "), fields.size()));
      continue;
    }
    const auto indent = static_cast<std::size_t>(content.data() - line.data());
    Row& row = rows.emplace_back();
    for (const Field& field : fields)
      row.push_back(
          split_synonyms(field.text, {file, {number, mark_at(line, indent + field.offset).column}, {}}));
  }
  if (rows.empty() && context.problems.count() == 0)
    context.problems.error_in(file, {1, 1}, "no rows; write one per line, with commas between its values");
  return rows;
}

/// The catalogue of one column, and where each row's value stands in it.
std::vector<Value> collect_column(const std::vector<Row>& rows, std::size_t column,
                                  const ReadContext& context, Table& table) {
  std::unordered_map<std::string, std::size_t> numbers;  // of values, by canonical text
  std::vector<Entry> values;
  for (const Row& row : rows) {
    if (row[column].empty()) continue;
    const auto [number, fresh] = numbers.try_emplace(row[column][0].text, values.size());
    if (fresh) values.emplace_back();
    Entry& known = values[number->second];
    for (const Surface& one : row[column])
      if (std::none_of(known.begin(), known.end(), [&](const Surface& k) { return k.text == one.text; }))
        known.push_back(one);
  }
  ValueList list(context, nullptr);
  std::vector<Table::Entry> entries;
  for (const Entry& value : values) {
    const auto first = static_cast<std::uint32_t>(list.size());
    for (const Surface& one : value) list.add(one.text, value[0].text, one.place);
    entries.push_back({first, static_cast<std::uint32_t>(list.size()) - first});
  }
  const std::size_t columns = table.types.size();
  for (std::size_t row = 0; row < rows.size(); ++row)
    if (!rows[row][column].empty())
      table.entries[row * columns + column] = entries[numbers.at(rows[row][column][0].text)];
  return list.take();
}

void warn_of_repeated_rows(const std::vector<Row>& rows, const ReadContext& context) {
  std::set<std::vector<std::string>> seen;
  for (const Row& row : rows) {
    std::vector<std::string> texts;
    for (const Entry& entry : row) texts.push_back(entry.empty() ? "" : entry[0].text);
    if (row[0].empty() || seen.insert(texts).second) continue;
    const ValueList::Place& place = row[0][0].place;
    context.problems.warn_in(place.file, place.mark,
                             fmt::format("the row {} is repeated", fmt::join(texts, ", ")));
  }
}

/// The names of the columns, each a type of its own; empty after a problem.
std::vector<std::string> read_types(Fields& fields, const ReadContext& context, const SlotTypesRead& types) {
  Problems& problems = context.problems;
  std::vector<std::string> names;
  const YamlNode* node =
      fields.require("types", "name the slot types of its columns, such as [city, country]");
  const std::string where = fields.name("types");
  const auto* items = node ? read_list(*node, where, "[city, country]", problems) : nullptr;
  if (!items) return names;
  const std::size_t before = problems.count();
  for (const YamlNode* item : *items) {
    const std::string name = item->kind == YamlNode::Kind::scalar ? item->text : std::string();
    if (!is_name(name))
      problems.error(item->mark, fmt::format("{}: {} is no name; use letters, digits and _, at most 64",
                                             where, in_quotes(name)));
    else if (types.find(name) || std::find(names.begin(), names.end(), name) != names.end())
      problems.error(item->mark,
                     fmt::format("{}: there is a slot type {} already; a table declares its types, so choose "
                                 "another name, or remove the other one",
                                 where, name));
    names.push_back(name);
  }
  if (names.size() < 2)
    problems.error(node->mark,
                   fmt::format("{}: a table links two types or more; write values of one type under "
                               "slot_types:",
                               where));
  if (problems.count() > before) names.clear();
  return names;
}

}  // namespace

std::vector<Table> read_tables(const YamlNode* node, const ReadContext& context, SlotTypesRead& types) {
  std::vector<Table> tables;
  Problems& problems = context.problems;
  constexpr std::string_view kExample = "{types: [city, country], rows: [[Paris, France]]}";
  const auto* items = node ? read_list(*node, "tables", fmt::format("[{}]", kExample), problems) : nullptr;
  for (std::size_t i = 0; items && i < items->size(); ++i) {
    const YamlNode& item = *(*items)[i];
    Fields fields(&item, fmt::format("tables[{}]", i), kExample, problems);
    if (!fields.usable()) continue;
    const std::size_t before = problems.count();
    const std::vector<std::string> names = read_types(fields, context, types);
    const YamlNode* in_job = fields.find("rows");
    const YamlNode* in_file = fields.find("file");
    if ((in_job == nullptr) == (in_file == nullptr))
      problems.error(fields.mark(), fmt::format("{}: give it rows: or a file:{}", fields.where(),
                                                in_job ? ", not both" : ""));
    fields.finish();
    std::vector<Row> rows;
    if (!names.empty() && in_job)
      rows = read_rows(*in_job, fields.name("rows"), names.size(), context);
    else if (!names.empty() && in_file)
      rows = read_file(*in_file, fields.name("file"), names, context);
    Table table;
    for (std::size_t column = 0; column < names.size(); ++column)
      table.types.push_back(types.types.size() + column);
    table.entries.resize(rows.size() * names.size());
    for (std::size_t column = 0; column < names.size(); ++column) {
      auto values = collect_column(rows, column, context, table);
      types.add(SlotType::of_values(names[column], SlotType::Form::values, std::move(values), false,
                                    context.chinese()),
                item.mark, true);
    }
    const bool usable = problems.count() == before;
    for (const std::size_t type : table.types) types.usable[type] = usable;
    if (!usable) continue;
    warn_of_repeated_rows(rows, context);
    tables.push_back(std::move(table));
  }
  return tables;
}

}  // namespace prompts
