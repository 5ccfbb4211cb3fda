#include "prompts/job_fields.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/unicode.h"

namespace prompts {
namespace {

// 0, -7, 12: as JSON writes it, so that no other reading of the digits exists.
bool is_leading_zero(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  return text.size() > 1 && text[0] == '0' && text[1] >= '0' && text[1] <= '9';
}

template <class T>
std::optional<T> parse(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || is_leading_zero(text)) return std::nullopt;
  return value;
}

std::optional<double> parse_double(std::string_view text) {
  const auto value = parse<double>(text);
  return value && std::isfinite(*value) ? value : std::nullopt;
}

bool contains(const std::vector<std::string>& list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

bool is_scalar(const YamlNode& node) { return node.kind == YamlNode::Kind::scalar; }

}  // namespace

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

std::string describe(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::nothing:
      return "nothing";
    case YamlNode::Kind::scalar:
      return in_quotes(node.text);
    case YamlNode::Kind::list:
      return "a list";
    case YamlNode::Kind::map:
      return "a map";
  }
  return {};
}

void wrong_type(const YamlNode& node, std::string_view where, std::string_view expected, Problems& problems) {
  problems.error(node.mark, fmt::format("{}: expected {}, found {}", where, expected, describe(node)));
}

std::optional<std::string> read_paragraph(const YamlNode& node, std::string_view where, Problems& problems) {
  const std::string_view text = base::trim(node.text);
  if (!is_scalar(node) || text.empty()) {
    wrong_type(node, where, "text", problems);
    return std::nullopt;
  }
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = base::next_code_point(text, at);
    if (c == '\n' || !base::is_control(c)) continue;
    problems.error(node.mark, fmt::format("{}: control character U+{:04X} in the text; remove it", where,
                                          static_cast<unsigned>(c)));
    return std::nullopt;
  }
  return std::string(text);
}

std::optional<std::string> read_text(const YamlNode& node, std::string_view where, Problems& problems) {
  auto text = read_paragraph(node, where, problems);
  if (!text || text->find('\n') == std::string::npos) return text;
  problems.error(node.mark, fmt::format("{}: several lines of text; write it in one", where));
  return std::nullopt;
}

std::optional<std::int64_t> read_integer(const YamlNode& node, std::string_view where, std::int64_t low,
                                         std::int64_t high, Problems& problems) {
  const auto value = is_scalar(node) ? parse<std::int64_t>(node.text) : std::nullopt;
  if (value && *value >= low && *value <= high) return value;
  wrong_type(node, where, fmt::format("a whole number from {} to {}", low, high), problems);
  return std::nullopt;
}

std::optional<double> read_number(const YamlNode& node, std::string_view where, double low, double high,
                                  Problems& problems) {
  const auto value = is_scalar(node) ? parse_double(node.text) : std::nullopt;
  if (value && *value >= low && *value <= high) return value;
  wrong_type(node, where, fmt::format("a number from {} to {}", low, high), problems);
  return std::nullopt;
}

std::optional<double> read_seconds(const YamlNode& node, std::string_view where, double low, double high,
                                   Problems& problems) {
  std::string_view digits = is_scalar(node) ? std::string_view(node.text) : std::string_view();
  double unit = 1;
  if (!digits.empty()) {
    const char last = digits.back();
    unit = last == 'm' ? 60 : last == 'h' ? 3600 : 1;
    if (last == 's' || last == 'm' || last == 'h') digits.remove_suffix(1);
  }
  const auto value = parse_double(digits);
  if (value && *value * unit >= low && *value * unit <= high) return *value * unit;
  wrong_type(node, where,
             fmt::format("a duration such as 90s, 2m or 2h, from {:.0f} to {:.0f} seconds", low, high),
             problems);
  return std::nullopt;
}

std::optional<std::size_t> read_choice(const YamlNode& node, std::string_view where,
                                       const std::vector<std::string>& choices, Problems& problems) {
  const auto found = std::find(choices.begin(), choices.end(), node.text);
  if (is_scalar(node) && found != choices.end()) return static_cast<std::size_t>(found - choices.begin());
  wrong_type(node, where, fmt::format("{}", fmt::join(choices, " or ")), problems);
  return std::nullopt;
}

const std::vector<const YamlNode*>* read_list(const YamlNode& node, std::string_view where,
                                              std::string_view example, Problems& problems) {
  if (node.kind == YamlNode::Kind::list) return &node.items;
  wrong_type(node, where, fmt::format("a list such as {}", example), problems);
  return nullptr;
}

std::shared_ptr<const re2::RE2> read_pattern(const YamlNode& node, std::string_view where,
                                             Problems& problems) {
  if (!is_scalar(node) || node.text.empty()) {
    wrong_type(node, where, "a regular expression", problems);
    return nullptr;
  }
  re2::RE2::Options options;
  options.set_log_errors(false);
  auto pattern = std::make_shared<const re2::RE2>(node.text, options);
  if (pattern->ok()) return pattern;
  problems.error(node.mark, fmt::format("{}: {}; write it in RE2's syntax", where, pattern->error()));
  return nullptr;
}

base::Result<std::string> read_input(const base::Path& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  // Pipes and devices may never end.
  if (status.type() != std::filesystem::file_type::not_found && std::filesystem::exists(status) &&
      !std::filesystem::is_regular_file(status) && !std::filesystem::is_directory(status))
    return base::bad_input(fmt::format("cannot read {}: it is not a regular file", path.string()));
  const auto too_large = [&] {
    return base::bad_input(
        fmt::format("cannot read {}: it is larger than {} MiB", path.string(), kMaxFileSize >> 20));
  };
  if (std::filesystem::is_regular_file(status) && std::filesystem::file_size(path, error) > kMaxFileSize &&
      !error)
    return too_large();
  auto text = base::read_file(path);
  if (!text) return base::bad_input(text.error().message);
  if (text->size() > kMaxFileSize) return too_large();
  return text;
}

std::optional<base::Path> read_file_name(const YamlNode& node, std::string_view where,
                                         const ReadContext& context) {
  const auto name = read_text(node, where, context.problems);
  if (!name) return std::nullopt;
  const base::Path path = context.directory / *name;
  std::error_code error;
  if (std::filesystem::is_regular_file(path, error)) return path;
  context.problems.error(
      node.mark, fmt::format("{}: {} {}; paths are relative to the job file", where, path.string(),
                             std::filesystem::exists(path, error) ? "is not a file" : "does not exist"));
  return std::nullopt;
}

base::Path absolute_path(const base::Path& path) {
  std::error_code error;  // the current directory may be gone
  const base::Path absolute = std::filesystem::absolute(path, error);
  return (error ? path : absolute).lexically_normal();
}

std::optional<NamedFile> read_named_file(const YamlNode& node, std::string_view where,
                                         const ReadContext& context) {
  const auto path = read_file_name(node, where, context);
  if (!path) return std::nullopt;
  auto text = read_input(*path);
  if (!text) {
    context.problems.error(node.mark, fmt::format("{}: {}", where, text.error().message));
    return std::nullopt;
  }
  if (text->starts_with("\xEF\xBB\xBF")) text->erase(0, 3);
  return NamedFile{*path, *std::move(text)};
}

Fields::Fields(const YamlNode* node, std::string where, std::string_view example, Problems& problems)
    : where_(std::move(where)), problems_(problems) {
  if (!node) return;
  mark_ = node->mark;
  if (node->kind == YamlNode::Kind::map)
    node_ = node;
  else
    wrong_type(*node, where_, fmt::format("a map such as {}", example), problems);
}

std::string Fields::name(std::string_view key) const {
  return where_.empty() ? std::string(key) : fmt::format("{}.{}", where_, key);
}

const std::pair<const YamlNode*, const YamlNode*>* Fields::member(std::string_view key) const {
  if (!node_) return nullptr;
  const auto found = std::find_if(node_->members.begin(), node_->members.end(),
                                  [&](const auto& candidate) { return candidate.first->text == key; });
  return found == node_->members.end() ? nullptr : &*found;
}

const YamlNode* Fields::find(std::string_view key) {
  if (!contains(known_, key)) known_.emplace_back(key);
  const auto* found = member(key);
  return found ? found->second : nullptr;
}

Mark Fields::key_mark(std::string_view key) const {
  const auto* found = member(key);
  return found ? found->first->mark : mark_;
}

const YamlNode* Fields::require(std::string_view key, std::string_view advice) {
  const YamlNode* node = find(key);
  if (!node && node_) problems_.error(mark_, fmt::format("{}: missing; {}", name(key), advice));
  return node;
}

void Fields::text(std::string_view key, std::string& out) {
  if (const YamlNode* node = find(key))
    if (auto value = read_text(*node, name(key), problems_)) out = std::move(*value);
}

void Fields::integer(std::string_view key, std::int64_t low, std::int64_t high, std::int64_t& out) {
  if (const YamlNode* node = find(key))
    out = read_integer(*node, name(key), low, high, problems_).value_or(out);
}

void Fields::number(std::string_view key, double low, double high, double& out) {
  if (const YamlNode* node = find(key))
    out = read_number(*node, name(key), low, high, problems_).value_or(out);
}

void Fields::boolean(std::string_view key, bool& out) {
  if (const auto index = choice(key, {"true", "false"})) out = *index == 0;
}

void Fields::seconds(std::string_view key, double low, double high, double& out) {
  if (const YamlNode* node = find(key))
    out = read_seconds(*node, name(key), low, high, problems_).value_or(out);
}

std::optional<std::size_t> Fields::choice(std::string_view key, const std::vector<std::string>& choices) {
  const YamlNode* node = find(key);
  return node ? read_choice(*node, name(key), choices, problems_) : std::nullopt;
}

void Fields::not_yet_built(std::string_view key, std::string_view instead) {
  if (member(key)) problems_.error(key_mark(key), fmt::format("{}: not yet built; {}", name(key), instead));
  refused_.emplace_back(key);
}

void Fields::only_with(std::initializer_list<std::string_view> keys, std::string_view where) {
  for (const std::string_view key : keys) {
    if (member(key)) problems_.error(key_mark(key), fmt::format("{}: only {}; remove it", name(key), where));
    refused_.emplace_back(key);
  }
}

void Fields::finish() {
  if (!node_) return;
  std::vector<std::string> all = known_;
  all.insert(all.end(), refused_.begin(), refused_.end());
  for (const auto& [key, value] : node_->members) {
    if (contains(all, key->text)) continue;
    std::string advice = did_you_mean(key->text, all);
    if (advice.empty()) advice = fmt::format("; the keys here are {}", fmt::join(known_, ", "));
    problems_.error(key->mark,
                    fmt::format("{}: unknown key{}",
                                name(is_name(key->text) ? key->text : in_quotes(key->text)), advice));
  }
}

}  // namespace prompts
