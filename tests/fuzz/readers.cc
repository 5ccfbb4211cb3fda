// A data set that somebody else made: the first line names its format, or is empty; the rest is the file.
// What is read has its slots where it says, and can be written as rows.
#include "datasets/readers/find_text.h"
#include "datasets/readers/reader.h"
#include "tests/fuzz/claim.h"

namespace {

void check(const datasets::ReadRow& read) {
  CLAIM(read.place.line > 0);
  CLAIM(base::is_valid_utf8(read.row.text));
  datasets::Row row = read.row;
  for (datasets::Frame& frame : row.frames) {
    for (const datasets::Slot& slot : frame.slots) {
      CLAIM(!slot.name.empty() && base::is_valid_utf8(slot.name) && base::is_valid_utf8(slot.value));
      if (!datasets::is_placed(slot)) continue;
      const auto found = datasets::substring(row.text, slot.start, slot.end);
      CLAIM(found && *found == slot.text);
    }
    std::erase_if(frame.slots, [](const datasets::Slot& slot) { return !datasets::is_placed(slot); });
  }
  std::string written;
  datasets::append_row(row, written);
  const auto again = datasets::parse_row(written);
  CLAIM(again && again->frames == row.frames && again->text == row.text);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text = fuzz::view(data, size);
  const auto format = datasets::format_named(fuzz::take_line(text));
  const auto file = datasets::read_data(std::string(text), format);
  if (!file) {
    CLAIM(!file.error().message.empty() && base::is_valid_utf8(file.error().message));
    return 0;
  }
  datasets::Place last;
  for (const datasets::ReadRow& row : file->reading.rows) {
    check(row);
    CLAIM(last <= row.place);
    last = row.place;
  }
  for (const datasets::Fault& fault : file->reading.faults)
    CLAIM(!fault.what.empty() && base::is_valid_utf8(fault.what) && fault.place.line > 0);
  return 0;
}
