#include "validators/duplicates/shingles.h"

#include <algorithm>
#include <array>

#include "base/hash.h"
#include "base/text.h"
#include "base/unicode.h"
#include "validators/duplicates/ranks.h"

namespace validators {
namespace {

enum class Kind : std::uint8_t { word, spaceless, separator, ignored, bracket };

constexpr std::array<Kind, 128> kAscii = [] {
  std::array<Kind, 128> kinds{};
  for (std::size_t c = 0; c < kinds.size(); ++c) {
    const auto letter = static_cast<char>(c);
    const bool alphanumeric = (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'z') ||
                              (letter >= 'A' && letter <= 'Z');
    const bool meaning = std::string_view("%#&@*+$").find(letter) != std::string_view::npos;
    kinds[c] = alphanumeric || meaning ? Kind::word : Kind::separator;
  }
  kinds['\''] = Kind::ignored;
  kinds['['] = Kind::bracket;
  return kinds;
}();

/// Scripts without spaces beside Han, as ranges of blocks.
bool is_spaceless(char32_t c) {
  return (c >= 0x0E00 && c <= 0x0EFF) ||  // Thai, Lao
         (c >= 0x1000 && c <= 0x109F) ||  // Myanmar
         (c >= 0x1780 && c <= 0x17FF) ||  // Khmer
         (c >= 0x3040 && c <= 0x30FF) ||  // kana
         (c >= 0x3100 && c <= 0x312F) ||  // bopomofo
         (c >= 0x31F0 && c <= 0x31FF) ||  // small kana
         (c >= 0xAC00 && c <= 0xD7A3) ||  // Hangul
         base::is_han(c);
}

Kind kind_of(char32_t c) {
  if (c < 128) return kAscii[c];
  if (c == U'\u2019') return Kind::ignored;
  if (base::is_white_space(c) || base::is_punctuation_or_symbol(c)) return Kind::separator;
  return is_spaceless(c) ? Kind::spaceless : Kind::word;
}

/// The kind of the code point at `at`, which moves behind it.
Kind next_kind(std::string_view text, std::size_t& at, char32_t& c) {
  const auto byte = static_cast<unsigned char>(text[at]);
  if (byte >= 128) return kind_of(c = base::next_code_point(text, at));
  ++at;
  c = byte;
  return kAscii[byte];
}

/// Sorted, each once.
void sort_unique(std::vector<Token>& tokens) {
  if (tokens.size() > kMostRanked) {
    std::sort(tokens.begin(), tokens.end());
    tokens.erase(std::unique(tokens.begin(), tokens.end()), tokens.end());
    return;
  }
  std::array<Token, kMostRanked> sorted{};
  std::array<std::uint32_t, kMostRanked> ranks;
  rank(tokens.data(), tokens.size(), ranks.data());
  for (std::size_t i = 0; i < tokens.size(); ++i) sorted[ranks[i]] = tokens[i];
  // Equal ones went to one place and left zeros behind it. A token that is 0 is at the first place.
  std::size_t kept = 0;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    tokens[kept] = sorted[i];
    kept += i == 0 || sorted[i] != 0;
  }
  tokens.resize(kept);
}

/// Builds tokens out of the run under way. A run ends at a mask and where the kind of script changes.
class Run {
 public:
  explicit Run(std::vector<Token>& tokens) : tokens_(tokens) {}

  void word(std::uint64_t hash) {
    if (kind_ != Kind::word) end();
    add(hash);
    if (length_++ > 0) add(base::mix(last_, hash));
    last_ = hash;
    kind_ = Kind::word;
  }
  void character(char32_t c) {
    if (kind_ != Kind::spaceless) end();
    if (length_++ > 0) add(base::mix(std::uint64_t{static_cast<std::uint32_t>(last_)} << 32 | c));
    last_ = c;
    kind_ = Kind::spaceless;
  }
  void mask(std::uint64_t hash) {
    end();
    add(hash);
  }
  void end() {
    if (kind_ == Kind::spaceless && length_ == 1) add(base::mix(last_));
    length_ = 0;
    kind_ = Kind::separator;
  }

 private:
  void add(std::uint64_t hash) { tokens_.push_back(static_cast<Token>(hash >> 32)); }

  std::vector<Token>& tokens_;
  std::uint64_t last_ = 0;  // the word's hash, or the character
  std::size_t length_ = 0;  // words or characters so far
  Kind kind_ = Kind::separator;
};

/// The byte behind the mask that begins at `at`, or `at` if none does: [name], [frame.name].
std::size_t behind_mask(std::string_view text, std::size_t at) {
  const std::size_t end = text.find_first_of("[]", at + 1);
  return end == std::string_view::npos || text[end] == '[' || end == at + 1 ? at : end + 1;
}

}  // namespace

void shingle(std::string_view text, std::vector<Token>& tokens) {
  tokens.clear();
  Run run(tokens);
  constexpr std::uint64_t kMaskSeed = 1;  // so that the word "device" isn't the mask
  std::string_view joined;
  thread_local std::string spelled;  // a word without its apostrophes
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    char32_t c = 0;
    switch (next_kind(text, at, c)) {
      case Kind::bracket:
        if (const std::size_t behind = behind_mask(text, begin); behind != begin) {
          run.mask(base::hash64(text.substr(begin, behind - begin), kMaskSeed));
          at = behind;
        }
        break;
      case Kind::spaceless:
        run.character(c);
        break;
      case Kind::word: {
        bool apostrophe = false;
        std::size_t end = at;
        for (std::size_t next = at; next < text.size(); end = next) {
          const Kind kind = next_kind(text, next, c);
          if (kind != Kind::word && kind != Kind::ignored) break;
          apostrophe |= kind == Kind::ignored;
        }
        at = end;
        joined = text.substr(begin, end - begin);
        if (apostrophe) {
          spelled.clear();
          for (std::size_t i = 0; i < joined.size();) {
            const std::size_t from = i;
            if (next_kind(joined, i, c) != Kind::ignored) spelled += joined.substr(from, i - from);
          }
          joined = spelled;
        }
        run.word(base::hash64(joined));
        break;
      }
      case Kind::separator:
      case Kind::ignored:
        break;
    }
  }
  run.end();
  sort_unique(tokens);
}

}  // namespace validators
