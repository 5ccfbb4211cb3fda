// A data set that somebody else made, as validation sees it: rows with their places, and what is wrong with
// them. docs/validate.md is the manual.
//
// Memory: about 550 bytes a row and 130 a slot besides the texts, and while a file is read the same again. A
// million rows of two slots (229 MB) take 1.75 GB at most.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "datasets/readers/reader.h"
#include "validators/verdict.h"

namespace validators {

struct DataRow {
  datasets::Row row;
  std::uint32_t file = 0;  // index into DataSet::files
  datasets::Place place;
  std::uint64_t offset = 0;  // of its record in the file's text, in bytes; chat rows only
  std::uint32_t size = 0;
  Verdict verdict = Verdict::accepted;  // its first fault that --fix can't mend
  bool repaired = false;
};

struct DataFault {
  std::uint32_t file = 0;
  datasets::Place place;
  Verdict verdict = Verdict::accepted;
  bool note = false;    // worth knowing, no fault
  bool mended = false;  // the row is right now
  std::string what;     // for a person
};

struct DataSetFile {
  std::string path;  // as given; `-` is standard input
  datasets::Format format = datasets::Format::rows;
  std::uint64_t rows = 0;
  std::string text;  // of chat files, which are written as they were read
};

struct DataSet {
  std::vector<DataSetFile> files;
  std::vector<DataRow> rows;      // file after file, each in its order
  std::vector<DataFault> faults;  // by file and place once validation is over

  /// `data.jsonl:12` or, where several rows stand on a line, `data.json:1:2040`.
  std::string place_of(std::uint32_t file, datasets::Place place) const;
};

/// Reads the files, in the given format or in the one that each is recognised to have. What readers found
/// wrong is in `faults`. The error is the first file that can't be read at all.
base::Result<DataSet> read_data_set(const std::vector<std::string>& paths,
                                    std::optional<datasets::Format> format);

}  // namespace validators
