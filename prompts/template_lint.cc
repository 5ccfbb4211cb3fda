#include "prompts/template_lint.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace prompts {
namespace {

class Linter {
 public:
  Linter(std::string_view text, const std::string& file, const TemplateNames& known)
      : text_(text), file_(file), known_(known) {}

  base::Status run(const std::string& must_have) {
    std::size_t at = 0;
    for (std::size_t open = 0; (open = text_.find("{{", at)) != std::string_view::npos;) {
      line_ += static_cast<int>(std::count(text_.begin() + static_cast<std::ptrdiff_t>(at),
                                           text_.begin() + static_cast<std::ptrdiff_t>(open), '\n'));
      const bool triple = text_.substr(open).starts_with("{{{");
      const std::string_view end = triple ? "}}}" : "}}";
      const std::size_t inside = open + end.size();
      const std::size_t close = text_.find(end, inside);
      if (close == std::string_view::npos) {
        problem(line_, fmt::format("{} that is never closed; its end is {}", triple ? "{{{" : "{{", end));
        break;
      }
      const std::string_view tag = text_.substr(inside, close - inside);
      check_tag(tag, triple, must_have);
      line_ += static_cast<int>(std::count(tag.begin(), tag.end(), '\n'));
      at = close + end.size();
    }
    for (const Section& section : open_)
      problem(section.line,
              fmt::format("section {{{{#{0}}}}} is never closed; its end is {{{{/{0}}}}}", section.name));
    if (!must_have.empty() && !found_)
      problems_.push_back(
          fmt::format("{}: {{{{{{{}}}}}}} is missing: it is what the model is asked for", file_, must_have));
    if (problems_.empty()) return {};
    return base::bad_input(fmt::format("{}", fmt::join(problems_, "\n")));
  }

 private:
  struct Section {
    std::string name;
    int line;
  };

  void problem(int line, const std::string& what) {
    problems_.push_back(fmt::format("{}:{}: {}", file_, line, what));
  }

  void check_tag(std::string_view tag, bool triple, const std::string& must_have) {
    const char kind = triple || tag.empty() ? ' ' : tag.front();
    if (kind == '!') return;
    if (kind == '>') return problem(line_, "partials ({{>…}}) aren't supported; put the text here");
    if (kind == '=') return problem(line_, "the delimiters can't be changed; they are {{ and }}");
    const bool marked = kind == '#' || kind == '^' || kind == '/' || kind == '&';
    const std::string name(base::trim(marked ? tag.substr(1) : tag));
    if (kind == '/') return close_section(name);
    if (!is_known(name)) {
      const auto meant = base::closest(name, visible());
      problem(line_, fmt::format("unknown name {{{{{}}}}}{}", name,
                                 meant ? fmt::format(", did you mean {{{{{}}}}}?", *meant)
                                       : fmt::format("; known here: {}", fmt::join(visible(), ", "))));
    }
    if (kind == '#' || kind == '^')
      open_.push_back({name, line_});
    else
      found_ = found_ || name == must_have;
  }

  void close_section(const std::string& name) {
    if (open_.empty())
      return problem(line_, fmt::format("{{{{/{}}}}} closes a section that isn't open", name));
    if (open_.back().name != name)
      problem(line_, fmt::format("{{{{/{}}}}} where {{{{/{}}}}} must come first (opened in line {})", name,
                                 open_.back().name, open_.back().line));
    open_.pop_back();
  }

  /// Names at this place: those of the lists around it, innermost first, and the top-level ones.
  std::vector<std::string> visible() const {
    std::vector<std::string> names;
    for (auto section = open_.rbegin(); section != open_.rend(); ++section)
      for (const TemplateNames::List& list : known_.lists)
        if (list.name == section->name) names.insert(names.end(), list.item.begin(), list.item.end());
    names.insert(names.end(), known_.names.begin(), known_.names.end());
    for (const TemplateNames::List& list : known_.lists) names.push_back(list.name);
    return names;
  }

  bool is_known(const std::string& name) const {
    const auto names = visible();
    return std::find(names.begin(), names.end(), name) != names.end();
  }

  std::string_view text_;
  const std::string& file_;
  const TemplateNames& known_;
  int line_ = 1;
  bool found_ = false;
  std::vector<Section> open_;
  std::vector<std::string> problems_;
};

}  // namespace

base::Status lint_template(std::string_view text, const std::string& file, const TemplateNames& known,
                           const std::string& must_have) {
  return Linter(text, file, known).run(must_have);
}

}  // namespace prompts
