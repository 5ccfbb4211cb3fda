#include "datasets/readers/lines.h"

#include <fmt/format.h>

#include "base/text.h"

namespace datasets {
namespace {

// 0x80 to 0x9F in Windows-1252; 0 where it has nothing.
constexpr char32_t kWindows1252[32] = {0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                       0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0,      0x017D, 0,
                                       0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                       0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

char32_t from_windows1252(unsigned char byte) {
  if (byte < 0x80 || byte > 0x9F) return byte;
  const char32_t c = kWindows1252[byte - 0x80];
  return c == 0 ? 0xFFFD : c;
}

// A surrogate pair written as two sequences of three bytes (CESU-8, as Java and old databases write what
// lies beyond U+FFFF): what it means, or 0.
char32_t surrogate_pair(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (text.size() < 6 || byte(0) != 0xED || byte(3) != 0xED) return 0;
  if ((byte(1) & 0xF0) != 0xA0 || (byte(2) & 0xC0) != 0x80) return 0;
  if ((byte(4) & 0xF0) != 0xB0 || (byte(5) & 0xC0) != 0x80) return 0;
  const char32_t high = ((byte(1) & 0x0FU) << 6) | (byte(2) & 0x3FU);
  const char32_t low = ((byte(4) & 0x0FU) << 6) | (byte(5) & 0x3FU);
  return 0x10000 + (high << 10) + low;
}

// In Latin-1 text an accented letter stands alone among ASCII; in GB18030, Big5 or Shift-JIS ill-formed bytes
// stand side by side, and hardly any are by chance UTF-8.
bool is_other_encoding(std::string_view text) {
  std::size_t alone = 0;
  std::size_t in_runs = 0;
  std::size_t sound = 0;  // sequences that are UTF-8 and not ASCII
  for (std::size_t at = 0, run = 0; at <= text.size();) {
    if (at == text.size()) {
      ++at;
    } else if (surrogate_pair(text.substr(at)) != 0) {
      at += 6;
    } else {
      const std::size_t start = at;
      if (base::next_code_point(text, at) == base::kInvalidCodePoint) {
        ++run;
        continue;
      }
      if (at - start > 1) ++sound;
    }
    (run > 1 ? in_runs : alone) += run;
    run = 0;
  }
  return in_runs > alone + sound;
}

struct Mended {
  std::string latin1;  // the first few letters
  std::string pairs;
};

void mend_line(std::string_view line, std::string& out, Mended& mended) {
  for (std::size_t at = 0; at < line.size();) {
    const std::size_t start = at;
    const char32_t pair = surrogate_pair(line.substr(at));
    if (pair != 0) {
      at += 6;
      base::append_utf8(pair, out);
      if (mended.pairs.size() < 16) base::append_utf8(pair, mended.pairs);
      continue;
    }
    if (base::next_code_point(line, at) != base::kInvalidCodePoint) {
      out += line.substr(start, at - start);
      continue;
    }
    const char32_t letter = from_windows1252(static_cast<unsigned char>(line[start]));
    base::append_utf8(letter, out);
    if (mended.latin1.size() < 16) base::append_utf8(letter, mended.latin1);
  }
}

}  // namespace

base::Result<std::string> to_utf8_file(std::string bytes, Reading& reading) {
  std::string_view text = bytes;
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF"))
    return base::bad_input("is UTF-16; convert it: iconv -f UTF-16 -t UTF-8");
  if (text.starts_with("\xEF\xBB\xBF")) {
    bytes.erase(0, 3);
    text = bytes;
  }
  if (base::is_valid_utf8(text)) return bytes;
  if (is_other_encoding(text))
    return base::bad_input(
        "isn't UTF-8; if it is in a Chinese encoding, convert it: iconv -f GB18030 -t UTF-8");
  std::string out;
  out.reserve(text.size() + text.size() / 64);
  std::uint32_t number = 0;
  while (!text.empty()) {
    ++number;
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end == std::string_view::npos ? text.size() : end + 1);
    text.remove_prefix(line.size());
    if (base::is_valid_utf8(line)) {
      out += line;
      continue;
    }
    Mended mended;
    mend_line(line, out, mended);
    std::string what = "bytes that aren't UTF-8";
    if (!mended.latin1.empty()) what += fmt::format(", read as Latin-1: {}", mended.latin1);
    if (!mended.pairs.empty()) what += fmt::format(", read as surrogate pairs: {}", mended.pairs);
    reading.fault({number, 0}, ReadFault::not_utf8, std::move(what), true);
  }
  return out;
}

}  // namespace datasets
