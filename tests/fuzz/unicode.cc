// Text as it is compared: what is normalised stays as it is when it is normalised again. Bytes that are
// no UTF-8 are only allowed not to do harm.
#include "base/unicode.h"

#include "base/json_writer.h"
#include "tests/fuzz/claim.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = fuzz::view(data, size);
  base::normalise(bytes, true);
  base::to_traditional(bytes);
  std::string json;
  base::append_json_string(bytes, json);
  CLAIM(base::is_valid_utf8(json) && json.find('\n') == std::string::npos);

  const std::string text = fuzz::well_formed(bytes);
  CLAIM(base::is_valid_utf8(text) && base::to_utf8(base::to_utf32(text)) == text);
  CLAIM(base::count_code_points(text) == base::to_utf32(text).size());
  CLAIM(base::is_valid_utf8(bytes) == (text == bytes));
  const std::string folded = base::fold(text);
  CLAIM(base::is_valid_utf8(folded) && base::fold(folded) == folded);
  CLAIM(base::is_valid_utf8(base::to_simplified(text)));
  for (const bool simplify : {false, true}) {
    const std::string normal = base::normalise(text, simplify);
    CLAIM(base::is_valid_utf8(normal));
    CLAIM(base::normalise(normal, simplify) == normal);
  }
  return 0;
}
