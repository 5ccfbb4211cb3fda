#include "validators/mend.h"

#include <fmt/format.h>

#include <iterator>
#include <vector>

#include "base/text.h"

namespace validators {
namespace {

constexpr std::size_t kDeepest = 64;

constexpr char32_t kCurlyOpen = U'“';
constexpr char32_t kCurlyClose = U'”';

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

class Mender {
 public:
  explicit Mender(std::string_view text) : text_(text) { out_.reserve(text.size() + text.size() / 8 + 16); }

  Mended run() {
    while (at_ < text_.size() && !done_) {
      if (levels_.size() > kDeepest) return {};
      step();
    }
    if (done_) return {std::move(out_), false};
    if (!salvage()) return {};
    return {std::move(out_), true};
  }

 private:
  struct Level {
    bool object = false;
    bool key = false;  // a key was written, its value wasn't
    bool filled = false;
    std::size_t good = 0;  // length of the output up to the last complete element
  };

  void step() {
    const char c = text_[at_];
    if (is_space(c) || c == ',' || c == ':') {  // separators are written anew
      ++at_;
    } else if (c == '{' || c == '[') {
      ++at_;
      open(c);
    } else if (c == '}' || c == ']') {
      ++at_;
      close(c == '}');
    } else if (c == '"' || c == '\'') {
      ++at_;
      string(static_cast<char32_t>(c));
    } else if (looking_at("“")) {
      at_ += 3;
      string(kCurlyOpen);
    } else if (looking_at("，") || looking_at("：") || looking_at("、")) {
      at_ += 3;
    } else {
      bare_word();
    }
  }

  bool looking_at(std::string_view what) const { return text_.substr(at_).starts_with(what); }

  /// Whether the next value is the key of an object's member.
  bool wants_key() const { return !levels_.empty() && levels_.back().object && !levels_.back().key; }

  void begin_value() {
    if (levels_.empty()) return;
    const Level& level = levels_.back();
    if (level.key) {
      out_ += ':';
    } else if (level.filled) {
      out_ += ',';
    }
  }

  void end_value() {
    if (levels_.empty()) {
      done_ = true;
      return;
    }
    Level& level = levels_.back();
    if (level.object && !level.key) {
      level.key = true;
      return;
    }
    level.key = false;
    level.filled = true;
    level.good = out_.size();
  }

  void open(char bracket) {
    if (wants_key()) return;  // a bracket where a key belongs: its content is read as members
    begin_value();
    out_ += bracket;
    levels_.push_back({bracket == '{', false, false, out_.size()});
  }

  void close(bool object) {
    bool found = false;
    for (const Level& level : levels_) found = found || level.object == object;
    if (!found) return;  // one too many
    bool closed = false;
    while (!closed) {
      closed = levels_.back().object == object;
      pop();
    }
  }

  void pop() {
    const Level level = levels_.back();
    out_.resize(level.good);  // a key without a value goes
    out_ += level.object ? '}' : ']';
    levels_.pop_back();
    end_value();
  }

  void bare_word() {
    const std::size_t start = at_;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (is_space(c) || std::string_view(",:{}[]\"'").find(c) != std::string_view::npos) break;
      if (looking_at("“") || looking_at("，") || looking_at("：") || looking_at("、")) break;
      ++at_;
    }
    if (levels_.empty() || !levels_.back().object) return;
    begin_value();
    if (wants_key()) {
      out_ += '"';
      for (std::size_t i = start; i < at_;) append_character(base::next_code_point(text_, i));
      out_ += '"';
    } else {
      out_ += "null";  // numbers and words: nothing that is looked for
    }
    end_value();
  }

  void append_character(char32_t c) {
    if (c == base::kInvalidCodePoint) c = 0xFFFD;
    if (c == U'"' || c == U'\\') out_ += '\\';
    if (c < 0x20) {
      fmt::format_to(std::back_inserter(out_), "\\u{:04x}", static_cast<unsigned>(c));
    } else {
      base::append_utf8(c, out_);
    }
  }

  /// Reads a string whose opening quote is behind. At the end of the text it stays unfinished, and
  /// salvage() takes it away.
  void string(char32_t quote) {
    begin_value();
    out_ += '"';
    while (at_ < text_.size()) {
      const char32_t c = base::next_code_point(text_, at_);
      if (c == U'\\') {
        if (!escape()) return;
      } else if ((c == quote || (quote == kCurlyOpen && (c == kCurlyClose || c == U'"'))) && ends_here()) {
        out_ += '"';
        end_value();
        return;
      } else {
        append_character(c);
      }
    }
  }

  /// Whether the quote just read ends its string: a separator, a bracket, another string or nothing
  /// follows.
  bool ends_here() const {
    const std::size_t next = skip_space(at_);
    if (next == text_.size() || is_close(text_[next]) || text_[next] == ':') return true;
    const std::size_t value = skip_commas(next);
    if (value > next)
      return value == text_.size() || starts_value(text_.substr(value)) || is_close(text_[value]);
    const std::string_view rest = text_.substr(next);
    if (rest.starts_with("：")) return wants_key();
    return next > at_ && starts_value(rest);
  }

  static bool starts_value(std::string_view rest) {
    return rest[0] == '"' || rest[0] == '\'' || rest[0] == '{' || rest[0] == '[' || rest.starts_with("“") ||
           rest.starts_with("null") || rest.starts_with("true") || rest.starts_with("false");
  }

  static bool is_close(char c) { return c == ']' || c == '}'; }

  std::size_t skip_commas(std::size_t at) const {
    for (;;) {
      const std::string_view rest = text_.substr(at);
      const std::size_t width = rest.starts_with(",") ? 1 : rest.starts_with("，") ? 3 : 0;
      if (width == 0) return at;
      at = skip_space(at + width);
    }
  }

  std::size_t skip_space(std::size_t at) const {
    while (at < text_.size() && is_space(text_[at])) ++at;
    return at;
  }

  /// What follows a backslash; false if the text ends there.
  bool escape() {
    if (at_ == text_.size()) return false;
    const char c = text_[at_];
    if (std::string_view("\"\\/bfnrt").find(c) != std::string_view::npos) {
      out_ += '\\';
      out_ += c;
      ++at_;
    } else if (c == '\'') {
      out_ += c;
      ++at_;
    } else if (c == 'u') {
      unicode_escape();
    } else {
      out_ += "\\\\";  // \[ as the notation of tags has it
    }
    return true;
  }

  /// The value of four hexadecimal digits at `at`, or -1.
  int hex4(std::size_t at) const {
    if (at + 4 > text_.size()) return -1;
    int value = 0;
    for (const char c : text_.substr(at, 4)) {
      int digit = 0;
      if (c >= '0' && c <= '9') {
        digit = c - '0';
      } else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') {
        digit = (c | 0x20) - 'a' + 10;
      } else {
        return -1;
      }
      value = value * 16 + digit;
    }
    return value;
  }

  void unicode_escape() {
    const int unit = hex4(at_ + 1);
    if (unit < 0) {
      out_ += "\\\\";
      return;
    }
    at_ += 5;
    if (unit < 0xD800 || unit > 0xDFFF) {
      append_character(static_cast<char32_t>(unit));
      return;
    }
    const int low = unit < 0xDC00 && text_.substr(at_).starts_with("\\u") ? hex4(at_ + 2) : -1;
    if (low >= 0xDC00 && low <= 0xDFFF) {
      append_character(static_cast<char32_t>(0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00)));
      at_ += 6;
    } else {
      append_character(0xFFFD);
    }
  }

  /// Closes what the cut left open, without the element that was being written.
  bool salvage() {
    std::size_t keep = levels_.size();
    while (keep > 0 && levels_[keep - 1].object) --keep;  // the innermost array, else the outermost object
    if (keep == 0) keep = 1;
    if (levels_.empty()) return false;
    levels_.resize(keep);
    while (!done_) pop();
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string out_;
  std::vector<Level> levels_;
  bool done_ = false;
};

}  // namespace

Mended mend_json(std::string_view text) { return Mender(text).run(); }

}  // namespace validators
