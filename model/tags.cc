#include "model/tags.h"

namespace model {

void append_escaped(std::string_view text, std::string& out) {
  for (const char c : text) {
    if (is_tag_character(c)) out += '\\';
    out += c;
  }
}

void append_tag(std::string_view frame, std::string_view slot, std::string_view value, std::string& out) {
  out += '[';
  if (!frame.empty()) {
    out += frame;
    out += '.';
  }
  out += slot;
  out += ':';
  append_escaped(value, out);
  out += ']';
}

}  // namespace model
