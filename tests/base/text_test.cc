#include "base/text.h"

#include <gtest/gtest.h>
#include <unicode/ustring.h>

#include <random>

namespace base {
namespace {

TEST(Text, DecodesEveryCodePoint) {
  for (char32_t c = 0; c <= 0x10FFFF; ++c) {
    if (c >= 0xD800 && c <= 0xDFFF) continue;
    std::string bytes;
    append_utf8(c, bytes);
    std::size_t at = 0;
    ASSERT_EQ(next_code_point(bytes, at), c);
    ASSERT_EQ(at, bytes.size());
    ASSERT_EQ(count_code_points(bytes), 1U);
  }
}

TEST(Text, RefusesIllFormedBytesOneByOne) {
  const char* const cases[] = {
      "\x80",              // a continuation byte alone
      "\xC3",              // cut off
      "\xE4\xBD",          // cut off
      "\xF0\x9F\x98",      // cut off
      "\xC0\x80",          // overlong NUL
      "\xC1\xBF",          // overlong
      "\xE0\x9F\xBF",      // overlong
      "\xF0\x8F\xBF\xBF",  // overlong
      "\xED\xA0\x80",      // surrogate
      "\xF4\x90\x80\x80",  // beyond U+10FFFF
      "\xF8\x88\x80\x80\x80",
      "\xFF",
      "\xE4\x41\x42",
  };
  for (const std::string bytes : cases) {
    std::size_t at = 0;
    EXPECT_EQ(next_code_point(bytes, at), kInvalidCodePoint);
    EXPECT_EQ(at, 1U);
    EXPECT_FALSE(is_valid_utf8(bytes));
    EXPECT_EQ(to_utf32(bytes)[0], U'\uFFFD');
  }
  EXPECT_TRUE(is_valid_utf8(""));
  EXPECT_TRUE(is_valid_utf8("会议室 A301 😀"));
}

TEST(Text, DecoderAgreesWithIcuOnRandomBytes) {
  std::mt19937 random(5);
  // Bytes that begin and continue sequences are drawn more often than chance would.
  const auto draw = [&] {
    constexpr unsigned char kBias[] = {0x80, 0xBF, 0xC2, 0xE0, 0xE4, 0xED, 0xEF,
                                       0xF0, 0xF4, 0xA0, 0x9F, 0x90, 0x8F, 'a'};
    return static_cast<char>(random() % 2 == 0 ? random() : kBias[random() % sizeof kBias]);
  };
  for (int round = 0; round < 100000; ++round) {
    std::string bytes(random() % 12, '\0');
    for (char& c : bytes) c = draw();
    std::u32string ours;
    for (std::size_t at = 0; at < bytes.size();)
      if (const char32_t c = next_code_point(bytes, at); c != kInvalidCodePoint) ours += c;
    const auto size = static_cast<std::int32_t>(bytes.size());
    std::vector<UChar32> units(bytes.size() + 1);  // at most one code point for each byte
    std::vector<UChar> utf16(2 * bytes.size() + 1);
    std::int32_t utf16_size = 0;
    std::int32_t points = 0;
    UErrorCode code = U_ZERO_ERROR;
    u_strFromUTF8(utf16.data(), static_cast<std::int32_t>(utf16.size()), &utf16_size, bytes.data(), size,
                  &code);
    const bool valid = code != U_INVALID_CHAR_FOUND;
    code = U_ZERO_ERROR;
    u_strFromUTF8WithSub(utf16.data(), static_cast<std::int32_t>(utf16.size()), &utf16_size, bytes.data(),
                         size, 0xFFFD, nullptr, &code);
    u_strToUTF32(units.data(), static_cast<std::int32_t>(units.size()), &points, utf16.data(), utf16_size,
                 &code);
    ASSERT_TRUE(U_SUCCESS(code));
    std::u32string theirs(units.begin(), units.begin() + points);
    ASSERT_EQ(is_valid_utf8(bytes), valid);
    if (valid) {
      ASSERT_EQ(ours, theirs);
    }
    std::erase(theirs, U'\uFFFD');
    std::erase(ours, U'\uFFFD');
    ASSERT_EQ(ours, theirs) << "the well-formed ones among ill-formed ones are found";
    if (valid) {
      ASSERT_EQ(count_code_points(bytes), to_utf32(bytes).size());
      ASSERT_EQ(to_utf8(to_utf32(bytes)), bytes);
    }
  }
}

TEST(Text, Trim) {
  const std::pair<const char*, const char*> cases[] = {{"", ""},
                                                       {" \t\r\n", ""},
                                                       {"a", "a"},
                                                       {"  a b\r\n", "a b"},
                                                       {"\xE3\x80\x80"
                                                        "a",
                                                        "\xE3\x80\x80"
                                                        "a"}};
  for (const auto& [text, expected] : cases) EXPECT_EQ(trim(text), expected);
}

TEST(Text, Split) {
  using Parts = std::vector<std::string_view>;
  EXPECT_EQ(split("", ','), Parts{""});
  EXPECT_EQ(split("a", ','), Parts{"a"});
  EXPECT_EQ(split(",a,,b,", ','), (Parts{"", "a", "", "b", ""}));
}

TEST(Text, Closest) {
  const std::vector<std::string> names = {"per_intent", "out_of_scope_near", "out_of_scope_far",
                                          "multi_intent"};
  EXPECT_EQ(closest("per_intnet", names), "per_intent");
  EXPECT_EQ(closest("out_of_scope_ner", names), "out_of_scope_near");
  EXPECT_EQ(closest("multi_intents", names), "multi_intent");
  EXPECT_EQ(closest("per_intent", names), "per_intent");
  EXPECT_EQ(closest("temperature", names), std::nullopt);
  EXPECT_EQ(closest("x", {}), std::nullopt);
  EXPECT_EQ(closest("主频", {"副屏", "主屏"}), "主屏") << "distances are in code points, not in bytes";
  EXPECT_EQ(closest("ab", {"ac", "ad"}), "ac") << "the first of equally close ones";
  EXPECT_EQ(closest("a", {"b"}), std::nullopt) << "nothing of the word would be left";
  EXPECT_EQ(closest("", {"b"}), std::nullopt);
  EXPECT_EQ(closest("b", {""}), std::nullopt);
}

}  // namespace
}  // namespace base
