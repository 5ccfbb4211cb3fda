// The row: an accepted utterance with everything that is known of it, in the canonical JSONL form that
// every other format is made from (docs/formats.md, "Row").
//
// Offsets are Unicode code points, half open. The same keys stand in every row, in the same order, so
// that column-oriented readers find one schema.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace datasets {

struct Slot {
  std::string name;
  std::string text;   // as it stands in the utterance
  std::string value;  // canonical: `30` for 百分之三十; for a time the surface
  std::uint32_t start = 0;
  std::uint32_t end = 0;
  bool operator==(const Slot&) const = default;
};

struct Frame {
  std::string intent;
  std::vector<Slot> slots;  // by start
  bool operator==(const Frame&) const = default;
};

enum class Kind : std::uint8_t { in_scope, out_of_scope, multi_intent };
const char* kind_name(Kind kind);

enum class Split : std::uint8_t { train, dev, test };
const char* split_name(Split split);

struct Source {
  std::string cell;
  std::uint64_t attempt = 0;
  std::uint32_t index = 0;  // of the candidate in its reply
  std::string key;          // request key, 32 hexadecimal digits
};

/// What another model holds of a row (`judge:` in the job).
struct Vote {
  std::string model;                // the id of the judge
  std::string by;                   // `reading` of the annotated text, or `round_trip`
  std::string vote;                 // `yes`, `no`, or `none`: it was asked, and no answer could be had
  std::vector<std::string> faults;  // of a `no`: `intent`, `slots`, `natural`
  bool operator==(const Vote&) const = default;
};

struct Row {
  std::string id;  // 16 hexadecimal digits: hash of language, intents and normalised text
  std::string text;
  std::string language;
  Kind kind = Kind::in_scope;
  std::vector<Frame> frames;  // none when out of scope, two when multi-intent
  std::string origin = "model";
  std::string model;
  std::vector<std::pair<std::string, std::string>> style;  // axis, planned value
  Source source;
  std::vector<std::string> repairs;  // codes of what was mended (validators/repairs.h)
  std::string template_text;         // normalised text with each slot value masked as `[name]`
  Split split = Split::train;
  std::vector<Vote> votes;  // of the judges; none without
};

/// Appends the row as one JSON object, without newline.
void append_row(const Row& row, std::string& out);
/// Puts votes into a row that append_row wrote, and that has none.
void set_votes(const std::vector<Vote>& votes, std::string& row);
/// Reads what append_row wrote. The error names what is missing or of the wrong type.
base::Result<Row> parse_row(std::string_view json);

}  // namespace datasets
