// multipart/form-data (RFC 7578), as far as the upload of a file needs it: the parts with their names, in
// one pass over the body, nothing copied. Pure.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace provider {

struct Part {
  std::string_view name;
  std::string_view filename;
  std::string_view content;
};

/// Nothing if the content type names no boundary or the body doesn't keep to it.
std::optional<std::vector<Part>> read_multipart(std::string_view content_type, std::string_view body);

}  // namespace provider
