// What a person is told when a model doesn't answer: what the server said, made fit for a message, and
// the way out. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "remote_model/chat.h"
#include "remote_model/dialect.h"
#include "remote_model/retry_policy.h"
#include "remote_model/transport.h"

namespace remote_model {

/// `text` with `key` replaced by ***, however it is spelled (secrets.h). Keys shorter than eight characters
/// are placeholders (`EMPTY`) and stay: they would be masked out of ordinary words.
std::string mask_key(std::string text, std::string_view key);

/// The same for all of them.
std::string mask_secrets(std::string text, const std::vector<std::string>& secrets);

/// `401 Unauthorized: invalid key [invalid_api_key]`, or curl's words; masked and cut.
std::string explain(const HttpResponse& response, const ChatAnswer& answer,
                    const std::vector<std::string>& secrets);

/// `set OPENAI_API_KEY to a valid key and run the same command again`.
std::string way_out(const HttpResponse& response, Verdict verdict, std::string_view key_variable,
                    const Dialect& dialect);

}  // namespace remote_model
