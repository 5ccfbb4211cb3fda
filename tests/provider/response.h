// What the provider will do about one request: what is sent, when, how much of it, and what happens to the
// connection afterwards. Made by the service, carried out by the server.
#pragma once

#include <string>

#include "base/hash.h"

namespace provider {

enum class Sending {
  whole,
  nothing,    // not a byte
  half,       // half of the body
  too_short,  // Content-Length says 100 bytes more
  pieces,     // 64 bytes each 20 ms
  bytes,      // one byte each 0.3 ms
};

enum class Ending {
  keep,   // the connection stays
  close,  // announced by a header
  drop,   // closed without a word
  reset,
};

struct Response {
  int status = 200;
  std::string content_type = "application/json";
  std::string headers;  // whole lines, each with its CRLF
  std::string body;
  std::size_t answer_tokens = 0;  // what its usage counts, or should
  double delay_ms = 0;
  Sending sending = Sending::whole;
  Ending ending = Ending::keep;
  bool counted = false;   // a request of which Statistics were told
  bool delivers = false;  // it ends with a reply that is worth its money: to ask again would be a waste
  base::Hash128 asked;    // names the counted request
};

/// The header line for so many seconds; fractions go to retry-after-ms. Nothing for 0.
std::string retry_after_header(double seconds);

}  // namespace provider
