// A file compiled into the program (cmake/embed_files.cmake).
#pragma once

#include <string_view>

namespace base {

struct EmbeddedFile {
  std::string_view name;
  std::string_view text;
};

}  // namespace base
