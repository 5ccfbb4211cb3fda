#include "local_model/pattern_text.h"

#include "base/text.h"
#include "base/unicode.h"
#include "model/tags.h"

namespace local_model {
namespace {

bool is_chinese(char32_t c) {
  if (base::is_han(c)) return true;
  const bool wide = (c >= 0x3000 && c <= 0x303F) || (c >= 0xFF00 && c <= 0xFFEF);
  return wide && base::is_punctuation_or_symbol(c);
}

bool takes_no_space_before(char32_t c) {
  return c == U',' || c == U'.' || c == U'!' || c == U'?' || c == U';';
}

char32_t last_code_point(std::string_view text) {
  std::size_t at = text.size() - 1;
  while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) --at;
  return base::next_code_point(text, at);
}

}  // namespace

Piece make_piece(std::string_view text, bool chinese) {
  Piece piece;
  PatternWriter writer(piece.text, chinese);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t start = at;
    const char32_t c = base::next_code_point(text, at);
    if (c == U' ') {
      (piece.text.empty() ? piece.space_before : piece.space_after) = true;
      continue;
    }
    Piece character;
    model::append_escaped(text.substr(start, at - start), character.text);
    character.space_before = piece.space_after;
    character.closed_after = chinese && is_chinese(c);
    character.closed_before = character.closed_after || takes_no_space_before(c);
    if (piece.text.empty()) piece.closed_before = character.closed_before;
    writer.piece(character);
    piece.closed_after = character.closed_after;
    piece.space_after = false;
  }
  return piece;
}

void PatternWriter::tagged(std::string_view frame, std::string_view slot, std::string_view value) {
  // base::is_han and its like want a code point: ill-formed bytes are none.
  const auto closed = [&](char32_t c) { return c >= 0x80 && c != base::kInvalidCodePoint && is_chinese(c); };
  std::size_t at = 0;
  open(chinese_ && !value.empty() && closed(base::next_code_point(value, at)));
  model::append_tag(frame, slot, value, out_);
  closed_ = chinese_ && !value.empty() && closed(last_code_point(value));
}

}  // namespace local_model
