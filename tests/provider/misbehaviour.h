// What each mode does to the answer of one chat request. A pure function of the request, the mode and the
// options; it counts nothing and knows no limits.
#pragma once

#include <string_view>

#include "tests/provider/modes.h"
#include "tests/provider/options.h"
#include "tests/provider/requests.h"
#include "tests/provider/response.h"

namespace provider {

struct Asked {
  std::string_view body;
  std::string_view path = "/v1/chat/completions";
  std::string_view authorization = {};
};

Response answer_in_mode(Mode mode, const ChatRequest& request, const Asked& asked, const Options& options);

}  // namespace provider
