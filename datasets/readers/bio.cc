// One sentence at a time: comment lines, then a line for each token, then an empty line.
//
// The text: `# text` if there is one, in which the tokens are found one after the other; otherwise the
// tokens, with a space between two unless both are Chinese. The intent: `# intent`, a column that is the same
// on all lines (xSID), or a line with one column, before or after the tokens (SMP, CAIS, ATIS).
#include <fmt/format.h>

#include <optional>

#include "base/text.h"
#include "base/unicode.h"
#include "datasets/readers/formats.h"
#include "datasets/readers/lines.h"
#include "datasets/readers/utterance.h"

namespace datasets {
namespace {

bool is_tag(std::string_view word) {
  return word == "O" ||
         (word.size() > 2 && (word[0] == 'B' || word[0] == 'I' || word[0] == 'E' || word[0] == 'S') &&
          (word[1] == '-' || word[1] == '_'));
}

struct Token {
  std::string_view text;
  std::string_view tag;
  std::uint32_t line = 0;
};

struct Sentence {
  std::uint32_t line = 0;
  std::optional<std::string_view> text;
  std::optional<std::string_view> intent;
  std::vector<Token> tokens;
};

std::vector<std::string_view> columns_of(std::string_view line) {
  if (line.find('\t') != std::string_view::npos) return base::split(line, '\t');
  std::vector<std::string_view> words;
  while (!(line = base::trim(line)).empty()) {
    const std::size_t end = std::min(line.find(' '), line.size());
    words.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
  return words;
}

class BioReader {
 public:
  explicit BioReader(Reading& reading) : reading_(reading) {}

  void line(std::string_view text, std::uint32_t number) {
    const std::string_view tight = base::trim_white_space(text);
    if (tight.empty()) return finish();
    if (sentence_.line == 0) sentence_.line = number;
    if (tight.starts_with("# ") || tight.starts_with("#\t") || is_header(tight)) return header(tight);
    token(text, number);
  }

  void finish() {
    if (sentence_.line != 0 && !broken_) row();
    sentence_ = {};
    broken_ = false;
  }

 private:
  static bool is_header(std::string_view line) {
    return line.starts_with('#') && line.find_first_of("=:") != std::string_view::npos &&
           line.find('\t') == std::string_view::npos;
  }

  void broken(std::uint32_t number, std::string what) {
    if (!broken_) reading_.fault({number, 0}, ReadFault::broken_annotation, std::move(what));
    broken_ = true;
  }

  void header(std::string_view line) {
    line = base::trim(line.substr(1));
    const std::size_t sign = line.find_first_of("=:");
    if (sign == std::string_view::npos) return;
    const std::string_view key = base::trim(line.substr(0, sign));
    const std::string_view value = base::trim(line.substr(sign + 1));
    if (key == "text") sentence_.text = value;
    if (key == "intent") sentence_.intent = value;
  }

  void token(std::string_view line, std::uint32_t number) {
    const std::vector<std::string_view> columns = columns_of(line);
    if (columns.size() == 1) {
      if (sentence_.intent) return broken(number, "a line with one column, and the intent is known already");
      sentence_.intent = base::trim(columns[0]);
      return;
    }
    if (!is_tag(base::trim(columns.back())))
      return broken(number, fmt::format("`{}` is no tag (O, B-slot, I-slot)", columns.back()));
    const bool numbered =
        columns.size() > 2 && columns[0].find_first_not_of("0123456789-.") == std::string_view::npos;
    Token& token = sentence_.tokens.emplace_back();
    token.text = base::trim(columns[numbered ? 1 : 0]);
    token.tag = base::trim(columns.back());
    token.line = number;
    if (token.text.empty()) {
      if (token.tag != "O") return broken(number, "a tag without a token");
      reading_.fault({number, 0}, ReadFault::broken_annotation, "a line without a token", true);
      sentence_.tokens.pop_back();
      return;
    }
    if (numbered && columns.size() >= 4 && !sentence_.intent) sentence_.intent = base::trim(columns[2]);
  }

  // Bytes of the sentence's text, and for each token where it begins in it.
  bool place_tokens(std::string& text, std::vector<std::size_t>& begins) {
    if (!sentence_.text) {
      for (const Token& token : sentence_.tokens) {
        if (!text.empty() && !(ends_chinese(text) && begins_chinese(token.text))) text += ' ';
        begins.push_back(text.size());
        text += token.text;
      }
      return true;
    }
    text = *sentence_.text;
    std::size_t at = 0;
    for (const Token& token : sentence_.tokens) {
      while (at < text.size()) {
        std::size_t next = at;
        if (!base::is_white_space(base::next_code_point(text, next))) break;
        at = next;
      }
      if (!std::string_view(text).substr(at).starts_with(token.text)) {
        broken(token.line, fmt::format("the token `{}` isn't what stands next in `# text`", token.text));
        return false;
      }
      begins.push_back(at);
      at += token.text.size();
    }
    return true;
  }

  static bool is_chinese(char32_t c) {
    return base::is_han(c) || (c >= 0x3000 && c <= 0x303F) || (c >= 0xFF00 && c <= 0xFF5E);
  }
  static bool begins_chinese(std::string_view token) {
    std::size_t at = 0;
    return is_chinese(base::next_code_point(token, at));
  }
  static bool ends_chinese(std::string_view text) {
    std::size_t start = text.size() - 1;
    while (start > 0 && (static_cast<unsigned char>(text[start]) & 0xC0) == 0x80) --start;
    return is_chinese(base::next_code_point(text, start));
  }

  void row() {
    if (sentence_.tokens.empty()) return broken(sentence_.line, "a sentence without tokens");
    std::string text;
    std::vector<std::size_t> begins;
    if (!place_tokens(text, begins)) return;
    Utterance utterance;
    std::size_t at = 0;
    const std::vector<Token>& tokens = sentence_.tokens;
    for (std::size_t i = 0; i < tokens.size();) {
      std::size_t end = i + 1;
      const std::string_view tag = tokens[i].tag;
      if (tag != "O") {
        if (tag[0] == 'I' || tag[0] == 'E')
          reading_.fault({tokens[i].line, 0}, ReadFault::broken_annotation,
                         fmt::format("{} continues nothing; read as B-{}", tag, tag.substr(2)), true);
        while (end < tokens.size() && (tokens[end].tag[0] == 'I' || tokens[end].tag[0] == 'E') &&
               tokens[end].tag.substr(2) == tag.substr(2) && tag[0] != 'S')
          ++end;
        const std::size_t stop = begins[end - 1] + tokens[end - 1].text.size();
        utterance.text(std::string_view(text).substr(at, begins[i] - at));
        utterance.slot(tag.substr(2), std::string_view(text).substr(begins[i], stop - begins[i]));
        at = stop;
      }
      i = end;
    }
    utterance.text(std::string_view(text).substr(at));
    ReadRow& out = reading_.rows.emplace_back();
    out.place = {sentence_.line, 0};
    utterance.finish(sentence_.intent.value_or(std::string_view()), out.row);
  }

  Reading& reading_;
  Sentence sentence_;
  bool broken_ = false;
};

}  // namespace

void read_bio(std::string_view text, Reading& reading) {
  BioReader reader(reading);
  LineCutter lines(text);
  std::string_view line;
  while (lines.next(line)) {
    if (line.size() > kLongestLine) {
      reading.fault({lines.number(), 0}, ReadFault::broken_annotation, "a line of more than a megabyte");
      continue;
    }
    reader.line(line, lines.number());
  }
  reader.finish();
}

}  // namespace datasets
