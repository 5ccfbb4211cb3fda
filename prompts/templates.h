// Mustache templates, loaded, checked and rendered for those who fill them (renderer.cc, catalogue_prompt.cc;
// nobody else includes this, since the library is one large header). Const after loading; any thread.
#pragma once

#include <kainjow/mustache.hpp>
#include <string>
#include <string_view>

#include "base/file.h"
#include "base/result.h"
#include "prompts/template_lint.h"

namespace prompts {

using TemplateData = kainjow::mustache::data;

/// The template in the file `own`, or the built-in one of that name where there is none. Refuses what
/// lint_template refuses.
base::Result<kainjow::mustache::mustache> load_template(const base::Path& own, std::string_view built_in,
                                                        const TemplateNames& names,
                                                        const std::string& must_have);

/// Nothing is escaped: prompts are no HTML. Empty lines in a row become one, at the end none. Const in
/// effect: kainjow's render() writes to the template only for lambdas and partials, which there are none of.
std::string render(kainjow::mustache::mustache& compiled, const TemplateData& values);

/// As its speakers write it.
std::string language_name(const std::string& language);

}  // namespace prompts
