// Chat requests: counted, held to the limits, given a status or a mode by the draw of their number, and
// answered. The line of a batch is answered here too, without limits or draws. One thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "tests/provider/http.h"
#include "tests/provider/limits.h"
#include "tests/provider/options.h"
#include "tests/provider/replies.h"
#include "tests/provider/requests.h"
#include "tests/provider/response.h"
#include "tests/provider/statistics.h"

namespace provider {

class Chat {
 public:
  Chat(const Options& options, Statistics& statistics);
  /// `native`: Ollama's /api/chat.
  Response handle(const HttpMessage& message, bool native);
  Response answer_line(std::string_view body);

 private:
  Response answer(const ChatRequest& request, const HttpMessage& message, std::uint64_t number);
  void write(ChatRequest& request, std::string_view body);
  int drawn_status(std::uint64_t number) const;
  Mode drawn_mode(std::uint64_t number) const;

  const Options& options_;
  Statistics& statistics_;
  Limits limits_;
  Readings readings_;
  std::uint64_t requests_ = 0;
};

}  // namespace provider
