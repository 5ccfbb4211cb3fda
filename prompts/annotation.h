// Inline tags, the notation of utterances with slots everywhere: in a job's examples, in prompts and in
// replies.
//
//   把[device:主屏]音量调到[level:百分之三十]
//
// `\[`, `\]` and `\\` stand for the characters themselves. Tags don't nest. A name ends at the first
// colon. Models write full-width ［：］ now and then: they are read as [:] where they form a tag. Nor
// are spaces at the edges of a value part of it. Both facts are reported. A backslash before any other
// character is a backslash. Pure functions, any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace prompts {

struct Tag {
  std::string name;
  std::string text;
  std::uint32_t start = 0;  // code points in the text without tags, half open
  std::uint32_t end = 0;
};

struct AnnotatedText {
  std::string text;  // without tags
  std::vector<Tag> tags;
  bool repaired = false;  // full-width brackets were read as tags, or spaces taken off a value
};

/// The error says what is wrong at which character of `marked`, from 1: `tag without a colon at
/// character 5; …`. Text that is not UTF-8 is refused.
base::Result<AnnotatedText> parse_annotation(std::string_view marked);
/// The reverse, with escapes. The tags must be in the order of the text and must not overlap.
std::string format_annotation(const AnnotatedText& annotated);

}  // namespace prompts
