// What is sent: the body of a request for OpenAI's chat completions, or completions, in the dialect of the
// provider. Pure functions of what they are given, any thread.
//
// Three things shape a body: the dialect says how something is said, the identity what is asked of the model,
// the request what is wanted this time. What the job's extra_body names is left to it, and stands at the end.
// An option that the dialect has no word for is left out; the job's reader has refused it before.
#pragma once

#include <string>

#include "model/request.h"
#include "remote_model/dialect.h"

namespace remote_model {

/// The schema, where there is one, allows exactly the request's number of utterances, and in them only the
/// request's tags. Where a provider wants the word JSON in the prompt, it is added unless it is there.
std::string chat_request_body(const Dialect& dialect, const model::ModelIdentity& identity,
                              const model::Request& request);

/// For completions, where the prompt is one text: with the wire format `line` prefix and tail as
/// they are, which is all of a protocol; else with an empty line between. Nothing holds the reply to its
/// form: servers agree on no parameter for that, and refuse or ignore the others'.
std::string completions_request_body(const Dialect& dialect, const model::ModelIdentity& identity,
                                     const model::Request& request);

}  // namespace remote_model
