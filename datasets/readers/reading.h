// What a reader hands on: the rows of a file that somebody else made, each with its place, and what was
// wrong with the file. A fault of one line is a fault of that line: reading goes on behind it.
//
// A row that was read is not yet a row that is right. It has text, frames and slots with offsets; `id`,
// `language`, `template` and `split` are as the file has them, mostly empty. A slot whose place the format
// doesn't tell (a chat answer has values only) is unplaced: `text` empty, `start` and `end` 0.
//
// Memory: about 350 bytes a row and 130 a slot, and what texts are longer than 15 bytes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "datasets/row.h"

namespace datasets {

/// A place in a file, both from 1. `column` counts code points; 0: the whole line is meant.
struct Place {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  auto operator<=>(const Place&) const = default;
};

enum class ReadFault : std::uint8_t {
  broken_json,        // can't be parsed, or isn't what the format wants
  broken_annotation,  // brackets, tags or columns that can't be read
  not_utf8,           // read as Latin-1
  value_not_in_text,  // a slot whose text stands nowhere in the utterance
  wrong_offsets,      // its text stands elsewhere
  ambiguous_value,    // it stands at several places, and no offsets tell which is meant
};

struct Fault {
  Place place;
  ReadFault kind = ReadFault::broken_json;
  bool mended = false;  // the row was read all the same, and is as it was meant
  std::string what;     // for a person
};

struct ReadRow {
  Row row;
  Place place;
  std::uint64_t offset = 0;  // of its record in the text, in bytes; formats that are JSON
  std::uint32_t size = 0;
};

struct Reading {
  std::vector<ReadRow> rows;  // in the order of the file
  std::vector<Fault> faults;  // in the order of the file

  void fault(Place place, ReadFault kind, std::string what, bool mended = false) {
    faults.push_back({place, kind, mended, std::move(what)});
  }
};

inline bool is_placed(const Slot& slot) { return slot.end != 0; }

}  // namespace datasets
