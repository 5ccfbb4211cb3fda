#include "prompts/template_lint.h"

#include <gtest/gtest.h>

namespace prompts {
namespace {

const TemplateNames kKnown = {{"level", "has_slots", "lines"}, {{"slots", {"name", "samples"}}}};

std::string lint(const std::string& text, const std::string& must_have = "") {
  const auto status = lint_template(text, "a.mustache", kKnown, must_have);
  return status ? "" : status.error().message;
}

TEST(TemplateLint, Passes) {
  for (const char* text :
       {"", "plain { } }} text", "{{level}} {{{level}}} {{&level}} {{ level }}", "{{! levl }}{{!\n}}",
        "{{#has_slots}}\n{{#slots}}{{name}} {{level}}{{/slots}}\n{{/has_slots}}", "{{^slots}}none{{/slots}}"})
    EXPECT_EQ(lint(text), "") << text;
  EXPECT_EQ(lint("{{#has_slots}}{{{lines}}}{{/has_slots}}", "lines"), "");
}

TEST(TemplateLint, Refuses) {
  const std::pair<const char*, const char*> cases[] = {
      {"a\n\n{{levl}}", "a.mustache:3: unknown name {{levl}}, did you mean {{level}}?"},
      {"{{!\n\n}}{{{levl}}}", "a.mustache:3: unknown name {{levl}}, did you mean {{level}}?"},
      {"{{qqqqqq}}", "a.mustache:1: unknown name {{qqqqqq}}; known here: level, has_slots, lines, slots"},
      {"{{}}", "a.mustache:1: unknown name {{}}; known here: level, has_slots, lines, slots"},
      {"{{name}}", "a.mustache:1: unknown name {{name}}; known here: level, has_slots, lines, slots"},
      {"{{#slots}}{{nme}}{{/slots}}", "a.mustache:1: unknown name {{nme}}, did you mean {{name}}?"},
      {"\n{{#slots}}\n", "a.mustache:2: section {{#slots}} is never closed; its end is {{/slots}}"},
      {"{{/slots}}", "a.mustache:1: {{/slots}} closes a section that isn't open"},
      {"{{#slots}}\n{{#has_slots}}\n{{/slots}}\n{{/has_slots}}",
       "a.mustache:3: {{/slots}} where {{/has_slots}} must come first (opened in line 2)\n"
       "a.mustache:4: {{/has_slots}} where {{/slots}} must come first (opened in line 1)"},
      {"\n{{level", "a.mustache:2: {{ that is never closed; its end is }}"},
      {"{{{level}}", "a.mustache:1: {{{ that is never closed; its end is }}}"},
      {"{{>other}}", "a.mustache:1: partials ({{>…}}) aren't supported; put the text here"},
      {"{{=<% %>=}}", "a.mustache:1: the delimiters can't be changed; they are {{ and }}"},
  };
  for (const auto& [text, message] : cases) EXPECT_EQ(lint(text), message) << text;
  EXPECT_EQ(lint("{{#has_slots}}lines{{/has_slots}}", "lines"),
            "a.mustache: {{{lines}}} is missing: it is what the model is asked for");
}

}  // namespace
}  // namespace prompts
