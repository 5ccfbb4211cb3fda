// Rasa's training data: `nlu:` is a list; of its entries those with `intent` and `examples` are read, in the
// short form (a block of `- text` lines) and the long one (`- text: |`). A slot is `[value](slot)`,
// `[value](slot:canonical)` or `[value]{"entity":…,"role":…,"value":…}`; with a role it is named
// `entity_role`.
//
// YAML has no broken lines, only broken files: what yaml-cpp can't read is one fault, where it says so.
#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include "base/text.h"
#include "base/unicode.h"
#include "datasets/readers/formats.h"
#include "datasets/readers/json_value.h"
#include "datasets/readers/lines.h"
#include "datasets/readers/utterance.h"

namespace datasets {
namespace {

class RasaReader {
 public:
  explicit RasaReader(Reading& reading) : reading_(reading) {}

  void read(const std::string& text) {
    const YAML::Node root = YAML::Load(text);
    if (!root.IsMap() || !root["nlu"].IsDefined())
      return reading_.fault({1, 0}, ReadFault::broken_annotation, "no `nlu:` in it");
    const YAML::Node entries = root["nlu"];
    if (!entries.IsSequence()) return fault(entries, "`nlu` must be a list");
    for (const YAML::Node& entry : entries) {
      if (!entry.IsMap()) {
        fault(entry, "an entry of `nlu` must be a mapping");
        continue;
      }
      const YAML::Node intent = entry["intent"];
      if (!intent.IsDefined()) continue;  // synonyms, look-up tables, patterns
      const YAML::Node examples = entry["examples"];
      if (!intent.IsScalar() || !examples.IsDefined()) {
        fault(entry, "an intent without `examples`");
        continue;
      }
      read_examples(intent.Scalar(), examples);
    }
  }

 private:
  static std::uint32_t line_of(const YAML::Node& node) {
    const int line = node.Mark().line;
    return line < 0 ? 1 : static_cast<std::uint32_t>(line) + 1;
  }

  void fault(const YAML::Node& node, std::string what) {
    reading_.fault({line_of(node), 0}, ReadFault::broken_annotation, std::move(what));
  }

  void read_examples(const std::string& intent, const YAML::Node& examples) {
    if (examples.IsSequence()) {
      for (const YAML::Node& example : examples) {
        const YAML::Node text = example.IsMap() ? example["text"] : example;
        if (text.IsDefined() && text.IsScalar()) {
          read_block(intent, text.Scalar(), line_of(text), false);
        } else {
          fault(example, "an example without `text`");
        }
      }
    } else if (examples.IsScalar()) {
      read_block(intent, examples.Scalar(), line_of(examples), true);
    } else {
      fault(examples, "`examples` must be a block of lines that begin with `- `");
    }
  }

  // The mark of a block scalar is the line of its `|`; its text begins on the next one.
  void read_block(const std::string& intent, std::string_view block, std::uint32_t mark, bool list) {
    const bool lines_below = block.find('\n') != std::string_view::npos;
    LineCutter lines(block, lines_below ? mark + 1 : mark);
    std::string_view line;
    while (lines.next(line)) {
      line = base::trim(line);
      const Place place{lines.number(), 0};
      if (line.empty() || line.starts_with('#')) continue;
      if (list) {
        if (!line.starts_with("- ") && line != "-") {
          reading_.fault(place, ReadFault::broken_annotation, "an example must begin with `- `");
          continue;
        }
        line = base::trim(line.substr(1));
      }
      read_example(intent, line, place);
    }
  }

  void read_example(const std::string& intent, std::string_view line, Place place) {
    Utterance utterance;
    const auto broken = [&](std::size_t at, std::string_view what) {
      reading_.fault(place, ReadFault::broken_annotation,
                     fmt::format("character {}: {}", base::count_code_points(line.substr(0, at)) + 1, what));
    };
    std::size_t at = 0;
    while (at < line.size()) {
      const std::size_t open = line.find('[', at);
      utterance.text(line.substr(at, open == std::string_view::npos ? open : open - at));
      if (open == std::string_view::npos) break;
      const std::size_t close = line.find(']', open);
      if (close == std::string_view::npos) return broken(open, "`[` is never closed");
      const std::string_view value = line.substr(open + 1, close - open - 1);
      const char next = close + 1 < line.size() ? line[close + 1] : '\0';
      const std::size_t end = next == '('   ? line.find(')', close)
                              : next == '{' ? line.find('}', close)
                                            : close;
      if (end == std::string_view::npos) return broken(close + 1, fmt::format("`{}` is never closed", next));
      if (end == close) return broken(open, "a value without its slot: write [value](slot)");
      if (base::trim_white_space(value).empty()) return broken(open, "a slot without a value");
      const std::string_view what = line.substr(close + 2, end - close - 2);
      if (next == '(') {
        const std::size_t colon = what.find(':');
        const std::string_view name = base::trim(what.substr(0, colon));
        if (name.empty()) return broken(close + 1, "a value without a name of its slot");
        utterance.slot(
            name, value,
            colon == std::string_view::npos ? std::string_view() : base::trim(what.substr(colon + 1)));
      } else if (!read_object(line.substr(close + 1, end - close), value, utterance)) {
        return broken(close + 1, R"(what follows a value must be {"entity": …})");
      }
      at = end + 1;
    }
    ReadRow row;
    row.place = place;
    utterance.finish(intent, row.row);
    reading_.rows.push_back(std::move(row));
  }

  static bool read_object(std::string_view json, std::string_view value, Utterance& utterance) {
    const auto root = parse_json(json);
    simdjson::dom::object object;
    if (!root || root->get(object) != simdjson::SUCCESS) return false;
    std::string name(string_member(object, "entity"));
    if (name.empty()) return false;
    if (const std::string_view role = string_member(object, "role"); !role.empty()) (name += '_') += role;
    utterance.slot(name, value, string_member(object, "value"));
    return true;
  }

  Reading& reading_;
};

}  // namespace

void read_rasa(std::string_view text, Reading& reading) {
  try {
    RasaReader(reading).read(std::string(text));
  } catch (const YAML::Exception& error) {
    // The message may quote one byte of a character.
    const std::uint32_t line = error.mark.is_null() ? 1 : static_cast<std::uint32_t>(error.mark.line) + 1;
    reading.fault({line, 0}, ReadFault::broken_annotation,
                  fmt::format("isn't YAML: {}", base::to_utf8(base::to_utf32(error.msg))));
  }
}

}  // namespace datasets
