// What answers that are numbers (embeddings.h, rerank.h) share: their usage, and what is said when there are
// none. For .cc files: simdjson stands in it. Pure, any thread.
#pragma once

#include <simdjson.h>

#include <cstddef>
#include <string_view>

#include "remote_model/chat.h"

namespace remote_model {

constexpr std::size_t kMostJsonBytes = std::size_t{64} << 20;

/// A reply without text.
ChatAnswer reply_with_usage(const simdjson::dom::element& root);

/// A body that isn't the answer asked for: the error in it, or unreadable, `JSON without WHAT: …`.
ChatAnswer read_other_answer(std::string_view body, std::string_view what);

}  // namespace remote_model
