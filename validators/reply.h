// Reads utterances out of a model's reply: strict JSON first, then a ladder of repairs, each recorded.
//
//   strict     {"utterances": ["…", …]}
//   fenced     the same inside ``` fences, or after a <think>…</think> block
//   extracted  prose around the object; a bare array; objects with a text member instead of strings
//   mended     trailing commas, single quotes around strings, raw newlines inside strings
//   salvaged   cut off: the complete strings before the cut are kept
//
// Values of a catalogue ({"values": ["…", …]}) and opinions (votes, readings) are read in the same way.
//
// Pure functions, any thread; the text is foreign and may be anything.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/request.h"
#include "validators/repairs.h"
#include "validators/verdict.h"

namespace validators {

enum class Repair : std::uint8_t { strict, fenced, extracted, mended, salvaged };
constexpr std::size_t kRepairCount = static_cast<std::size_t>(Repair::salvaged) + 1;
std::string_view repair_name(Repair repair);
/// The same of each of its rows; not for `strict`.
RowRepair row_repair(Repair repair);

struct ParsedReply {
  /// accepted, refused or broken_json.
  Verdict verdict = Verdict::broken_json;
  Repair repair = Repair::strict;
  std::vector<std::string> utterances;  // or values
};

/// On the wire format `line` the body is the utterance; cut off it is none.
ParsedReply parse_reply(std::string_view body, model::Finish finish,
                        model::Wire wire = model::Wire::envelope);

}  // namespace validators
