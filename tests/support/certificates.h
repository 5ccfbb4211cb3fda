// Certificates for tests of TLS, made when they run: a private CA, and servers that it vouches for. No key
// is ever kept.
#pragma once

#include <string>

#include "base/file.h"

namespace testing_support {

struct Certificates {
  std::string ca;           // PEM files
  std::string certificate;  // for 127.0.0.1 and localhost, signed by `ca`
  std::string key;
};

/// Writes them into `folder`. `expired`: the server's certificate ended yesterday.
Certificates make_certificates(const base::Path& folder, bool expired = false);

}  // namespace testing_support
