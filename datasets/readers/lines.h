// The bytes of a file as its readers want them: UTF-8, cut into lines. Foreign files have byte order marks,
// carriage returns and bytes of other encodings.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "datasets/readers/reading.h"

namespace datasets {

constexpr std::size_t kLongestLine = std::size_t{1} << 20;  // bytes; longer ones are faults

/// `bytes` as UTF-8 without a byte order mark. Ill-formed bytes here and there become what they are in
/// Latin-1 (as browsers read it, Windows-1252), surrogate pairs written byte by byte what they mean, with a
/// fault on each such line; a file in another encoding altogether is an error that says how to convert it.
base::Result<std::string> to_utf8_file(std::string bytes, Reading& reading);

/// Takes lines off a text: without line feed and carriage return, numbered from 1.
class LineCutter {
 public:
  explicit LineCutter(std::string_view text, std::uint32_t first_line = 1)
      : rest_(text), number_(first_line - 1) {}
  bool next(std::string_view& line) {
    if (rest_.empty()) return false;
    const std::size_t end = rest_.find('\n');
    line = rest_.substr(0, end);
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    ++number_;
    return true;
  }
  std::uint32_t number() const { return number_; }

 private:
  std::string_view rest_;
  std::uint32_t number_;
};

}  // namespace datasets
