// The OpenAI dialects, chat completions and completions: what is sent, and how what comes back is read. Pure
// functions, any thread; they know nothing of connections, retries or keys.
//
// Reading is generous, because servers differ and the reply is paid for: errors come in four shapes and
// also under status 200; content may be null, an array of parts, or sit in `reasoning_content` (old
// vLLM parsers); bytes that are not UTF-8 become U+FFFD. What it refuses is JSON that doesn't parse as a
// whole: half a reply is no reply.
#pragma once

#include <string>
#include <string_view>

#include "model/request.h"

namespace remote_model {

/// The request body. The schema allows exactly the request's number of utterances, and in them only
/// the request's tags; of values, it allows up to as many as are asked for.
std::string chat_request_body(const model::ModelIdentity& identity, const model::Request& request);

/// The same for completions, where the prompt is one text: with the wire format `line` prefix and tail as
/// they are, which is all of a protocol; else with an empty line between. Nothing holds the reply to its
/// form: servers agree on no parameter for that, and refuse or ignore the others'.
std::string completions_request_body(const model::ModelIdentity& identity, const model::Request& request);

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
