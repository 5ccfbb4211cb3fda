#include "validators/duplicates/shingles.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <span>

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

constexpr unsigned kWordFlag = 1;
constexpr unsigned kBracketFlag = 2;
constexpr unsigned kOtherFlag = 4;  // an apostrophe, or not ASCII

constexpr std::array<std::uint8_t, 256> kFlags = [] {
  std::array<std::uint8_t, 256> flags{};
  flags.fill(kOtherFlag);
  for (std::size_t c = 0; c < kAscii.size(); ++c)
    flags[c] = kAscii[c] == Kind::word      ? kWordFlag
               : kAscii[c] == Kind::bracket ? kBracketFlag
               : kAscii[c] == Kind::ignored ? kOtherFlag
                                            : 0;
  return flags;
}();

constexpr std::uint64_t kMaskSeed = 1;  // so that the word "device" isn't the mask

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

/// Of what isn't ASCII. Most of it is Chinese, three bytes each, which need no look-up.
Kind next_kind_beyond_ascii(std::string_view text, std::size_t& at, char32_t& c) {
  if (at + 3 <= text.size()) {
    const auto lead = static_cast<unsigned char>(text[at]);
    const auto second = static_cast<unsigned char>(text[at + 1]);
    const auto third = static_cast<unsigned char>(text[at + 2]);
    c = static_cast<char32_t>((lead & 0x0F) << 12 | (second & 0x3F) << 6 | (third & 0x3F));
    if (lead >> 4 == 0xE && second >> 6 == 2 && third >> 6 == 2 && c >= 0x4E00 && c <= 0x9FFF) {
      at += 3;
      return Kind::spaceless;
    }
  }
  return kind_of(c = base::next_code_point(text, at));
}

/// The kind of the code point at `at`, which moves behind it.
inline Kind next_kind(std::string_view text, std::size_t& at, char32_t& c) {
  const auto byte = static_cast<unsigned char>(text[at]);
  if (byte >= 128) return next_kind_beyond_ascii(text, at, c);
  ++at;
  c = byte;
  return kAscii[byte];
}

constexpr std::size_t kReadBeyond = 16;  // bytes that hash_bytes() may read behind the last

/// The product of two numbers, its halves folded: the mixing step of wyhash (Wang Yi).
std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

std::uint64_t fold_pair(std::uint64_t a, std::uint64_t b) {
  return fold(a ^ 0x2D358DCCAA6C78A5, fold(b ^ 0x8BB84B93962EACC9, 0x4B33A62ED433D4A3));
}

/// The eight bytes at `at`, those beyond the first `left` as zeros. What is hashed never ends in a zero.
std::uint64_t load(const char* at, std::ptrdiff_t left) {
  std::uint64_t bytes = 0;
  std::memcpy(&bytes, at, sizeof bytes);
  const auto unused = static_cast<unsigned>(std::clamp<std::ptrdiff_t>(8 - left, 0, 8)) * 8;
  return unused == 64 ? 0 : bytes << unused;
}

/// Words are short and their lengths nothing that a processor could guess: at most 16 bytes take no branch.
std::uint64_t hash_bytes(const char* at, std::size_t size, std::uint64_t seed) {
  auto left = static_cast<std::ptrdiff_t>(size);
  std::uint64_t hash = seed ^ size;
  do {
    hash = fold(hash ^ load(at, left) ^ 0xA0761D6478BD642F, load(at + 8, left - 8) ^ 0xE7037ED1A0B428DB);
    at += 16;
    left -= 16;
  } while (left > 0);
  return fold(hash ^ 0x8EBC6AF09C88C6E3, 0x589965CC75374CC3);
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
    if (length_++ > 0) add(fold_pair(last_, hash));
    last_ = hash;
    kind_ = Kind::word;
  }
  void character(char32_t c) {
    if (kind_ != Kind::spaceless) end();
    if (length_++ > 0) add(fold_pair(last_, c));
    last_ = c;
    kind_ = Kind::spaceless;
  }
  void mask(std::uint64_t hash) {
    end();
    add(hash);
  }
  void end() {
    if (kind_ == Kind::spaceless && length_ == 1) add(fold_pair(last_, kAlone));
    length_ = 0;
    kind_ = Kind::separator;
  }

 private:
  static constexpr std::uint64_t kAlone = 1 << 24;  // no character

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

namespace {

/// Where words begin and end in turns, and where brackets are, found without a branch for each letter: where
/// words end is what a processor guesses worst. Returns false if there is an apostrophe or more than ASCII.
bool find_words(std::string_view text, std::vector<std::uint32_t>& bounds,
                std::vector<std::uint32_t>& brackets) {
  bounds.clear();
  brackets.clear();
  std::uint64_t before = 0;  // whether the last block ended in a word
  for (std::size_t begin = 0; begin <= text.size(); begin += 64) {
    const std::size_t size = std::min<std::size_t>(64, text.size() - begin);
    std::uint64_t words = 0;
    std::uint64_t opened = 0;
    unsigned others = 0;
    for (std::size_t i = 0; i < size; ++i) {
      const unsigned flags = kFlags[static_cast<unsigned char>(text[begin + i])];
      words |= std::uint64_t{flags & kWordFlag} << i;
      others |= flags;
    }
    if ((others & kOtherFlag) != 0) return false;
    if ((others & kBracketFlag) != 0)
      for (std::size_t i = 0; i < size; ++i) opened |= std::uint64_t{text[begin + i] == '['} << i;
    for (std::uint64_t turns = words ^ (words << 1 | before); turns != 0; turns &= turns - 1)
      bounds.push_back(static_cast<std::uint32_t>(begin) +
                       static_cast<std::uint32_t>(std::countr_zero(turns)));
    for (; opened != 0; opened &= opened - 1)
      brackets.push_back(static_cast<std::uint32_t>(begin) +
                         static_cast<std::uint32_t>(std::countr_zero(opened)));
    before = words >> 63;
  }
  return true;
}

/// `text` has room behind it for hash_bytes().
void shingle_words(std::string_view text, std::span<const std::uint32_t> bounds,
                   std::span<const std::uint32_t> brackets, Run& run) {
  std::size_t at = 0;  // what is before it is done
  std::size_t word = 0;
  const auto words_until = [&](std::size_t end) {
    for (; word < bounds.size() && bounds[word] < end; word += 2)
      if (bounds[word] >= at)
        run.word(hash_bytes(text.data() + bounds[word], bounds[word + 1] - bounds[word], 0));
  };
  for (const std::uint32_t bracket : brackets) {
    if (bracket < at) continue;
    words_until(bracket);
    const std::size_t behind = behind_mask(text, bracket);
    if (behind != bracket) run.mask(hash_bytes(text.data() + bracket, behind - bracket, kMaskSeed));
    at = behind;
  }
  words_until(text.size());
  run.end();
}

}  // namespace

void shingle(std::string_view given, std::vector<Token>& tokens) {
  tokens.clear();
  thread_local std::vector<char> padded;
  padded.resize(given.size() + kReadBeyond);
  std::copy(given.begin(), given.end(), padded.begin());
  const std::string_view text(padded.data(), given.size());
  Run run(tokens);
  thread_local std::vector<std::uint32_t> bounds;
  thread_local std::vector<std::uint32_t> brackets;
  if (find_words(text, bounds, brackets)) {
    shingle_words(text, bounds, brackets, run);
    sort_unique(tokens);
    return;
  }
  thread_local std::string spelled;  // a word without its apostrophes
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    char32_t c = 0;
    switch (next_kind(text, at, c)) {
      case Kind::bracket:
        if (const std::size_t behind = behind_mask(text, begin); behind != begin) {
          run.mask(hash_bytes(text.data() + begin, behind - begin, kMaskSeed));
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
        const std::string_view word = text.substr(begin, end - begin);
        if (!apostrophe) {
          run.word(hash_bytes(word.data(), word.size(), 0));
          break;
        }
        spelled.clear();
        for (std::size_t i = 0; i < word.size();) {
          const std::size_t from = i;
          if (next_kind(word, i, c) != Kind::ignored) spelled += word.substr(from, i - from);
        }
        const std::size_t size = spelled.size();
        spelled.append(kReadBeyond, '\0');
        run.word(hash_bytes(spelled.data(), size, 0));
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
