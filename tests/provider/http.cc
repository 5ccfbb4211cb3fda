#include "tests/provider/http.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

#include "base/text.h"

namespace provider {
namespace {

constexpr std::size_t kMaxHead = 64 << 10;
constexpr std::size_t kMaxBody = 512 << 20;

bool equal_ignoring_case(std::string_view a, std::string_view lower) {
  return a.size() == lower.size() && std::equal(a.begin(), a.end(), lower.begin(), [](char x, char y) {
           return (x >= 'A' && x <= 'Z' ? static_cast<char>(x + 32) : x) == y;
         });
}

Parse read_chunks(std::string_view buffer, std::size_t at, HttpMessage& message) {
  for (;;) {
    const std::size_t line_end = buffer.find("\r\n", at);
    if (line_end == std::string_view::npos) return Parse::incomplete;
    std::size_t length = 0;
    const auto [end, error] = std::from_chars(buffer.data() + at, buffer.data() + line_end, length, 16);
    if (error != std::errc() || (end != buffer.data() + line_end && *end != ';') || length > kMaxBody)
      return Parse::bad;
    at = line_end + 2;
    if (buffer.size() < at + length + 2) return Parse::incomplete;
    if (buffer.substr(at + length, 2) != "\r\n") return Parse::bad;  // no trailers
    message.unchunked += buffer.substr(at, length);
    if (message.unchunked.size() > kMaxBody) return Parse::bad;
    at += length + 2;
    if (length != 0) continue;
    message.body = message.unchunked;
    message.size = at;
    return Parse::complete;
  }
}

const char* reason(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 307:
      return "Temporary Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 404:
      return "Not Found";
    case 422:
      return "Unprocessable Entity";
    case 429:
      return "Too Many Requests";
    case 500:
      return "Internal Server Error";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    default:
      return "Status";
  }
}

std::uint32_t crc32(std::string_view text) {
  std::uint32_t crc = 0xFFFFFFFFU;
  for (const char c : text) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320U : 0);
  }
  return ~crc;
}

void append_little_endian(std::uint32_t value, int bytes, std::string& out) {
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> 8 * i & 0xFF);
}

}  // namespace

Parse parse_request(std::string_view buffer, HttpMessage& message) {
  message = {};
  // TLS, or anything else that isn't a method: its end would be waited for in vain.
  if (buffer.front() < 'A' || buffer.front() > 'Z') return Parse::bad;
  const std::size_t head_end = buffer.find("\r\n\r\n");
  if (head_end == std::string_view::npos) return buffer.size() > kMaxHead ? Parse::bad : Parse::incomplete;
  const std::string_view head = buffer.substr(0, head_end);
  std::size_t line_end = std::min(head.find("\r\n"), head.size());
  const std::string_view line = head.substr(0, line_end);
  const std::size_t space = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (space == std::string_view::npos || last == space) return Parse::bad;
  message.method = line.substr(0, space);
  message.path = line.substr(space + 1, last - space - 1);
  if (line.substr(last + 1) == "HTTP/1.0")
    message.keep_alive = false;
  else if (line.substr(last + 1) != "HTTP/1.1")
    return Parse::bad;

  std::size_t length = 0;
  bool chunked = false;
  while (line_end < head.size()) {
    const std::size_t start = line_end + 2;
    line_end = std::min(head.find("\r\n", start), head.size());
    const std::string_view field = head.substr(start, line_end - start);
    const std::size_t colon = field.find(':');
    if (colon == std::string_view::npos) return Parse::bad;
    const std::string_view name = field.substr(0, colon);
    const std::string_view value = base::trim(field.substr(colon + 1));
    if (equal_ignoring_case(name, "content-length")) {
      const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), length);
      if (error != std::errc() || end != value.data() + value.size() || length > kMaxBody) return Parse::bad;
    } else if (equal_ignoring_case(name, "transfer-encoding")) {
      if (!equal_ignoring_case(value, "chunked")) return Parse::bad;
      chunked = true;
    } else if (equal_ignoring_case(name, "connection")) {
      if (equal_ignoring_case(value, "close")) message.keep_alive = false;
      if (equal_ignoring_case(value, "keep-alive")) message.keep_alive = true;
    } else if (equal_ignoring_case(name, "expect")) {
      message.expects_continue = equal_ignoring_case(value, "100-continue");
    } else if (equal_ignoring_case(name, "authorization")) {
      message.authorization = value;
    } else if (equal_ignoring_case(name, "content-type")) {
      message.content_type = value;
    }
  }
  const std::size_t body_at = head_end + 4;
  if (chunked) return read_chunks(buffer, body_at, message);
  if (buffer.size() - body_at < length) return Parse::incomplete;
  message.body = buffer.substr(body_at, length);
  message.size = body_at + length;
  return Parse::complete;
}

void append_response(const ResponseHead& head, std::string_view body, std::string& out) {
  out.reserve(out.size() + body.size() + 192);
  fmt::format_to(std::back_inserter(out),
                 "HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\n{}{}\r\n", head.status,
                 reason(head.status), head.content_type, head.content_length,
                 head.keep_alive ? "" : "Connection: close\r\n", head.extra);
  out += body;
}

std::string gzip_stored(std::string_view text) {
  std::string out("\x1f\x8b\x08\0\0\0\0\0\0\xff", 10);
  std::string_view left = text;
  do {
    const std::string_view block = left.substr(0, 0xFFFF);
    left.remove_prefix(block.size());
    const auto length = static_cast<std::uint32_t>(block.size());
    out += left.empty() ? '\1' : '\0';
    append_little_endian(length, 2, out);
    append_little_endian(~length, 2, out);
    out += block;
  } while (!left.empty());
  append_little_endian(crc32(text), 4, out);
  append_little_endian(static_cast<std::uint32_t>(text.size()), 4, out);
  return out;
}

}  // namespace provider
