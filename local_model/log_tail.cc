#include "local_model/log_tail.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "base/unicode.h"

namespace local_model {
namespace {

constexpr std::uint64_t kMostBytes = 64 << 10;
constexpr std::size_t kMostCharacters = 300;

/// Behind the control sequence (ESC [ … letter) that begins at `at`.
std::size_t skip_sequence(std::string_view line, std::size_t at) {
  if (at + 1 >= line.size() || line[at + 1] != '[') return at + 1;
  at += 2;
  while (at < line.size() && (line[at] < '@' || line[at] > '~')) ++at;
  return std::min(at + 1, line.size());
}

std::string readable(std::string_view line) {
  while (line.ends_with('\r')) line.remove_suffix(1);
  line.remove_prefix(line.rfind('\r') + 1);  // npos + 1 is 0
  std::string clean;
  std::size_t characters = 0;
  for (std::size_t at = 0; at < line.size() && characters < kMostCharacters;) {
    if (line[at] == '\x1b') {
      at = skip_sequence(line, at);
      continue;
    }
    char32_t c = base::next_code_point(line, at);
    if (c == base::kInvalidCodePoint) c = 0xFFFD;
    base::append_utf8(base::is_control(c) ? U' ' : c, clean);
    ++characters;
  }
  return clean;
}

}  // namespace

std::string log_tail(const base::Path& log, std::uint64_t from, std::size_t lines) {
  const auto file = base::RandomAccessFile::open(log);
  if (!file || file->size() <= from) return {};
  const std::uint64_t size = std::min(file->size() - from, kMostBytes);
  std::string bytes;
  if (!file->read(file->size() - size, size, bytes)) return {};
  std::vector<std::string> last;
  for (const std::string_view line : base::split(bytes, '\n'))
    if (std::string text = readable(line); !base::trim(text).empty()) last.push_back(std::move(text));
  std::string tail;
  for (std::size_t i = last.size() - std::min(lines, last.size()); i < last.size(); ++i)
    tail += (tail.empty() ? "    " : "\n    ") + last[i];
  return tail;
}

}  // namespace local_model
