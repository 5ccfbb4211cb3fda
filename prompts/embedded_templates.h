// The prompt templates of prompts/templates/, compiled in; names are `chat.zh.prefix.mustache`.
#pragma once

#include <cstddef>

#include "base/embedded_file.h"

namespace prompts {

extern const base::EmbeddedFile kEmbeddedFiles[];
extern const std::size_t kEmbeddedFileCount;

}  // namespace prompts
