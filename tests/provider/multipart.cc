#include "tests/provider/multipart.h"

#include <string>

namespace provider {
namespace {

/// The value of `name="…"` or `name=…` in a header.
std::string_view parameter(std::string_view header, const std::string& name) {
  std::size_t at = header.find("; " + name + "=");
  if (at == std::string_view::npos) return {};
  at += name.size() + 3;
  if (at < header.size() && header[at] == '"') {
    const std::size_t end = header.find('"', at + 1);
    return end == std::string_view::npos ? std::string_view() : header.substr(at + 1, end - at - 1);
  }
  return header.substr(at, header.find_first_of(";\r\n", at) - at);
}

}  // namespace

std::optional<std::vector<Part>> read_multipart(std::string_view content_type, std::string_view body) {
  const std::string_view boundary = parameter(content_type, "boundary");
  if (!content_type.starts_with("multipart/form-data") || boundary.empty()) return std::nullopt;
  const std::string delimiter = "\r\n--" + std::string(boundary);
  std::vector<Part> parts;
  if (!body.starts_with(std::string_view(delimiter).substr(2))) return std::nullopt;
  body.remove_prefix(delimiter.size() - 2);
  while (body.starts_with("\r\n")) {
    const std::size_t head_end = body.find("\r\n\r\n");
    if (head_end == std::string_view::npos) return std::nullopt;
    const std::size_t end = body.find(delimiter, head_end + 2);
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view head = body.substr(0, head_end);
    // The line break before the delimiter belongs to it, also behind an empty part.
    const std::size_t start = std::min(head_end + 4, end);
    parts.push_back({parameter(head, "name"), parameter(head, "filename"), body.substr(start, end - start)});
    body.remove_prefix(end + delimiter.size());
  }
  if (!body.starts_with("--")) return std::nullopt;
  return parts;
}

}  // namespace provider
