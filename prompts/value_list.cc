#include "prompts/value_list.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>

#include "base/unicode.h"

namespace prompts {
namespace {

// What is wrong with a surface by itself; empty if nothing is.
std::string fault(std::string_view text, std::string_view normalised) {
  if (text.empty()) return "an empty value; remove it";
  std::size_t length = 0;
  for (std::size_t at = 0; at < text.size(); ++length) {
    const char32_t c = base::next_code_point(text, at);
    if (base::is_control(c))
      return fmt::format("{} contains the control character U+{:04X}; remove it", in_quotes(text),
                         static_cast<unsigned>(c));
  }
  if (length > ValueList::kMaxLength)
    return fmt::format("{} is longer than {} characters; shorten it", in_quotes(text), ValueList::kMaxLength);
  if (normalised.empty()) return fmt::format("{} has no letter and no digit; remove it", in_quotes(text));
  return {};
}

using Surfaces = std::vector<std::pair<std::string_view, ValueList::Place>>;

}  // namespace

void ValueList::error(const Place& place, const std::string& message) {
  context_.problems.error_in(place.file, place.mark,
                             place.where.empty() ? message : fmt::format("{}: {}", place.where, message));
}

bool ValueList::add(std::string_view raw, std::string_view raw_canonical, const Place& place) {
  const std::string_view text = base::trim_white_space(raw);
  const std::string_view canonical = base::trim_white_space(raw_canonical);
  std::string normalised = base::normalise(text, context_.chinese());
  if (const std::string message = fault(text, normalised); !message.empty()) {
    error(place, message);
    return false;
  }
  if (pattern_ && !re2::RE2::FullMatch(re2::StringPiece(text.data(), text.size()), *pattern_)) {
    error(place, fmt::format("{} does not match the pattern {}; the whole value must", in_quotes(text),
                             in_quotes(pattern_->pattern())));
    return false;
  }
  const auto [meaning, is_new] = meanings_.try_emplace(
      std::move(normalised), Meaning{std::string(canonical), std::string(text), place.mark.line});
  const Meaning& first = meaning->second;
  if (!is_new && first.canonical != canonical) {
    error(place, fmt::format("{} means {} here and {} on line {}{}; a value has one meaning", in_quotes(text),
                             in_quotes(canonical), in_quotes(first.canonical), first.line,
                             first.text == text ? "" : fmt::format(", as {}", in_quotes(first.text))));
    return false;
  }
  if (const auto [line, fresh] = lines_.try_emplace(std::string(text), place.mark.line); !fresh) {
    const std::string message =
        fmt::format("{} is repeated, first on line {}", in_quotes(text), line->second);
    context_.problems.warn_in(place.file, place.mark,
                              place.where.empty() ? message : fmt::format("{}: {}", place.where, message));
    return true;
  }
  if (values_.size() == kMaxValues) {
    if (!full_) error(place, fmt::format("more than {} values; keep those that people say", kMaxValues));
    full_ = true;
    return false;
  }
  values_.push_back({std::string(text), std::string(canonical)});
  return true;
}

void read_values(const YamlNode& node, std::string_view where, const ReadContext& context, ValueList& list) {
  const auto* items = read_list(node, where, "[red, {blue: [navy, azure]}]", context.problems);
  if (!items) return;
  if (items->empty()) wrong_type(node, where, "at least one value", context.problems);
  for (std::size_t i = 0; i < items->size(); ++i) {
    const YamlNode& item = *(*items)[i];
    const std::string name = fmt::format("{}[{}]", where, i);
    if (item.kind == YamlNode::Kind::scalar) {
      list.add(item.text, item.text, {{}, item.mark, name});
      continue;
    }
    if (item.kind != YamlNode::Kind::map || item.members.size() != 1) {
      wrong_type(item, name, "a value, or one value with its synonyms such as {blue: [navy, azure]}",
                 context.problems);
      continue;
    }
    const auto& [canonical, synonyms] = item.members.front();
    Surfaces surfaces{{canonical->text, {{}, canonical->mark, name}}};
    if (synonyms->kind == YamlNode::Kind::scalar) {
      surfaces.push_back({synonyms->text, {{}, synonyms->mark, name}});
    } else if (synonyms->kind == YamlNode::Kind::list) {
      for (const YamlNode* synonym : synonyms->items) {
        if (synonym->kind == YamlNode::Kind::scalar)
          surfaces.push_back({synonym->text, {{}, synonym->mark, name}});
        else
          wrong_type(*synonym, name, "a synonym", context.problems);
      }
    } else {
      wrong_type(*synonyms, name, "a list of synonyms", context.problems);
    }
    for (const auto& [text, place] : surfaces) list.add(text, canonical->text, place);
  }
}

void read_values_file(const YamlNode& node, std::string_view where, const ReadContext& context,
                      ValueList& list) {
  if (const auto named = read_named_file(node, where, context)) read_values_text(*named, context, list);
}

void read_values_text(const NamedFile& named, const ReadContext& context, ValueList& list) {
  const std::string file = named.path.string();
  if (!check_encoding(named.text, file, context.problems)) return;
  int number = 0;
  bool any = false;
  for (const std::string_view line : base::split(named.text, '\n')) {
    ++number;
    const std::string_view content = base::trim_white_space(line);
    if (content.empty() || content.starts_with('#')) continue;
    any = true;
    const auto place = [&](std::string_view part) {
      const auto offset = static_cast<std::size_t>(part.data() - line.data());
      return ValueList::Place{file, {number, mark_at(line, offset).column}, {}};
    };
    const auto equals = content.find('=');
    const std::string_view canonical = base::trim_white_space(content.substr(0, equals));
    Surfaces surfaces;
    const auto add = [&](std::string_view part) { surfaces.push_back({part, place(part)}); };
    add(canonical);
    if (equals != std::string_view::npos)
      for (const std::string_view synonym : base::split(content.substr(equals + 1), '|'))
        add(base::trim_white_space(synonym));
    if (equals == std::string_view::npos && content.find('|') != std::string_view::npos) {
      context.problems.error_in(file, place(content).mark,
                                "synonyms without their value; write `value = synonym | synonym`");
      continue;
    }
    if (content.find("＝") != std::string_view::npos || content.find("｜") != std::string_view::npos)
      context.problems.warn_in(
          file, place(content).mark,
          "full-width ＝ and ｜ are part of the value; write = and | to separate synonyms");
    for (const auto& [surface, where_it_is] : surfaces) list.add(surface, canonical, where_it_is);
  }
  if (!any) context.problems.error_in(file, {1, 1}, "no values; write one per line");
}

}  // namespace prompts
