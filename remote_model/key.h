// Where a model's key comes from: the environment variable that the job names, or a file that the variable
// of that name with _FILE behind it names (as secrets are handed to containers). The file must be a
// regular one of this user's, closed to all others, with the key as its one line.
//
// No message holds the key. Any thread, as long as nobody changes the environment.
#pragma once

#include <string>

#include "base/result.h"

namespace remote_model {

/// `model` is its id, for messages. `variable` empty: no key, which is no error.
base::Result<std::string> read_key(const std::string& model, const std::string& variable);

}  // namespace remote_model
