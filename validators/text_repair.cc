#include "validators/text_repair.h"

#include "base/text.h"
#include "base/unicode.h"

namespace validators {
namespace {

constexpr char32_t kWideFirst = U'！';  // of the full-width forms of ASCII
constexpr char32_t kWideLast = U'～';
constexpr char32_t kWideOffset = kWideFirst - U'!';

bool has_wide(std::string_view text) {
  for (std::size_t i = 0; i + 2 < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c == 0xEF && static_cast<unsigned char>(text[i + 1]) >= 0xBC) return true;
    if (c == 0xE3 && text[i + 1] == '\x80' && text[i + 2] == '\x80') return true;
  }
  return text.find("\u00A0") != std::string_view::npos;
}

bool is_any_digit(char32_t c) { return (c >= U'0' && c <= U'9') || (c >= U'０' && c <= U'９'); }

char32_t narrow(const std::u32string& text, std::size_t i, bool chinese) {
  const char32_t c = text[i];
  if (c == 0x3000 || c == 0xA0) return U' ';
  if (c < kWideFirst || c > kWideLast) return c;
  const char32_t ascii = c - kWideOffset;
  const bool word = (ascii >= U'0' && ascii <= U'9') || (ascii >= U'a' && ascii <= U'z') ||
                    (ascii >= U'A' && ascii <= U'Z');
  if (word || !chinese) return ascii;
  const bool behind = i > 0 && is_any_digit(text[i - 1]);
  const bool between = behind && i + 1 < text.size() && is_any_digit(text[i + 1]);
  if (ascii == U'%' ? behind : (ascii == U':' || ascii == U'.') && between) return ascii;
  return c;
}

}  // namespace

bool repair_text(std::string_view text, bool chinese, bool simplify, const std::vector<Span>& kept,
                 std::string& out, Repairs& repairs) {
  const bool wide = has_wide(text);
  const bool traditional = simplify && base::has_traditional(text);
  if (!wide && !traditional) return false;
  const std::u32string before = base::to_utf32(text);
  std::u32string after = before;
  if (traditional) {
    // By phrase: 著 is simplified in 著名, and traditional in 看著.
    std::u32string simplified = base::to_utf32(base::to_simplified(text));
    if (simplified.size() == after.size()) after = std::move(simplified);
  }
  const std::u32string source = after;
  if (wide)
    for (std::size_t i = 0; i < after.size(); ++i) after[i] = narrow(source, i, chinese);
  for (const Span& span : kept)
    for (std::size_t i = span.start; i < span.end && i < after.size(); ++i) after[i] = before[i];
  bool changed = false;
  for (std::size_t i = 0; i < after.size(); ++i) {
    if (after[i] == before[i]) continue;
    changed = true;
    repairs.add(base::is_han(before[i]) ? RowRepair::simplified : RowRepair::half_width);
  }
  if (changed) out = base::to_utf8(after);
  return changed;
}

}  // namespace validators
