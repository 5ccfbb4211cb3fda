// Data sets that somebody else made: which format a file has, and its rows. The format is recognised from
// the first bytes of the content, not from the name, unless the caller says it.
//
// JSON lines and JSON records are read one by one, so a broken one is a fault of its line. Any thread; lines
// are parsed in parallel on the workers of the oneTBB arena that the caller is in, and the result is the same
// for any number of them. Memory: the file, and its rows (reading.h).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/file.h"
#include "base/result.h"
#include "datasets/readers/reading.h"

namespace datasets {

enum class Format : std::uint8_t { rows, chat, snips, bio, rasa, table };

/// The names for people: `rows`, `chat`, `snips`, `bio`, `rasa`, `table`.
const char* format_name(Format format);
std::optional<Format> format_named(std::string_view name);

/// The format of a file that begins so; nothing if it is none of them. `text` as UTF-8.
std::optional<Format> recognise(std::string_view text);

struct DataFile {
  Format format = Format::rows;
  Reading reading;
  std::string text;  // as UTF-8; `offset` and `size` of rows point into it
};

/// Reads the whole content. The error is one of the file as a whole: it is in another encoding, or in no
/// format that is known.
base::Result<DataFile> read_data(std::string bytes, std::optional<Format> format);

/// The same of a file; `-` is standard input. Errors name the path.
base::Result<DataFile> read_data_file(const base::Path& path, std::optional<Format> format);

}  // namespace datasets
