// What `--fix` writes: the rows that have no fault or were mended, in their order. Chat rows as they were
// read, to the byte; all others as rows.jsonl (docs/formats.md, "Row"), which every other format can be made
// from.
#pragma once

#include "base/file.h"
#include "base/result.h"
#include "validators/data_set/validate.h"

namespace validators {

/// Written aside, synced and renamed. Chat files and others can't be mixed in one output: bad_input.
base::Status write_fixed(const Validation& validation, const base::Path& path);

}  // namespace validators
