// A line of rows.jsonl: what can be read is written as it was and read again as the same.
#include "datasets/row.h"

#include "tests/fuzz/claim.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto row = datasets::parse_row(fuzz::view(data, size));
  if (!row) {
    CLAIM(!row.error().message.empty() && base::is_valid_utf8(row.error().message));
    return 0;
  }
  std::string written;
  datasets::append_row(*row, written);
  const auto again = datasets::parse_row(written);
  CLAIM(again);
  CLAIM(again->text == row->text && again->frames == row->frames && again->kind == row->kind &&
        again->split == row->split && again->style == row->style && again->source.key == row->source.key);
  std::string twice;
  datasets::append_row(*again, twice);
  CLAIM(twice == written);
  return 0;
}
