#include "prompts/annotation.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "base/unicode.h"
#include "model/tags.h"

namespace prompts {
namespace {

constexpr std::string_view kWideOpen = "［";
constexpr std::string_view kWideClose = "］";
constexpr std::string_view kWideColon = "：";
constexpr std::size_t kWide = 3;  // bytes of each

bool is_name(std::string_view name) {
  for (std::size_t at = 0; at < name.size();) {
    const char32_t c = base::next_code_point(name, at);
    if (c != U'_' && c != U'-' && c != U'.' && !base::is_alphanumeric(c)) return false;
  }
  return !name.empty();
}

class Parser {
 public:
  explicit Parser(std::string_view marked) : marked_(marked) {}

  base::Result<AnnotatedText> parse() {
    if (!base::is_valid_utf8(marked_)) return fault("bytes that are not UTF-8", first_ill_formed());
    out_.text.reserve(marked_.size());
    while (at_ < marked_.size()) {
      const char c = marked_[at_];
      if (c == '[') {
        if (auto status = read_tag(1); !status) return base::pass(status);
      } else if (c == ']') {
        return fault("closing bracket without a tag", at_, "; write \\] for the character itself");
      } else if (starts(at_, kWideOpen) && wide_tag_ahead()) {
        out_.repaired = true;
        if (auto status = read_tag(kWide); !status) return base::pass(status);
      } else {
        take_character();
      }
    }
    return std::move(out_);
  }

 private:
  tl::unexpected<base::Error> fault(std::string_view what, std::size_t byte,
                                    std::string_view advice = "") const {
    std::size_t character = 1;
    for (std::size_t i = 0; i < byte; ++character) base::next_code_point(marked_, i);
    return base::bad_input(fmt::format("{} at character {}{}", what, character, advice));
  }

  std::size_t first_ill_formed() const {
    std::size_t next = 0;
    for (std::size_t at = 0; at < marked_.size(); at = next)
      if (base::next_code_point(marked_, next) == base::kInvalidCodePoint) return at;
    return marked_.size();
  }

  bool starts(std::size_t at, std::string_view what) const { return marked_.substr(at).starts_with(what); }

  /// Takes one byte, or an escape; counts code points by their first bytes.
  void take_character() {
    if (marked_[at_] == '\\' && at_ + 1 < marked_.size() && model::is_tag_character(marked_[at_ + 1])) ++at_;
    if ((static_cast<unsigned char>(marked_[at_]) & 0xC0) != 0x80) ++count_;
    out_.text += marked_[at_++];
  }

  std::size_t skip_escape(std::size_t at) const {
    return at + (marked_[at] == '\\' && at + 1 < marked_.size() && model::is_tag_character(marked_[at + 1])
                     ? 2
                     : 1);
  }

  /// Of a tag whose inside begins at `from`: where its first colon is, and how wide; npos if none
  /// stands before a bracket.
  std::size_t find_colon(std::size_t from, std::size_t& width) const {
    for (std::size_t at = from; at < marked_.size(); at = skip_escape(at)) {
      const char c = marked_[at];
      if (c == ':' || starts(at, kWideColon)) {
        width = c == ':' ? 1 : kWide;
        return at;
      }
      if (c == '[' || c == ']' || starts(at, kWideOpen) || starts(at, kWideClose)) break;
    }
    return std::string_view::npos;
  }

  /// The closing bracket of a value that begins at `from`: `]`, else a full-width one. A tag inside
  /// leaves both unset.
  struct Close {
    std::size_t at = std::string_view::npos;
    std::size_t width = 0;
    std::size_t nested = std::string_view::npos;
  };
  Close find_close(std::size_t from, bool wide_open) const {
    Close wide;
    std::size_t at = from;
    for (; at < marked_.size(); at = skip_escape(at)) {
      const char c = marked_[at];
      if (c == ']') return {at, 1};
      if (c == '[') break;
      if (wide.width == 0 && starts(at, kWideClose)) {
        wide = {at, kWide};
        if (wide_open) return wide;
      }
    }
    if (wide.width == 0 && at < marked_.size()) wide.nested = at;
    return wide;
  }

  /// Full-width brackets are common in plain text; they are tags only if nothing else is possible.
  bool wide_tag_ahead() const {
    std::size_t width = 0;
    const std::size_t inside = at_ + kWide;
    const std::size_t colon = find_colon(inside, width);
    if (colon == std::string_view::npos) return false;
    if (!is_name(base::trim(marked_.substr(inside, colon - inside)))) return false;
    const Close close = find_close(colon + width, true);
    return close.width != 0 && close.at > colon + width;
  }

  base::Status read_tag(std::size_t open_width) {
    const std::size_t open = at_;
    std::size_t width = 0;
    const std::size_t colon = find_colon(open + open_width, width);
    if (colon == std::string_view::npos)
      return fault("tag without a colon", open, "; write \\[ for the character itself");
    Tag tag;
    tag.name = base::trim(marked_.substr(open + open_width, colon - open - open_width));
    if (tag.name.empty()) return fault("tag without a name", open);
    const Close close = find_close(colon + width, open_width == kWide);
    if (close.nested != std::string_view::npos) return fault("tag inside a tag", close.nested);
    if (close.width == 0) return fault("tag that is never closed", open, "; its end is ]");
    if (width != 1 || close.width != 1) out_.repaired = true;

    // `[level: 三十 ]`: the space behind the colon is the model's punctuation; spaces at the end belong
    // to the sentence, not to the value.
    const std::string_view value = marked_.substr(colon + width, close.at - colon - width);
    const std::string_view trimmed = base::trim(value);
    if (trimmed.empty()) return fault("tag without a value", open);
    if (trimmed.size() != value.size()) out_.repaired = true;
    at_ = static_cast<std::size_t>(trimmed.data() - marked_.data());
    tag.start = count_;
    const std::size_t text_start = out_.text.size();
    for (const std::size_t end = at_ + trimmed.size(); at_ < end;) take_character();
    tag.end = count_;
    tag.text = out_.text.substr(text_start);
    while (at_ < close.at) take_character();
    at_ = close.at + close.width;
    out_.tags.push_back(std::move(tag));
    return {};
  }

  std::string_view marked_;
  std::size_t at_ = 0;
  std::uint32_t count_ = 0;  // code points in out_.text
  AnnotatedText out_;
};

}  // namespace

base::Result<AnnotatedText> parse_annotation(std::string_view marked) { return Parser(marked).parse(); }

std::string format_annotation(const AnnotatedText& annotated) {
  const std::string_view text = annotated.text;
  std::string out;
  out.reserve(text.size() + 16 * annotated.tags.size());
  std::size_t byte = 0;
  std::uint32_t position = 0;
  const auto copy_to = [&](std::uint32_t end) {
    const std::size_t start = byte;
    for (; position < end && byte < text.size(); ++position) base::next_code_point(text, byte);
    model::append_escaped(text.substr(start, byte - start), out);
  };
  for (const Tag& tag : annotated.tags) {
    copy_to(tag.start);
    out += '[';
    out += tag.name;
    out += ':';
    copy_to(tag.end);
    out += ']';
  }
  model::append_escaped(text.substr(byte), out);
  return out;
}

}  // namespace prompts
