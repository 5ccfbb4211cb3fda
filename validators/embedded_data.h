// The lists in validators/data, compiled in, so that the program is one file.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/embedded_file.h"

namespace validators {

extern const base::EmbeddedFile kEmbeddedFiles[];
extern const std::size_t kEmbeddedFileCount;

/// The lines of a list, without empty ones and those that begin with `#`.
std::vector<std::string> embedded_lines(std::string_view name);

}  // namespace validators
