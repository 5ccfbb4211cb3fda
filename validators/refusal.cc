#include "validators/refusal.h"

#include <re2/re2.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/text.h"
#include "base/unicode.h"
#include "validators/embedded_data.h"

namespace validators {
namespace {

using re2::RE2;

/// The first bytes, whole code points only, folded, with straight apostrophes.
std::string beginning(std::string_view text, std::size_t bytes) {
  if (text.size() > bytes) {
    while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0) == 0x80) --bytes;
    text = text.substr(0, bytes);
  }
  if (!base::is_valid_utf8(text)) return {};
  const std::string folded = base::fold(text);
  std::string out;
  for (std::size_t at = 0; at < folded.size();) {
    const std::size_t curly = folded.find("’", at);
    out.append(folded, at, curly - at);
    if (curly == std::string::npos) break;
    out += '\'';
    at = curly + std::string_view("’").size();
  }
  return out;
}

}  // namespace

bool is_refusal(std::string_view reply) {
  static const std::vector<std::string> phrases = embedded_lines("refusing_reply.txt");
  const std::string text = beginning(reply, 400);
  return std::any_of(phrases.begin(), phrases.end(),
                     [&](const std::string& phrase) { return text.find(phrase) != std::string::npos; });
}

bool is_refusing_utterance(std::string_view utterance) {
  static const RE2 pattern = [] {
    std::string all;
    for (const char* file : {"refusing_utterance.zh.txt", "refusing_utterance.en.txt"})
      for (const std::string& line : embedded_lines(file)) (all += all.empty() ? "" : "|") += line;
    return all;
  }();
  if (utterance.find('[') != std::string_view::npos || utterance.find("［") != std::string_view::npos)
    return false;  // tags are an attempt
  return RE2::PartialMatch(beginning(utterance, 400), pattern);
}

}  // namespace validators
