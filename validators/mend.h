// Rewrites what a model meant as JSON into JSON: the last step of the ladder in reply.h.
//
// One pass, linear in the text, output at most six times as long. It understands and repairs
//   trailing, doubled, missing and full-width commas and colons; keys without quotes
//   strings in 'single' or “curly” quotes, quotes inside a string that nobody escaped
//   raw line breaks and control characters in strings; \[ and other escapes that JSON lacks
//   half a surrogate pair, bytes that are not UTF-8 (both become U+FFFD)
//   closing brackets that are missing or too many
//   a text that is cut off: what was complete before the cut is kept
// Bare words that are no string are dropped. It never invents text. Any thread.
#pragma once

#include <string>
#include <string_view>

namespace validators {

struct Mended {
  std::string json;  // empty if nothing is to be had
  bool cut = false;  // the text ended before the value did
};

/// `text` begins with the bracket of the value; what follows the value is ignored.
Mended mend_json(std::string_view text);

}  // namespace validators
