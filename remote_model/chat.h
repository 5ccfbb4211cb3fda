// How what comes back from chat completions and completions is read. A pure function, any thread; it knows
// nothing of connections or retries.
//
// Reading is generous, because servers differ and the reply is paid for: errors come in four shapes and
// also under status 200; content may be null, an array of parts, or sit in `reasoning_content` (old
// vLLM parsers); cached and thinking tokens are counted in several places; bytes that are not UTF-8 become
// U+FFFD. What it refuses is JSON that doesn't parse as a whole: half a reply is no reply.
#pragma once

#include <string>
#include <string_view>

#include "model/request.h"

namespace remote_model {

struct ChatAnswer {
  enum class Kind {
    reply,       // `content`, `finish` and `usage` hold
    error,       // the server said what is wrong: `message`, `code`, `type`
    unreadable,  // HTML, half a JSON, no choices: `message` says which
  };
  Kind kind = Kind::unreadable;
  std::string content;
  model::Finish finish = model::Finish::stop;
  model::Usage usage;
  std::string message;
  std::string code;  // a number is written as text
  std::string type;
};

ChatAnswer read_chat_answer(std::string_view body);

/// Text of a server as part of a message: control characters become spaces, runs of white space one,
/// ill-formed UTF-8 U+FFFD, and it is cut after 300 characters.
std::string clean_server_text(std::string_view text);

}  // namespace remote_model
