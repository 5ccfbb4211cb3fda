#include "base/json_writer.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>

#include "base/text.h"

namespace base {
namespace {

std::string json_string(std::string_view text) {
  std::string out;
  append_json_string(text, out);
  return out;
}

TEST(JsonWriter, NestsAndSeparates) {
  std::string out = "before ";
  JsonWriter json(out);
  json.begin_object().member("a", 1).member("b", "x").key("c").begin_array();
  json.value(true).null().begin_object().end_object().begin_array().end_array().value(-2).end_array();
  json.member("d", std::string("y")).key("e").raw("[1]").member("f", false).end_object();
  EXPECT_EQ(out, R"(before {"a":1,"b":"x","c":[true,null,{},[],-2],"d":"y","e":[1],"f":false})");
}

TEST(JsonWriter, TextThatLooksLikeAPointerIsText) {
  std::string out;
  JsonWriter(out).value("not a bool");
  EXPECT_EQ(out, "\"not a bool\"");
}

TEST(JsonWriter, Escapes) {
  const std::pair<std::string, const char*> cases[] = {
      {"", R"("")"},
      {"plain", R"("plain")"},
      {"\"\\/", R"("\"\\/")"},
      {"\n\r\t", R"("\n\r\t")"},
      {std::string("\0\x1f", 2), R"("\u0000\u001f")"},
      {"\x7f\u0080\u0085\u009f", R"("\u007f\u0080\u0085\u009f")"},
      {"\u00a0", "\"\u00a0\""},
      {"\u2027\u2028\u2029\u202a", "\"\u2027\\u2028\\u2029\u202a\""},
      {"把主屏音量调到30%", "\"把主屏音量调到30%\""},
      {"😀", "\"😀\""},
      {"\xff", "\"\uFFFD\""},
      {"\xe4\xbd", "\"\uFFFD\uFFFD\""},            // cut off
      {"\xe4\xbdx", "\"\uFFFD\uFFFDx\""},          // cut off by another character
      {"\xe4\"", "\"\uFFFD\\\"\""},                // must not swallow the quote
      {"\xed\xa0\x80", "\"\uFFFD\uFFFD\uFFFD\""},  // a surrogate
      {"\xc0\xaf", "\"\uFFFD\uFFFD\""},            // overlong
  };
  for (const auto& [text, json] : cases) EXPECT_EQ(json_string(text), json);
}

TEST(JsonWriter, RandomBytesReadBackAsRepairedUtf8OnOneLine) {
  std::mt19937 random(3);
  simdjson::dom::parser parser;
  for (int round = 0; round < 20000; ++round) {
    std::string bytes;
    const std::size_t size = random() % 24;
    while (bytes.size() < size) {
      switch (random() % 4) {
        case 0:
          bytes += static_cast<char>(random());
          break;
        case 1:
          append_utf8(static_cast<char32_t>(0x4E00 + random() % 0x5000), bytes);
          break;
        case 2:
          bytes += static_cast<char>(random() % 128);
          break;
        default: {
          const auto c = static_cast<char32_t>(random() % 0x110000);
          if (c < 0xD800 || c > 0xDFFF) append_utf8(c, bytes);
        }
      }
    }
    const std::string json = json_string(bytes);
    std::string_view back;
    ASSERT_EQ(parser.parse(json).get(back), simdjson::SUCCESS) << json;
    ASSERT_EQ(back, to_utf8(to_utf32(bytes)));
    ASSERT_EQ(json.find_first_of(std::string_view("\0\n\r", 3)), std::string::npos);
  }
}

TEST(JsonWriter, Integers) {
  std::string out;
  JsonWriter json(out);
  json.begin_array()
      .value(std::numeric_limits<std::int64_t>::min())
      .value(std::numeric_limits<std::int64_t>::max());
  json.value(std::numeric_limits<std::uint64_t>::max()).value(0).end_array();
  EXPECT_EQ(out, "[-9223372036854775808,9223372036854775807,18446744073709551615,0]");
}

TEST(JsonWriter, DoublesReadBackBitForBit) {
  std::mt19937_64 random(4);
  simdjson::dom::parser parser;
  std::vector<double> numbers = {
      0.0, -0.0, 0.1, 1e21, 1e-7, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, 20, 0.9};
  for (int i = 0; i < 20000; ++i) numbers.push_back(std::bit_cast<double>(random()));
  for (const double number : numbers) {
    std::string out;
    JsonWriter(out).value(number);
    if (!std::isfinite(number)) {
      ASSERT_EQ(out, "null");
      continue;
    }
    double back = 0;
    ASSERT_EQ(parser.parse("[" + out + "]").at(0).get(back), simdjson::SUCCESS) << out;
    ASSERT_EQ(back, number) << out;
  }
  std::string shortest;
  JsonWriter(shortest).value(0.9);
  EXPECT_EQ(shortest, "0.9");
}

}  // namespace
}  // namespace base
