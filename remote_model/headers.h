// Headers that the job wants sent with every request, their values from environment variables: a workspace, a
// project, a gateway's own key. Values are secrets: no message, key or journal holds them. Reads the
// environment.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "remote_model/remote_model.h"

namespace remote_model {

struct SecretHeaders {
  std::vector<std::string> lines;   // `Name: value`
  std::vector<std::string> values;  // to be masked
};

/// Refuses a variable that isn't set or is empty, a value with line breaks or characters that aren't ASCII,
/// and http:// to another machine, where they would go unencrypted.
base::Result<SecretHeaders> read_headers(const RemoteSpec& spec);

}  // namespace remote_model
