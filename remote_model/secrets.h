// Secrets that come back: a server may echo the key in an error text, a reply or a header, as it is or in one
// of the spellings that servers produce. Here they are found and replaced, before anything is shown, kept
// or cut. Pure but for secrets_of(), which reads the environment; any thread; about a nanosecond a byte.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace remote_model {

struct Endpoint;

/// `text` with each appearance of `secret` replaced by ***, also where characters of it are percent-encoded,
/// escaped as JSON does (once or more), or HTML entities.
std::string mask_spellings(std::string text, std::string_view secret);

/// What must not get out of the requests to `endpoint`: values of headers, but for harmless ones, and the
/// passwords of its proxy and of those of the environment, plain and as they travel (Basic).
std::vector<std::string> secrets_of(const Endpoint& endpoint);

/// Whether the values of this header are never secret (Content-Type).
bool is_harmless_header(std::string_view name);

}  // namespace remote_model
