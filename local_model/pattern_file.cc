#include "local_model/pattern_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "base/text.h"
#include "base/unicode.h"

namespace local_model {
namespace {

using Kind = PatternNode::Kind;

constexpr std::size_t kMaxProblems = 100;
constexpr std::uint32_t kMaxWeight = 1000;
constexpr std::u32string_view kStructure = U"[]{}|\\";  // what no name contains
constexpr std::u32string_view kEscapable = U"%~@&{}|?[]*\\#/";

// Tabs and the full-width space of Chinese input methods count as space everywhere.
bool is_space(char32_t c) { return c == U'\t' || (base::is_white_space(c) && !base::is_control(c)); }

bool is_name(std::u32string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char32_t c) {
    return c == U'_' || c == U'-' || c == U'.' || base::is_alphanumeric(c);
  });
}

bool is_weight(std::u32string_view text, std::uint32_t& weight) {
  if (text.empty() || text.size() > 4) return false;
  weight = 0;
  for (const char32_t c : text) {
    if (c < U'0' || c > U'9') return false;
    weight = weight * 10 + static_cast<std::uint32_t>(c - U'0');
  }
  return weight >= 1 && weight <= kMaxWeight;
}

class Parser {
 public:
  explicit Parser(PatternProblems& problems) : problems_(problems) {}

  PatternFile parse(std::string_view bytes) {
    if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
    std::uint32_t number = 0;
    for (const std::string_view line : base::split(bytes, '\n')) read_line(line, ++number);
    end_definition();
    return std::move(file_);
  }

 private:
  void problem(std::size_t at, std::string message) { problems_.add(here(at), std::move(message)); }
  Position here(std::size_t at) const { return {number_, static_cast<std::uint32_t>(at + 1)}; }
  bool sees(std::size_t at, char32_t c) const { return at < line_.size() && line_[at] == c; }

  std::uint32_t add_node(Kind kind, Position position, std::string text = {}) {
    file_.nodes.push_back({kind, position, std::move(text), {}, {}});
    return static_cast<std::uint32_t>(file_.nodes.size() - 1);
  }

  // --- lines

  void read_line(std::string_view bytes, std::uint32_t number) {
    number_ = number;
    if (bytes.ends_with('\r')) bytes.remove_suffix(1);
    if (!decode(bytes)) {
      ++lines_;  // it can't be read, but it is there
      return;
    }
    std::size_t start = 0;
    while (start < line_.size() && is_space(line_[start])) ++start;
    if (start == line_.size() || line_[start] == U'#') return;
    if (line_[start] == U'/' && sees(start + 1, U'/')) return;
    start == 0 ? read_header() : read_pattern(start);
  }

  // Into line_, without the space at its end.
  bool decode(std::string_view bytes) {
    line_.clear();
    bool good = true;
    for (std::size_t at = 0; at < bytes.size();) {
      const char32_t c = base::next_code_point(bytes, at);
      if (c == base::kInvalidCodePoint) {
        problem(line_.size(), "bytes that are not UTF-8; save the file as UTF-8");
        return false;
      }
      if (good && base::is_control(c) && c != U'\t') {
        problem(line_.size(), fmt::format("control character U+{:04X}", static_cast<std::uint32_t>(c)));
        good = false;
      }
      line_ += c;
    }
    while (!line_.empty() && is_space(line_.back())) line_.pop_back();
    return good;
  }

  void read_header() {
    end_definition();
    in_definition_ = true;  // lines below a header that can't be read belong to it
    keep_ = false;
    const bool entry = line_[0] == U'%';
    if ((!entry && line_[0] != U'~') || !sees(1, U'[')) {
      return problem(0, "neither %[intent] nor ~[alias]; a pattern line is indented");
    }
    const std::size_t close = line_.find(U']');
    if (close == std::u32string::npos) return problem(1, "unclosed bracket");
    if (close + 1 != line_.size()) {
      std::size_t rest = close + 1;
      while (is_space(line_[rest])) ++rest;
      problem(rest, "text behind a header; patterns stand in indented lines below it");
    }
    const std::u32string_view name = std::u32string_view(line_).substr(2, close - 2);
    const std::size_t variant = entry ? name.find(U'#') : std::u32string_view::npos;
    if (!check_name(name.substr(0, variant), 2)) return;
    if (variant != std::u32string_view::npos && name.substr(variant) != U"#clause") {
      return problem(2 + variant, "the only variant of an intent is #clause");
    }
    definition_ = {base::to_utf8(name), here(0), add_node(Kind::choice, here(0))};
    lines_ = 0;
    keep_ = true;
    is_entry_ = entry;
    auto& lines_of = entry ? entry_lines_ : alias_lines_;
    const auto [first, added] = lines_of.emplace(definition_.name, number_);
    duplicate_ = !added;
    if (duplicate_) problem(0, fmt::format("{} is defined twice, first in line {}", shown(), first->second));
  }

  std::string shown() const { return fmt::format("{}[{}]", is_entry_ ? '%' : '~', definition_.name); }

  void end_definition() {
    if (in_definition_ && keep_) {
      if (lines_ == 0) {
        problems_.add(definition_.position, fmt::format("{} has no patterns below it", shown()));
      }
      if (!duplicate_) (is_entry_ ? file_.entries : file_.aliases).push_back(definition_);
    }
    in_definition_ = keep_ = false;
  }

  void read_pattern(std::size_t start) {
    if (!in_definition_) {
      if (!headless_) problem(start, "a pattern before the first %[intent] or ~[alias]");
      headless_ = true;
      return;
    }
    at_ = start;
    aborted_ = false;
    ++lines_;
    std::uint32_t weight = 1;
    if (line_[at_] == U'*' && sees(at_ + 1, U'[')) {
      const std::optional<std::u32string_view> inside = read_brackets();
      if (!inside) return;
      if (!is_weight(*inside, weight)) problem(start, "a weight is a whole number from 1 to 1000");
      while (at_ < line_.size() && is_space(line_[at_])) ++at_;
      if (at_ == line_.size()) return problem(start, "a weight without a pattern");
    }
    const std::uint32_t node = read_sequence(0);
    if (aborted_ || !keep_) return;
    PatternNode& lines = file_.nodes[definition_.node];
    lines.children.push_back(node);
    lines.weights.push_back(weight);
  }

  // --- inside a line

  bool check_name(std::u32string_view name, std::size_t at) {
    if (is_name(name)) return true;
    if (name.empty()) {
      problem(at, "a name is missing");
    } else {
      problem(at, fmt::format("'{}' is not a name: letters, digits, _, - and .", base::to_utf8(name)));
    }
    return false;
  }

  // From a sign and its `[` to behind the `]`; what is between them.
  std::optional<std::u32string_view> read_brackets() {
    const std::size_t open = at_ + 1;
    const std::size_t end = line_.find_first_of(kStructure, open + 1);
    if (end == std::u32string::npos || line_[end] != U']') {
      problem(open, "unclosed bracket");
      aborted_ = true;
      at_ = line_.size();
      return std::nullopt;
    }
    at_ = end + 1;
    return std::u32string_view(line_).substr(open + 1, end - open - 1);
  }

  // Up to the end of the line, or of the alternative when in braces.
  std::uint32_t read_sequence(unsigned depth) {
    const std::uint32_t sequence = add_node(Kind::sequence, here(at_));
    std::string text;
    const auto add = [&](std::uint32_t node) { file_.nodes[sequence].children.push_back(node); };
    const auto flush = [&] {
      if (!text.empty()) add(add_node(Kind::text, here(at_), std::move(text)));
      text.clear();
    };
    while (at_ < line_.size() && !aborted_) {
      const char32_t c = line_[at_];
      if (depth > 0 && (c == U'|' || c == U'}')) break;
      if (c == U'{') {
        flush();
        add(read_alternatives(depth + 1));
      } else if ((c == U'~' || c == U'@' || c == U'&') && sees(at_ + 1, U'[')) {
        flush();
        if (const auto node = read_reference()) add(*node);
      } else if (c == U'\\') {
        read_escape(text);
      } else {
        if (!check_literal()) continue;
        base::append_utf8(is_space(c) ? U' ' : c, text);
        ++at_;
      }
    }
    flush();
    return sequence;
  }

  void read_escape(std::string& text) {
    if (at_ + 1 < line_.size() && kEscapable.find(line_[at_ + 1]) != std::u32string_view::npos) {
      base::append_utf8(line_[at_ + 1], text);
      at_ += 2;
      return;
    }
    problem(at_, "a backslash before nothing that needs one; write \\\\ for the character itself");
    ++at_;
  }

  // Reports a sign that means nothing where it stands, and steps over it and what it seems to enclose.
  bool check_literal() {
    const char32_t c = line_[at_];
    if (c == U'［') {  // ［a：b］ would be read as a slot (prompts/annotation.h)
      problem(at_, "a full-width bracket may be taken for a slot's; write \\[ for a bracket");
      ++at_;
      return false;
    }
    if (c != U'[' && c != U']' && c != U'}' && c != U'|') return true;
    const char32_t before = at_ > 0 ? line_[at_ - 1] : U' ';
    if (c == U'[' && before == U'*') {
      problem(at_ - 1, "a weight stands only at the start of a line");
    } else if (c == U'[' && before == U'%') {
      problem(at_ - 1, "%[…] stands only at the start of a line that is not indented");
    } else if (c == U'[' || c == U']') {
      problem(at_, fmt::format("a bracket that belongs to nothing; write \\{} for the character itself",
                               static_cast<char>(c)));
    } else if (c == U'}') {
      problem(at_, "} without {; write \\} for the character itself");
    } else {
      problem(at_, "| outside {…}; write \\| for the character itself");
    }
    ++at_;
    const std::size_t end = c == U'[' ? line_.find_first_of(kStructure, at_) : std::u32string::npos;
    if (end != std::u32string::npos && line_[end] == U']') at_ = end + 1;
    return false;
  }

  std::uint32_t optional(std::uint32_t part, Position position) {
    const std::uint32_t nothing = add_node(Kind::sequence, position);
    const std::uint32_t choice = add_node(Kind::choice, position);
    file_.nodes[choice].children = {nothing, part};
    file_.nodes[choice].weights = {1, 1};
    return choice;
  }

  std::uint32_t read_alternatives(unsigned depth) {
    const std::size_t open = at_;
    const std::uint32_t choice = add_node(Kind::choice, here(open));
    if (depth > kMaxBraces) {
      problem(open, fmt::format("braces nested deeper than {}; use an alias", kMaxBraces));
      aborted_ = true;
      return choice;
    }
    do {
      const std::size_t start = ++at_;
      const std::uint32_t alternative = read_sequence(depth);
      if (aborted_) return choice;
      if (at_ == line_.size()) {
        problem(open, "unclosed brace");
        aborted_ = true;
        return choice;
      }
      if (std::all_of(line_.begin() + static_cast<std::ptrdiff_t>(start),
                      line_.begin() + static_cast<std::ptrdiff_t>(at_), is_space)) {
        problem(start, "empty alternative; what may be left out is written {…}?");
      }
      file_.nodes[choice].children.push_back(alternative);
      file_.nodes[choice].weights.push_back(1);
    } while (line_[at_] == U'|');
    ++at_;
    if (!sees(at_, U'?')) return choice;
    ++at_;
    return optional(choice, here(open));
  }

  std::optional<std::uint32_t> read_reference() {
    const std::size_t start = at_;
    const char32_t sign = line_[at_];
    auto inside = read_brackets();
    if (!inside) return std::nullopt;
    if (sign == U'&') return read_frame(*inside, start);
    const bool may_be_left_out = inside->ends_with(U'?');
    if (may_be_left_out) inside->remove_suffix(1);
    const bool list = sign == U'@' && inside->ends_with(U'+');
    if (list) inside->remove_suffix(1);
    if (!check_name(*inside, start + 2)) return std::nullopt;
    const Kind kind = sign == U'~' ? Kind::alias : list ? Kind::list : Kind::slot;
    const std::uint32_t node = add_node(kind, here(start), base::to_utf8(*inside));
    return may_be_left_out ? optional(node, here(start)) : node;
  }

  std::optional<std::uint32_t> read_frame(std::u32string_view inside, std::size_t start) {
    if (inside != U"1" && inside != U"2") {
      problem(start, "only &[1] and &[2] stand for planned intents");
      return std::nullopt;
    }
    if (keep_ && !(is_entry_ && definition_.name == kMultiIntent)) {
      problem(start, fmt::format("&[{}] stands only in %[{}]", base::to_utf8(inside), kMultiIntent));
      return std::nullopt;
    }
    return add_node(Kind::frame, here(start), base::to_utf8(inside));
  }

  PatternProblems& problems_;
  PatternFile file_;
  std::map<std::string, std::uint32_t> entry_lines_;  // where each name was defined first
  std::map<std::string, std::uint32_t> alias_lines_;

  std::u32string line_;
  std::uint32_t number_ = 0;
  std::size_t at_ = 0;
  bool aborted_ = false;   // the rest of the line can't be understood
  bool headless_ = false;  // lines before the first header were reported

  bool in_definition_ = false;
  bool keep_ = false;  // its header could be read
  bool is_entry_ = false;
  bool duplicate_ = false;
  std::size_t lines_ = 0;
  PatternDefinition definition_;
};

}  // namespace

const PatternDefinition* PatternFile::find_entry(std::string_view name) const {
  const auto found =
      std::find_if(entries.begin(), entries.end(), [&](const auto& e) { return e.name == name; });
  return found == entries.end() ? nullptr : &*found;
}

void PatternProblems::add(Position position, std::string message) {
  problems_.push_back({position, std::move(message)});
}

std::string PatternProblems::format(const std::string& file) const {
  std::vector<Problem> sorted = problems_;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Problem& a, const Problem& b) { return a.position < b.position; });
  std::string out;
  for (std::size_t i = 0; i < std::min(sorted.size(), kMaxProblems); ++i) {
    const auto& [position, message] = sorted[i];
    if (i > 0) out += '\n';
    out += fmt::format("{}:{}:{}: {}", file, position.line, position.column, message);
  }
  if (sorted.size() > kMaxProblems)
    out += fmt::format("\n{}: and {} more", file, sorted.size() - kMaxProblems);
  return out;
}

std::string suggestion(std::string_view name, const std::vector<std::string>& names, std::string_view before,
                       std::string_view after) {
  const auto close = base::closest(name, names);
  return close ? fmt::format("; did you mean {}{}{}?", before, *close, after) : "";
}

PatternFile parse_patterns(std::string_view bytes, PatternProblems& problems) {
  return Parser(problems).parse(bytes);
}

}  // namespace local_model
