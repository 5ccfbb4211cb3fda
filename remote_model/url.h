// What slotmill wants to know about an address before a key is sent there. curl's own parser does the
// work, so that what is checked is what curl will connect to. Pure; any thread.
#pragma once

#include <optional>
#include <string>

namespace remote_model {

struct Url {
  std::string scheme;       // lower case
  std::string host;         // without brackets
  std::string text;         // the whole, normalised, without user, password, query and fragment
  bool loopback = false;    // localhost, 127.0.0.0/8 or ::1
  bool has_extras = false;  // a user, password, query or fragment was there
};

/// None if it isn't a URL with a scheme and a host.
std::optional<Url> parse_url(const std::string& text);

}  // namespace remote_model
