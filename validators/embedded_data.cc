#include "validators/embedded_data.h"

#include "base/text.h"

namespace validators {

std::vector<std::string> embedded_lines(std::string_view name) {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < kEmbeddedFileCount; ++i) {
    if (kEmbeddedFiles[i].name != name) continue;
    for (const std::string_view line : base::split(kEmbeddedFiles[i].text, '\n'))
      if (!line.empty() && line[0] != '#') lines.emplace_back(line);
  }
  return lines;
}

}  // namespace validators
