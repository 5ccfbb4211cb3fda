#include "remote_model/secrets.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstdlib>
#include <utility>

#include "base/text.h"
#include "remote_model/transport.h"

namespace remote_model {
namespace {

constexpr std::string_view kMask = "***";
// A server that encodes twice is usual; more than this is nobody's.
constexpr std::size_t kMostEscapes = 8;

bool is_number(std::string_view digits, int base, char c) {
  int value = -1;
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value, base);
  return error == std::errc() && stop == end && value == static_cast<unsigned char>(c);
}

// How many bytes of `text` spell `c` in some way of encoding; 0: none. As it is counts for nothing here.
std::size_t percent(std::string_view text, char c) {
  std::size_t at = 1;
  while (text.substr(at, 2) == "25" && at < kMostEscapes) at += 2;  // encoded again
  if (at + 2 <= text.size() && is_number(text.substr(at, 2), 16, c)) return at + 2;
  return c == '%' && at > 1 ? at : 0;
}

std::size_t backslash(std::string_view text, char c) {
  std::size_t at = 0;
  while (at < text.size() && text[at] == '\\' && at < kMostEscapes) ++at;
  if (at == text.size()) return 0;
  if (text[at] == 'u' && is_number(text.substr(at + 1, 4), 16, c)) return at + 5;
  if (text[at] == 'x' && is_number(text.substr(at + 1, 2), 16, c)) return at + 3;
  return text[at] == c && std::isalnum(static_cast<unsigned char>(c)) == 0 ? at + 1 : 0;
}

std::size_t entity(std::string_view text, char c) {
  const std::size_t end = text.substr(0, 10).find(';');
  if (end == std::string_view::npos) return 0;
  const std::string_view name = text.substr(1, end - 1);
  constexpr std::array<std::pair<std::string_view, char>, 5> kNames{
      {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}}};
  for (const auto& [known, meant] : kNames)
    if (name == known) return meant == c ? end + 1 : 0;
  if (name.size() < 2 || name[0] != '#') return 0;
  const bool hex = name[1] == 'x' || name[1] == 'X';
  return is_number(name.substr(hex ? 2 : 1), hex ? 16 : 10, c) ? end + 1 : 0;
}

std::size_t encoded(std::string_view text, char c) {
  switch (text.front()) {
    case '%':
      return percent(text, c);
    case '\\':
      return backslash(text, c);
    case '&':
      return entity(text, c);
    default:
      return 0;
  }
}

// How many bytes at the beginning of `text` spell `secret`; 0: they don't.
std::size_t spelled(std::string_view text, std::string_view secret) {
  std::size_t at = 0;
  for (std::size_t i = 0; i < secret.size(); ++i) {
    if (at == text.size()) return 0;
    if (const std::size_t bytes = encoded(text.substr(at), secret[i]); bytes > 0)
      at += bytes;
    else if (text[at] == secret[i])
      ++at;
    else
      return 0;
  }
  return at;
}

std::string percent_decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    int value = 0;
    const std::string_view digits = text.substr(i + 1, 2);
    const char* end = digits.data() + digits.size();
    if (text[i] == '%' && digits.size() == 2 && std::from_chars(digits.data(), end, value, 16).ptr == end) {
      decoded += static_cast<char>(value);
      i += 2;
    } else {
      decoded += text[i];
    }
  }
  return decoded;
}

std::string base64(std::string_view text) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 3) {
    std::uint32_t bits = 0;
    const std::size_t bytes = std::min<std::size_t>(3, text.size() - i);
    for (std::size_t k = 0; k < 3; ++k)
      bits = bits << 8 | (k < bytes ? static_cast<unsigned char>(text[i + k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k) out += k <= bytes ? kDigits[bits >> (18 - 6 * k) & 63U] : '=';
  }
  return out;
}

// Of `http://user:password@proxy:3128`.
void add_password(std::string_view proxy, std::vector<std::string>& secrets) {
  if (const std::size_t scheme = proxy.find("://"); scheme != std::string_view::npos)
    proxy.remove_prefix(scheme + 3);
  const std::size_t at = proxy.rfind('@');
  if (at == std::string_view::npos) return;
  const std::string_view user = proxy.substr(0, at);
  const std::size_t colon = user.find(':');
  if (colon == std::string_view::npos) return;
  secrets.emplace_back(user.substr(colon + 1));
  secrets.push_back(percent_decoded(user.substr(colon + 1)));
  secrets.push_back(base64(percent_decoded(user)));
}

}  // namespace

std::string mask_spellings(std::string text, std::string_view secret) {
  if (secret.empty()) return text;
  std::string masked;
  std::size_t kept = 0;  // bytes of `text` that are in `masked`
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c != secret.front() && c != '%' && c != '\\' && c != '&') continue;
    const std::size_t bytes = spelled(std::string_view(text).substr(at), secret);
    if (bytes == 0) continue;
    masked.append(text, kept, at - kept);
    masked += kMask;
    kept = at + bytes;
    at = kept - 1;
  }
  if (kept == 0) return text;
  masked.append(text, kept);
  return masked;
}

bool is_harmless_header(std::string_view name) {
  constexpr std::array<std::string_view, 3> kHarmless{"content-type", "accept", "user-agent"};
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); });
  return std::find(kHarmless.begin(), kHarmless.end(), lower) != kHarmless.end();
}

std::vector<std::string> secrets_of(const Endpoint& endpoint) {
  std::vector<std::string> secrets;
  for (const std::string& header : endpoint.headers) {
    const std::size_t colon = header.find(':');
    if (colon == std::string::npos || is_harmless_header(std::string_view(header).substr(0, colon))) continue;
    const std::string_view value = base::trim(std::string_view(header).substr(colon + 1));
    // `Bearer KEY`: the key alone comes back, too.
    secrets.emplace_back(value.substr(value.rfind(' ') + 1));
    if (secrets.back().size() != value.size()) secrets.emplace_back(value);
  }
  add_password(endpoint.proxy, secrets);
  for (const char* name : {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"})
    if (const char* proxy = std::getenv(name)) add_password(proxy, secrets);
  return secrets;
}

}  // namespace remote_model
