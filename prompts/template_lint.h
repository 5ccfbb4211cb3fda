// Finds mistakes in Mustache templates when they are loaded, since Mustache itself renders an unknown
// name as nothing: the prompt would lack a part, and nobody would see it before the bill. Pure function,
// any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace prompts {

/// What a template may use: variables and sections, and behind a list's name what each item has.
struct TemplateNames {
  std::vector<std::string> names;
  struct List {
    std::string name;
    std::vector<std::string> item;
  };
  std::vector<List> lists;
};

/// Refuses unknown names, sections that aren't closed or closed in the wrong order, partials, changed
/// delimiters, and a template without the variable `must_have` (unless empty). One line per problem:
/// `FILE:3: unknown name {{levl}}, did you mean {{level}}?`
base::Status lint_template(std::string_view text, const std::string& file, const TemplateNames& known,
                           const std::string& must_have);

}  // namespace prompts
