#include "base/unicode.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/ucnv.h>
#include <unicode/unistr.h>
#include <unicode/uscript.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <opencc/SimpleConverter.hpp>

#include "base/text.h"

namespace base {
namespace {

// Not `c >= 0`: on some machines char is unsigned.
bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }

// One word per code point below 0x30000 (all Han up to extension G), filled when first asked for.
// Two threads may compute the same word; they store the same value, so relaxed order is enough.
constexpr char32_t kTableSize = 0x30000;
constexpr std::uint32_t kKnown = 1u << 31;

using Table = std::array<std::atomic<std::uint32_t>, kTableSize>;

// Bits of the property table.
constexpr std::uint32_t kScriptMask = 3;
constexpr std::uint32_t kSpace = 1u << 2;
constexpr std::uint32_t kPunctuation = 1u << 3;
constexpr std::uint32_t kAlphanumeric = 1u << 4;
constexpr std::uint32_t kControl = 1u << 5;
constexpr std::uint32_t kEdge = 1u << 6;  // says nothing at the end of an utterance

// Punctuation and decoration, but not what is part of a word or number there: 30%, C++, C#, $5.
bool is_edge(char32_t c, std::uint32_t category) {
  constexpr std::u32string_view kMeans = U"%‰#&@*";
  if (c == U'~') return true;
  return (category & (U_GC_P_MASK | U_GC_SO_MASK | U_GC_SK_MASK)) != 0 &&
         kMeans.find(c) == std::u32string_view::npos;
}

std::uint32_t compute_properties(char32_t c) {
  const auto point = static_cast<UChar32>(c);
  std::uint32_t bits = 0;
  UErrorCode status = U_ZERO_ERROR;
  switch (uscript_getScript(point, &status)) {
    case USCRIPT_HAN:
      bits = static_cast<std::uint32_t>(Script::han);
      break;
    case USCRIPT_LATIN:
      bits = static_cast<std::uint32_t>(Script::latin);
      break;
    case USCRIPT_COMMON:
    case USCRIPT_INHERITED:
      bits = static_cast<std::uint32_t>(Script::common);
      break;
    default:
      bits = static_cast<std::uint32_t>(Script::other);
  }
  const std::uint32_t category = U_GET_GC_MASK(point);
  if (u_isUWhiteSpace(point)) bits |= kSpace;
  if ((category & (U_GC_P_MASK | U_GC_S_MASK)) != 0) bits |= kPunctuation;
  if (is_edge(c, category)) bits |= kEdge;
  if ((category & (U_GC_L_MASK | U_GC_N_MASK | U_GC_M_MASK)) != 0) bits |= kAlphanumeric;
  if ((category & (U_GC_C_MASK | U_GC_ZL_MASK | U_GC_ZP_MASK)) != 0) bits |= kControl;
  return bits;
}

std::uint32_t properties(char32_t c) {
  static Table table{};
  if (c >= kTableSize) return compute_properties(c);
  std::uint32_t bits = table[c].load(std::memory_order_relaxed);
  if (bits == 0) {
    bits = compute_properties(c) | kKnown;
    table[c].store(bits, std::memory_order_relaxed);
  }
  return bits;
}

const icu::Normalizer2& normalizer() {
  static const icu::Normalizer2* const instance = [] {
    UErrorCode status = U_ZERO_ERROR;
    return icu::Normalizer2::getNFKCCasefoldInstance(status);  // data is compiled into libicudata
  }();
  return *instance;
}

// What a code point folds to if that is one code point and neither side combines with neighbours, so
// that a text of such code points may be folded one by one; kNotAlone otherwise.
constexpr std::uint32_t kNotAlone = 0x1FFFFF;

std::uint32_t compute_fold(char32_t c) {
  const auto point = static_cast<UChar32>(c);
  UErrorCode status = U_ZERO_ERROR;
  const icu::UnicodeString folded = normalizer().normalize(icu::UnicodeString(point), status);
  if (U_FAILURE(status) || folded.countChar32() != 1) return kNotAlone;
  const UChar32 result = folded.char32At(0);
  if (!normalizer().isInert(result)) return kNotAlone;
  return static_cast<std::uint32_t>(result);
}

std::uint32_t fold_of(char32_t c) {
  static Table table{};
  if (c >= kTableSize) return kNotAlone;
  std::uint32_t value = table[c].load(std::memory_order_relaxed);
  if (value == 0) {
    value = compute_fold(c) | kKnown;
    table[c].store(value, std::memory_order_relaxed);
  }
  return value & ~kKnown;
}

std::string fold_by_icu(std::string_view text) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::UnicodeString source =
      icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())));
  const icu::UnicodeString folded = normalizer().normalize(source, status);
  std::string out;
  folded.toUTF8String(out);
  return out;
}

const opencc::SimpleConverter& simplifier() {
  static const opencc::SimpleConverter converter("t2s.json");
  return converter;
}

bool compute_traditional(char32_t c) {
  std::string text;
  append_utf8(c, text);
  return simplifier().Convert(text) != text;
}

// Whether the code point alone would be changed by t2s.
bool is_traditional(char32_t c) {
  static Table table{};
  if (c < 0x3400 || c >= kTableSize) return false;
  std::uint32_t value = table[c].load(std::memory_order_relaxed);
  if (value == 0) {
    value = (compute_traditional(c) ? 1 : 0) | kKnown;
    table[c].store(value, std::memory_order_relaxed);
  }
  return (value & 1) != 0;
}

const opencc::SimpleConverter& traditionaliser() {
  static const opencc::SimpleConverter converter("s2t.json");
  return converter;
}

bool in_big5(char32_t c) {
  UErrorCode status = U_ZERO_ERROR;
  thread_local const std::unique_ptr<UConverter, void (*)(UConverter*)> converter = [&] {
    UConverter* made = ucnv_open("Big5", &status);
    if (made != nullptr)
      ucnv_setFromUCallBack(made, UCNV_FROM_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &status);
    return std::unique_ptr<UConverter, void (*)(UConverter*)>(made, ucnv_close);
  }();
  if (!converter || U_FAILURE(status)) return true;  // without the table nothing is found
  const icu::UnicodeString text(static_cast<UChar32>(c));
  std::array<char, 8> bytes{};
  ucnv_fromUChars(converter.get(), bytes.data(), static_cast<std::int32_t>(bytes.size()), text.getBuffer(),
                  text.length(), &status);
  return U_SUCCESS(status) != 0;
}

bool compute_simplified_only(char32_t c) {
  std::string text;
  append_utf8(c, text);
  return traditionaliser().Convert(text) != text && !in_big5(c);
}

}  // namespace

Script script_of(char32_t c) { return static_cast<Script>(properties(c) & kScriptMask); }
bool is_white_space(char32_t c) { return (properties(c) & kSpace) != 0; }
std::string_view trim_white_space(std::string_view text) {
  std::size_t first = text.size();
  std::size_t last = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t start = at;
    if (is_white_space(next_code_point(text, at))) continue;
    first = std::min(first, start);
    last = at;
  }
  return first == text.size() ? text.substr(0, 0) : text.substr(first, last - first);
}

bool is_punctuation_or_symbol(char32_t c) { return (properties(c) & kPunctuation) != 0; }
bool is_alphanumeric(char32_t c) { return (properties(c) & kAlphanumeric) != 0; }
bool is_control(char32_t c) { return (properties(c) & kControl) != 0; }

std::string fold(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const char first = text[at];
    if (is_ascii(first)) {  // folds to itself or its lower case
      out += first >= 'A' && first <= 'Z' ? static_cast<char>(first + ('a' - 'A')) : first;
      ++at;
      continue;
    }
    const char32_t c = next_code_point(text, at);
    const std::uint32_t folded = c == kInvalidCodePoint ? kNotAlone : fold_of(c);
    if (folded == kNotAlone) return fold_by_icu(text);
    append_utf8(folded, out);
  }
  return out;
}

bool is_simplified_only(char32_t c) {
  static Table table{};
  if (c < 0x3400 || c >= kTableSize) return false;
  std::uint32_t value = table[c].load(std::memory_order_relaxed);
  if (value == 0) {
    value = (compute_simplified_only(c) ? 1 : 0) | kKnown;
    table[c].store(value, std::memory_order_relaxed);
  }
  return (value & 1) != 0;
}

bool has_traditional(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    if (is_ascii(text[at])) {
      ++at;
      continue;
    }
    if (is_traditional(next_code_point(text, at))) return true;
  }
  return false;
}

std::string to_simplified(std::string_view text) {
  if (!has_traditional(text) || !is_valid_utf8(text))
    return std::string(text);  // OpenCC throws at the latter
  std::string simplified = simplifier().Convert(std::string(text));
  // 薴 becomes 苧, which is itself traditional, for 苎. Most that is still traditional stays so: 乾坤.
  if (has_traditional(simplified)) simplified = simplifier().Convert(simplified);
  return simplified;
}

std::string to_traditional(std::string_view text) {
  if (!is_valid_utf8(text)) return std::string(text);
  return traditionaliser().Convert(std::string(text));
}

std::string normalise(std::string_view text, bool simplify) {
  std::string folded = fold(text);
  if (simplify && has_traditional(folded)) folded = to_simplified(folded);
  std::string out;
  out.reserve(folded.size());
  char32_t previous = 0;  // the last code point written
  bool space = false;     // white space seen since
  std::size_t kept = 0;   // length of `out` up to the last code point that isn't punctuation
  for (std::size_t at = 0; at < folded.size();) {
    const char32_t c = next_code_point(folded, at);
    const std::uint32_t bits = properties(c);
    if ((bits & kSpace) != 0) {
      space = true;
      continue;
    }
    if ((bits & kEdge) != 0 && kept == 0) continue;  // leading punctuation
    const bool han = (bits & kScriptMask) == static_cast<std::uint32_t>(Script::han);
    if (space && kept != 0 && !han && !is_han(previous)) out += ' ';
    space = false;
    append_utf8(c, out);
    previous = c;
    if ((bits & kEdge) == 0) kept = out.size();
  }
  out.resize(kept);
  return out;
}

}  // namespace base
