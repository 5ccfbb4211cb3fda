#include "local_model/wire_grammar.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "base/json_writer.h"
#include "base/text.h"
#include "model/tags.h"

namespace local_model {
namespace {

// 2^6 rules for an utterance; more values in one are rare.
constexpr std::size_t kMostExact = 6;
constexpr int kMostText = 96;      // characters of a line between two values
constexpr int kMostWords = 24;     // the same, where words have spaces
constexpr int kMostValue = 59;     // characters of a value behind its first
constexpr int kMostIntents = 140;  // characters of one intent, or of two with + between them
constexpr int kMostTags = 32;      // of a reading

/// `text` as a literal of the grammar.
void append_literal(std::string_view text, std::string& out) {
  out += '"';
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20) {
      fmt::format_to(std::back_inserter(out), "\\x{:02X}", static_cast<unsigned>(c));
      continue;
    }
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  out += '"';
}

/// A Chinese text of the lexicon: its characters and words in any order.
std::string rules_of_characters(const Lexicon& lexicon) {
  std::string set = " ，。？！、";
  set += base::to_utf8(lexicon.characters);
  std::string part = fmt::format("[{}]", set);
  for (const std::string& word : lexicon.words) {
    part += " | ";
    append_literal(word, part);
  }
  return fmt::format(
      "part ::= {0}\nbegin ::= part{{0,{1}}}\ninner ::= begin\nend ::= begin\nsome ::= part begin\n", part,
      kMostText);
}

/// One with spaces between its words, and between words and values.
std::string rules_of_words(const Lexicon& lexicon) {
  std::string word;
  for (const std::string& one : lexicon.words) {
    word += word.empty() ? "" : " | ";
    append_literal(one, word);
  }
  return fmt::format(R"(word ::= {0}
gap ::= [,.?!;:]? " "
more ::= (gap word){{0,{1}}}
begin ::= (word more gap)?
inner ::= "'s"? more gap
end ::= "'s"? more [.?!]?
some ::= word more [.?!]?
)",
                     word, kMostWords);
}

class Writer {
 public:
  Writer(model::Wire wire, const Lexicon* lexicon) : wire_(wire), lexicon_(lexicon) {
    if (lexicon_ != nullptr) {
      begin_ = "begin";
      inner_ = "inner";
      end_ = "end";
    }
  }

  std::string write(const model::Request& request) {
    std::string root = "root ::= ";
    if (wire_ == model::Wire::envelope) append_literal(R"({"utterances": [)", root);
    for (std::size_t i = 0; i < request.utterances.size(); ++i) {
      const std::string rule = utterance(request.utterances[i], i);
      if (wire_ == model::Wire::line)
        root += rule;
      else
        fmt::format_to(std::back_inserter(root), R"( "{}\"" {} "\"")", i > 0 ? ", " : "", rule);
    }
    if (wire_ == model::Wire::envelope) root += R"( "]}")";
    if (lexicon_ != nullptr)
      return fmt::format(
          "{}\n{}{}", root, rules_,
          lexicon_->characters.empty() ? rules_of_words(*lexicon_) : rules_of_characters(*lexicon_));
    // What has no slots says something all the same.
    const std::string no_text =
        fmt::format(R"(\[\]\\{}\x00-\x1F\x7F)", wire_ == model::Wire::envelope ? "\"" : "");
    // A small model that repeats itself would go on to the end of its tokens.
    const std::string length = wire_ == model::Wire::envelope ? "*" : fmt::format("{{0,{}}}", kMostText);
    return fmt::format("{0}\n{1}text ::= [^{2}]{3}\nsome ::= [^ {2}] text\n", root, rules_, no_text, length);
  }

 private:
  /// Adds the rules of the n-th utterance; returns the name of the first.
  std::string utterance(const model::PlannedUtterance& utterance, std::size_t n) {
    const std::vector<std::string> tags = tags_of(utterance);
    if (tags.empty()) return "some";
    if (tags.size() > kMostExact) {
      std::string any;
      for (const std::string& tag : tags) any += (any.empty() ? "" : " | ") + tag;
      rules_ += fmt::format("u{0} ::= {1} ({2}) ({3} ({2})){{{4}}} {5}\n", n, begin_, any, inner_,
                            tags.size() - 1, end_);
      return fmt::format("u{}", n);
    }
    const unsigned all = (1U << tags.size()) - 1;
    for (unsigned left = 1; left <= all; ++left) {
      rules_ += fmt::format("u{}-{} ::= {} (", n, left, left == all ? begin_ : inner_);
      bool first = true;
      for (std::size_t i = 0; i < tags.size(); ++i) {
        if ((left >> i & 1U) == 0) continue;
        const unsigned rest = left & ~(1U << i);
        rules_ += first ? "" : " | ";
        rules_ +=
            rest == 0 ? fmt::format("{} {}", tags[i], end_) : fmt::format("{} u{}-{}", tags[i], n, rest);
        first = false;
      }
      rules_ += ")\n";
    }
    return fmt::format("u{}-{}", n, all);
  }

  std::vector<std::string> tags_of(const model::PlannedUtterance& utterance) const {
    std::vector<std::string> tags;
    for (const model::PlannedFrame& frame : utterance.frames)
      for (const model::PlannedSlot& slot : frame.slots) {
        std::string tag;
        model::append_tag(utterance.frames.size() > 1 ? frame.name : std::string(), slot.name, slot.text,
                          tag);
        if (wire_ == model::Wire::envelope) {
          std::string json;
          base::append_json_string(tag, json);
          tag = json.substr(1, json.size() - 2);
        }
        append_literal(tag, tags.emplace_back());
      }
    return tags;
  }

  const model::Wire wire_;
  const Lexicon* lexicon_;
  std::string_view begin_ = "text";  // the rules of text in front of, between and behind values
  std::string_view inner_ = "text";
  std::string_view end_ = "text";
  std::string rules_;
};

/// Opinions on numbered lines, one for each, in their order.
std::string opinion_grammar(const model::Request& request) {
  std::string root;
  for (std::size_t i = 0; i < request.utterances.size(); ++i)
    fmt::format_to(std::back_inserter(root), R"({} "\"{} " opinion "\"")", i > 0 ? " \", \"" : "", i + 1);
  std::string names;
  for (const std::string& name : request.tags) {
    if (!names.empty()) names += " | ";
    append_literal(name, names);
  }
  std::string opinion;
  if (request.wire == model::Wire::votes) {
    opinion = fmt::format("opinion ::= \"ok\" | name (\" \" name){{0,{}}}\nname ::= {}\n",
                          std::max<std::size_t>(request.tags.size(), 1) - 1, names);
  } else {
    const std::string_view text = R"([^\[\]\\"\x00-\x1F\x7F])";
    opinion = fmt::format(
        "opinion ::= {0}{{1,{1}}} (\"[\" name \":\" {0}{{1,{2}}} \"]\" \" \"?){{0,{3}}}\nname ::= {4}\n",
        text, kMostIntents, kMostValue + 1, kMostTags, names.empty() ? "\"-\"" : names);
  }
  return fmt::format(R"(root ::= "{{\"{}\": [" {} "]}}"
{})",
                     model::list_name(request.wire), root, opinion);
}

}  // namespace

std::string wire_grammar(const model::Request& request, const Lexicon* lexicon) {
  if (request.wire == model::Wire::values)
    return fmt::format(R"(root ::= "{{\"values\": [" value (", " value){{0,{0}}} "]}}"
value ::= "\"" [^ {1}] [^{1}]{{0,{2}}} "\""
)",
                       std::max<std::size_t>(request.utterances.size(), 1) - 1, R"(\[\]\\"\x00-\x1F\x7F)",
                       kMostValue);
  if (request.wire == model::Wire::votes || request.wire == model::Wire::readings)
    return opinion_grammar(request);
  return Writer(request.wire, lexicon).write(request);
}

}  // namespace local_model
