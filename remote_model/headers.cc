#include "remote_model/headers.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "base/text.h"
#include "remote_model/url.h"

namespace remote_model {

base::Result<SecretHeaders> read_headers(const RemoteSpec& spec) {
  SecretHeaders headers;
  for (const auto& [name, variable] : spec.headers_env) {
    const char* value = std::getenv(variable.c_str());
    const std::string text(value == nullptr ? std::string_view() : base::trim(value));
    if (text.empty())
      return base::bad_input(
          fmt::format("model {}: the environment variable {} of the header {} is {}; set it with `export "
                      "{}=…` and run the same command again",
                      spec.id, variable, name, value == nullptr ? "not set" : "empty", variable));
    if (std::any_of(text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; }))
      return base::bad_input(
          fmt::format("model {}: {}, the value of the header {}, has line breaks or characters that are not "
                      "ASCII; set it again and run the same command again",
                      spec.id, variable, name));
    headers.lines.push_back(fmt::format("{}: {}", name, text));
    headers.values.push_back(text);
  }
  const auto url = parse_url(spec.base_url);
  if (!headers.values.empty() && url && url->scheme == "http" && !url->loopback)
    return base::bad_input(
        fmt::format("model {}: {} would carry the values of headers_env unencrypted over the network; use "
                    "https://",
                    spec.id, url->text));
  return headers;
}

}  // namespace remote_model
