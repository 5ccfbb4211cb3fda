// The prompt templates of prompts/templates/, compiled in.
#pragma once

#include <cstddef>
#include <string_view>

namespace prompts {

struct EmbeddedTemplate {
  std::string_view name;  // `chat.zh.prefix`
  std::string_view text;
};

extern const EmbeddedTemplate kEmbeddedTemplates[];
extern const std::size_t kEmbeddedTemplateCount;

}  // namespace prompts
