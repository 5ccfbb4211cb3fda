// Inline tags: whatever is read can be written and is read again as the same, and the places of the
// tags are those of their texts.
#include "prompts/annotation.h"

#include "tests/fuzz/claim.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view marked = fuzz::view(data, size);
  const auto read = prompts::parse_annotation(marked);
  if (!read) {
    CLAIM(!read.error().message.empty() && base::is_valid_utf8(read.error().message));
    return 0;
  }
  CLAIM(base::is_valid_utf8(marked));
  const std::u32string text = base::to_utf32(read->text);
  std::uint32_t last = 0;
  for (const prompts::Tag& tag : read->tags) {
    CLAIM(last <= tag.start && tag.start < tag.end && tag.end <= text.size());
    CLAIM(base::to_utf8(text.substr(tag.start, tag.end - tag.start)) == tag.text);
    last = tag.end;
  }
  const std::string written = prompts::format_annotation(*read);
  const auto again = prompts::parse_annotation(written);
  CLAIM(again);
  CLAIM(!again->repaired);
  CLAIM(again->text == read->text && again->tags.size() == read->tags.size());
  for (std::size_t i = 0; i < read->tags.size(); ++i) {
    const prompts::Tag& a = read->tags[i];
    const prompts::Tag& b = again->tags[i];
    CLAIM(a.name == b.name && a.text == b.text && a.start == b.start && a.end == b.end);
  }
  return 0;
}
