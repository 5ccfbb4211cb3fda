// The notation of slots inside an utterance, as far as writing goes: `[name:value]`, with `[`, `]` and
// `\` in values and text escaped by a `\`. prompts/annotation.h reads it.
#pragma once

#include <string>
#include <string_view>

namespace model {

/// Whether `c` must be escaped in text and values.
constexpr bool is_tag_character(char c) { return c == '[' || c == ']' || c == '\\'; }

/// Appends `text` with `[`, `]` and `\` escaped.
void append_escaped(std::string_view text, std::string& out);

/// Appends `[slot:value]`, or `[frame.slot:value]` unless `frame` is empty.
void append_tag(std::string_view frame, std::string_view slot, std::string_view value, std::string& out);

}  // namespace model
