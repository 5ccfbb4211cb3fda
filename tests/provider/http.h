// HTTP/1.1 as far as a test server needs it: one request out of a buffer, one response into a string.
// Bodies by Content-Length or chunked; anything odd is refused, and the connection then closed.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace provider {

struct HttpMessage {
  std::string_view method;
  std::string_view path;
  std::string_view authorization;
  std::string_view content_type;
  std::string_view body;  // into the buffer, or into `unchunked`
  bool keep_alive = true;
  bool expects_continue = false;
  std::string unchunked;
  std::size_t size = 0;  // bytes of the buffer that it took
};

enum class Parse { complete, incomplete, bad };

/// `buffer` isn't empty. `incomplete` with `expects_continue` set: the client waits for `100 Continue` before
/// it sends the body.
Parse parse_request(std::string_view buffer, HttpMessage& message);

struct ResponseHead {
  int status = 200;
  std::string_view content_type = "application/json";
  std::size_t content_length = 0;
  bool keep_alive = true;
  std::string_view extra = {};  // whole lines, each with its CRLF
};
void append_response(const ResponseHead& head, std::string_view body, std::string& out);

/// `text` as a gzip file of stored blocks: valid, and as long as before.
std::string gzip_stored(std::string_view text);

}  // namespace provider
