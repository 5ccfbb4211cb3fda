#include "prompts/templates.h"

#include <fmt/format.h>

#include <algorithm>

#include "prompts/embedded_templates.h"

namespace prompts {
namespace {

using kainjow::mustache::mustache;

struct Source {
  std::string file;
  std::string text;
};

base::Result<Source> load(const base::Path& own, std::string_view built_in) {
  if (!own.empty()) {
    auto text = base::read_file(own);
    if (!text) return base::pass(text);
    return Source{own.string(), std::move(*text)};
  }
  for (std::size_t i = 0; i < kEmbeddedFileCount; ++i)
    if (kEmbeddedFiles[i].name == built_in)
      return Source{std::string(built_in), std::string(kEmbeddedFiles[i].text)};
  return base::failed(fmt::format("built-in template {} is missing", built_in));
}

/// A section that is left out leaves its line end behind: at most one empty line in a row, none at the
/// end.
std::string tidy(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text)
    if (c != '\n' || (!out.empty() && !out.ends_with("\n\n"))) out += c;
  while (!out.empty() && out.back() == '\n') out.pop_back();
  return out;
}

}  // namespace

base::Result<mustache> load_template(const base::Path& own, std::string_view built_in,
                                     const TemplateNames& names, const std::string& must_have) {
  const auto source = load(own, built_in);
  if (!source) return base::pass(source);
  if (auto status = lint_template(source->text, source->file, names, must_have); !status)
    return base::pass(status);
  mustache compiled(source->text);
  if (!compiled.is_valid())
    return base::bad_input(fmt::format("{}: {}", source->file, compiled.error_message()));
  compiled.set_custom_escape([](const std::string& text) { return text; });
  return compiled;
}

std::string render(mustache& compiled, const TemplateData& values) {
  std::string out;
  compiled.render(values, [&](const std::string& part) { out += part; });
  return tidy(out);
}

std::string language_name(const std::string& language) {
  if (language == "zh-Hans") return "简体中文";
  if (language == "zh-Hant") return "繁體中文";
  return language.starts_with("en") ? "English" : language;
}

}  // namespace prompts
