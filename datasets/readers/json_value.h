// Small helpers over simdjson for readers: each thread has one parser, a record is parsed where it stands.
// Heavy: for .cc files only.
#pragma once

#include <simdjson.h>

#include <string>
#include <string_view>

#include "base/result.h"

namespace datasets {

/// The document lives until this thread's next call.
base::Result<simdjson::dom::element> parse_json(std::string_view json);

/// A string member; empty if it is missing or isn't a string.
std::string_view string_member(const simdjson::dom::object& object, std::string_view key);

/// A scalar as text: strings as they are, numbers in their shortest decimal form, `true`, `false`. False for
/// null, arrays and objects.
bool scalar_text(const simdjson::dom::element& element, std::string& out);

}  // namespace datasets
