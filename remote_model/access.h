// From what the job says about a model to what may be sent where: checks address, key, proxy and HTTP
// version before the first request, so that no key leaves by mistake. Reads the environment.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "remote_model/remote_model.h"
#include "remote_model/transport.h"

namespace remote_model {

struct Access {
  std::string base_url;  // without `/` and `/chat/completions`, or what is called, at its end
  std::shared_ptr<const Endpoint> endpoint;
  std::vector<std::string> secrets;  // the key and the values of headers: never in a message
};

/// Refuses what RemoteModel::make says it refuses. No message holds the key or a proxy's password.
base::Result<Access> open_access(const RemoteSpec& spec);

}  // namespace remote_model
