#include "prompts/job_reader.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/text.h"
#include "prompts/guard_reader.h"
#include "prompts/intent_reader.h"
#include "prompts/judge_reader.h"
#include "prompts/table_reader.h"

namespace prompts {
namespace {

constexpr std::int64_t kMaxQuota = 1'000'000'000;
constexpr std::int64_t kMaxLength = 10'000;  // code points of an utterance
constexpr double kLeastNear = 0.5;           // below, rows are near that have little in common
constexpr double kYear = 366.0 * 24 * 3600;

void read_head(Fields& top, ReadContext& context, Job& job) {
  Problems& problems = context.problems;
  if (const YamlNode* node = top.require("slotmill", "write slotmill: 1, the version of this format"))
    if (node->kind != YamlNode::Kind::scalar || node->text != "1")
      wrong_type(*node, "slotmill", "1, the version of this format", problems);
  if (const YamlNode* node = top.require("name", "name the job; it names the run directory")) {
    job.name = read_text(*node, "name", problems).value_or("");
    if (!job.name.empty() && !re2::RE2::FullMatch(job.name, "[a-z0-9][a-z0-9-]{0,63}"))
      problems.error(node->mark,
                     fmt::format("name: {} can't name a directory everywhere; use a-z, 0-9 and -, "
                                 "at most 64",
                                 in_quotes(job.name)));
  }
  if (const YamlNode* node = top.require("language", "write zh-Hans or en"))
    if (const auto index = read_choice(*node, "language", {"zh-Hans", "en"}, problems))
      context.language = job.language = *index == 0 ? "zh-Hans" : "en";
  if (const YamlNode* node = top.find("seed")) {
    const std::string& text = node->text;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), job.seed);
    if (node->kind != YamlNode::Kind::scalar || error != std::errc() || end != text.data() + text.size() ||
        (text.size() > 1 && text[0] == '0'))
      wrong_type(*node, "seed", fmt::format("a whole number from 0 to {}", UINT64_MAX), problems);
  }
  top.integer("per_request", 1, 100, job.per_request);
}

void read_rows(Fields& top, Problems& problems, JobRead& read) {
  const std::size_t before = problems.count();
  const YamlNode* node = top.require("rows", "say how many to make, such as rows: {per_intent: 200}");
  Fields rows(node, "rows", "{per_intent: 200}", problems);
  Rows& quotas = read.job.rows;
  rows.integer("per_intent", 0, kMaxQuota, quotas.per_intent);
  rows.integer("out_of_scope_near", 0, kMaxQuota, quotas.out_of_scope_near);
  rows.integer("out_of_scope_far", 0, kMaxQuota, quotas.out_of_scope_far);
  rows.integer("multi_intent", 0, kMaxQuota, quotas.multi_intent);
  read.out_of_scope = rows.key_mark(quotas.out_of_scope_near > 0 ? "out_of_scope_near" : "out_of_scope_far");
  read.multi_intent = rows.key_mark("multi_intent");
  rows.finish();
  if (node && problems.count() == before) read.rows = rows.mark();
}

void read_style(Fields& top, Problems& problems, Job& job) {
  const YamlNode* node = top.find("style");
  const Fields style(node, "style", "{register: [casual, polite]}", problems);
  if (!style.usable()) return;
  for (const auto& [key, value] : node->members) {
    StyleAxis axis{key->text, {}};
    const std::string where = style.name(key->text);
    if (!is_name(axis.name))
      problems.error(key->mark, fmt::format("style: {} is no name; use letters, digits and _, at most 64",
                                            in_quotes(axis.name)));
    const auto* items = read_list(*value, where, "[casual, polite]", problems);
    if (!items) continue;
    if (items->empty()) wrong_type(*value, where, "at least one style", problems);
    for (const YamlNode* item : *items) {
      const auto text = read_text(*item, where, problems);
      if (!text) continue;
      if (std::find(axis.values.begin(), axis.values.end(), *text) != axis.values.end())
        problems.error(item->mark, fmt::format("{}: {} is there twice; remove one", where, in_quotes(*text)));
      axis.values.push_back(*text);
    }
    job.style.push_back(std::move(axis));
  }
}

void read_budget(Fields& top, Problems& problems, JobRead& read) {
  Fields budget(top.find("budget"), "budget", "{candidates_per_row: 8}", problems);
  Budget& out = read.job.budget;
  if (const YamlNode* node = budget.find("cost")) {
    read.cost = node->mark;
    std::string amount;
    if (node->kind == YamlNode::Kind::scalar &&
        re2::RE2::FullMatch(node->text, R"(\s*([0-9.]+)\s+([A-Z]{3})\s*)", &amount, &out.currency)) {
      const auto [end, error] = std::from_chars(amount.data(), amount.data() + amount.size(), out.cost);
      if (error != std::errc() || end != amount.data() + amount.size()) out.cost = 0;
    }
    if (!(out.cost > 0 && std::isfinite(out.cost)))
      wrong_type(*node, "budget.cost", "an amount above 0 with its currency such as 20 CNY", problems);
  }
  budget.number("candidates_per_row", 1, 1000, out.candidates_per_row);
  budget.seconds("wall", 1, kYear, out.wall_seconds);
  budget.finish();
}

void read_duplicates(Fields& top, Problems& problems, Job& job) {
  Fields duplicates(top.find("duplicates"), "duplicates", "{near: 0.8, per_template: 3}", problems);
  if (const YamlNode* node = duplicates.find("per_template")) {
    if (node->text == "off")
      job.per_template = 0;
    else if (!re2::RE2::FullMatch(node->text, "([1-9][0-9]{0,8})", &job.per_template))
      wrong_type(*node, "duplicates.per_template", "off or a whole number from 1", problems);
  }
  if (const YamlNode* node = duplicates.find("near"); node != nullptr && node->text != "off")
    duplicates.number("near", kLeastNear, 1, job.near);
  duplicates.finish();
}

std::vector<std::string> read_patterns(Fields& fields, std::string_view key, bool forbid,
                                       Problems& problems) {
  std::vector<std::string> out;
  const YamlNode* node = fields.find(key);
  const std::string where = fields.name(key);
  const auto* items = node ? read_list(*node, where, "['[0-9]+']", problems) : nullptr;
  if (!items) return out;
  for (std::size_t i = 0; i < items->size(); ++i) {
    const YamlNode& item = *(*items)[i];
    const std::string name = fmt::format("{}[{}]", where, i);
    const auto pattern = read_pattern(item, name, problems);
    if (!pattern) continue;
    // A forgotten alternative, (a|b|), or a* in place of a+.
    if (forbid && re2::RE2::PartialMatch("", *pattern) && re2::RE2::PartialMatch("\n", *pattern) &&
        re2::RE2::PartialMatch("一a1", *pattern))
      problems.error(item.mark,
                     fmt::format("{}: {} matches every text, so it forbids all rows; make it match "
                                 "something",
                                 name, in_quotes(item.text)));
    out.push_back(item.text);
  }
  return out;
}

/// Words of letters and digits, a sign within them at most.
std::vector<std::string> read_foreign_words(Fields& fields, Problems& problems) {
  std::vector<std::string> out;
  const YamlNode* node = fields.find("foreign_words");
  const std::string where = fields.name("foreign_words");
  const auto* items = node ? read_list(*node, where, "[WiFi, PPT]", problems) : nullptr;
  if (!items) return out;
  for (std::size_t i = 0; i < items->size(); ++i) {
    const YamlNode& item = *(*items)[i];
    if (item.kind == YamlNode::Kind::scalar && !item.text.empty() && base::is_valid_utf8(item.text)) {
      out.push_back(item.text);
    } else {
      wrong_type(item, fmt::format("{}[{}]", where, i), "a word such as WiFi", problems);
    }
  }
  return out;
}

void read_check(Fields& top, Problems& problems, Job& job) {
  Fields check(top.find("check"), "check", "{length: 2-40}", problems);
  job.check.require = read_patterns(check, "require", false, problems);
  job.check.forbid = read_patterns(check, "forbid", true, problems);
  if (const YamlNode* node = check.find("length")) {
    std::int64_t low = 0;
    std::int64_t high = 0;
    if (node->kind == YamlNode::Kind::scalar &&
        re2::RE2::FullMatch(node->text, R"(([0-9]+)-([0-9]+))", &low, &high) && low >= 1 && low <= high &&
        high <= kMaxLength) {
      job.check.min_length = low;
      job.check.max_length = high;
      job.check.length_given = true;
    } else {
      wrong_type(*node, "check.length",
                 fmt::format("a range of characters such as 2-40, from 1 to {}", kMaxLength), problems);
    }
  }
  job.check.foreign_words = read_foreign_words(check, problems);
  check.finish();
}

void read_split(Fields& output, Problems& problems, Output& out) {
  const YamlNode* node = output.find("split");
  if (!node) return;
  Fields split(node, output.name("split"), "{train: 0.8, dev: 0.1, test: 0.1}", problems);
  const std::size_t before = problems.count();
  out.train = out.dev = out.test = 0;
  split.number("train", 0, 1, out.train);
  split.number("dev", 0, 1, out.dev);
  split.number("test", 0, 1, out.test);
  split.finish();
  const double sum = out.train + out.dev + out.test;
  if (problems.count() == before && std::abs(sum - 1) > 1e-6)
    problems.error(node->mark, fmt::format("{}: the shares add up to {:g}; make it 1", split.where(), sum));
}

std::optional<OutputFormat> read_format(const YamlNode& node, const std::string& where,
                                        const ReadContext& context) {
  Problems& problems = context.problems;
  OutputFormat out;
  Fields fields(&node, where, "{as: swift, shape: messages}", problems);
  const YamlNode* as = fields.require("as", "write swift or rows");
  if (!as) return std::nullopt;
  if (as->kind == YamlNode::Kind::scalar && as->text == "rasa") {
    problems.error(as->mark,
                   fmt::format("{}: rasa is not yet built; use swift or rows for now", fields.name("as")));
    return std::nullopt;
  }
  const auto index = read_choice(*as, fields.name("as"), {"swift", "rows"}, problems);
  if (!index) return std::nullopt;
  if (*index == 1) {
    out.as = OutputFormat::As::rows;
    fields.only_with({"shape", "system", "answer", "values"}, "with as: swift");
  } else {
    if (fields.choice("shape", {"messages", "agent"}) == 1u) out.as = OutputFormat::As::swift_agent;
    if (out.as == OutputFormat::As::swift_agent)
      fields.only_with({"answer"}, "with shape: messages");
    else
      (void)fields.choice("answer", {"json"});
    if (fields.choice("values", {"canonical", "surface"}) == 1u) out.canonical_values = false;
    if (const YamlNode* system = fields.find("system")) {
      const auto file = read_named_file(*system, fields.name("system"), context);
      if (file && check_encoding(file->text, file->path.string(), problems))
        out.system = base::trim(file->text);
      if (file && base::trim(file->text).empty())
        problems.error(system->mark,
                       fmt::format("{}: {} is empty; write the system message into it, or leave system: "
                                   "out",
                                   fields.name("system"), file->path.string()));
    }
  }
  fields.finish();
  return out;
}

void read_output(Fields& top, ReadContext& context, JobRead& read) {
  Fields fields(top.find("output"), "output", "{dir: out}", context.problems);
  Output& out = read.job.output;
  std::string directory = "out";
  fields.text("dir", directory);
  const base::Path path = context.directory / directory;
  if (!read.job.name.empty()) context.run_directory = path / read.job.name;
  out.directory = absolute_path(path);
  std::error_code error;
  if (std::filesystem::exists(path, error) && !std::filesystem::is_directory(path, error))
    context.problems.error(fields.key_mark("dir"),
                           fmt::format("output.dir: {} is not a directory; choose another", path.string()));
  read_split(fields, context.problems, out);
  if (const YamlNode* node = fields.find("formats")) {
    const std::string where = fields.name("formats");
    const auto* items = read_list(*node, where, "[{as: swift}]", context.problems);
    for (std::size_t i = 0; items && i < items->size(); ++i) {
      const std::string name = fmt::format("{}[{}]", where, i);
      const auto format = read_format(*(*items)[i], name, context);
      if (!format) continue;
      if (std::any_of(out.formats.begin(), out.formats.end(),
                      [&](const OutputFormat& other) { return other.as == format->as; }))
        context.problems.error((*items)[i]->mark,
                               fmt::format("{}: the same files as a format above; keep one of them", name));
      out.formats.push_back(*format);
    }
  } else {
    out.formats.emplace_back();
  }
  fields.finish();
}

void read_templates(Fields& top, const ReadContext& context, Job& job) {
  Fields templates(top.find("templates"), "templates", "{tail: tail.mustache}", context.problems);
  const auto file = [&](std::string_view key, base::Path& out) {
    if (const YamlNode* node = templates.find(key))
      if (const auto path = read_file_name(*node, templates.name(key), context)) out = absolute_path(*path);
  };
  file("prefix", job.prefix_template);
  file("tail", job.tail_template);
  templates.finish();
}

}  // namespace

JobRead read_job(const YamlNode& root, ReadContext& context) {
  JobRead read;
  Problems& problems = context.problems;
  Fields top(&root, {}, {}, problems);
  read_head(top, context, read.job);
  read_output(top, context, read);  // before the slot types, whose frozen values lie there
  read.slot_types = read_slot_types(top.find("slot_types"), context);
  read.job.tables = read_tables(top.find("tables"), context, read.slot_types);
  std::vector<std::string> lanes;
  if (const YamlNode* node = top.require("intents", "describe what the assistant can do")) {
    read.intents = node->mark;
    read.job.intents = read_intents(*node, context, read.slot_types);
    for (const Intent& intent : read.job.intents) lanes.push_back(intent.name);
  }
  lanes.insert(lanes.end(), {"intents", "out_of_scope", "multi_intent", "catalogues"});
  read_rows(top, problems, read);
  read_style(top, problems, read.job);
  if (const YamlNode* node =
          top.require("models", "say who answers, such as models: [{id: tiny, file: shipped}]")) {
    ModelsRead models = read_models(*node, context, lanes, read.job.per_request);
    read.job.models = std::move(models.models);
    read.prices = std::move(models.prices);
  }
  read_budget(top, problems, read);
  read_duplicates(top, problems, read.job);
  const std::size_t before = problems.count();
  read.job.judge = read_judge(top, read.job.models, problems);
  // Who is misspelt there isn't one that nobody names.
  if (problems.count() == before) check_shares(read.job.models, read.job.judge.models, problems);
  read_check(top, problems, read.job);
  read.job.guard = read_guard(top, context);
  read_templates(top, context, read.job);
  for (const std::string_view key : {"identity", "real_rows"}) top.not_yet_built(key, "leave it out for now");
  top.not_yet_built("languages", "write language: and one job per language for now");
  top.finish();
  return read;
}

}  // namespace prompts
