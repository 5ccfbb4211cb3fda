#include "validators/duplicates/shingles.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <string>

#include "base/hash.h"

namespace validators {
namespace {

std::vector<Token> tokens_of(std::string_view text) {
  std::vector<Token> tokens;
  shingle(text, tokens);
  return tokens;
}

/// The number of tokens of a, of b, and of both together.
struct Overlap {
  std::string a;
  std::string b;
  std::size_t in_a;
  std::size_t in_b;
  std::size_t common;
};

TEST(Shingles, OfTexts) {
  const Overlap table[] = {
      // Chinese: pairs of neighbours
      {"打开主屏", "打开主屏", 3, 3, 3},
      {"打开主屏", "打开投影", 3, 3, 1},
      {"打开主屏", "主屏打开", 3, 3, 2},
      {"开", "开", 1, 1, 1},
      {"开", "开开", 1, 1, 0},
      {"开开开开", "开开", 1, 1, 1},
      {"打开，主屏", "打开主屏", 3, 3, 3},
      {"テレビをつけて", "テレビを", 6, 3, 3},
      {"불을켜줘", "불을", 3, 1, 1},
      {"เปิดไฟ", "เปิด", 5, 3, 3},
      // words, and pairs of them
      {"turn it up", "turn it up", 5, 5, 5},
      {"turn it up", "turn it down", 5, 5, 3},
      {"turn it up", "up it turn", 5, 5, 3},
      {"turn", "turn", 1, 1, 1},
      {"turn it up, please", "turn it  up please", 7, 7, 7},
      {"what's up", "what\u2019s up", 3, 3, 3},
      {"what's up", "whats up", 3, 3, 3},
      {"use c++", "use c#", 3, 3, 1},
      {"30%", "30", 1, 1, 0},
      {"включи свет", "включи", 3, 1, 1},
      {"no no no no", "no no", 2, 2, 2},
      // both: a run ends where the script changes
      {"打开wifi", "wifi", 2, 1, 1},
      {"打开 wi fi 吧", "打开wi fi吧", 5, 5, 5},
      // masks: one token, joined with nothing
      {"[device]", "[device]", 1, 1, 1},
      {"[device]", "device", 1, 1, 0},
      {"[device]", "[level]", 1, 1, 0},
      {"把[device]音量调到[level]", "把[device]音量", 6, 3, 3},
      {"把[device]", "把[room]", 2, 2, 1},
      {"set [device] to [level]", "set [level] to [device]", 4, 4, 4},
      {"turn [device] up", "turn up", 3, 3, 2},
      {"[a.from] [b.from]", "[a.from]", 2, 1, 1},
      {"[device][device]", "[device]", 1, 1, 1},
      // brackets that are no mask
      {"a [b", "a b", 3, 3, 3},
      {"a [] b", "a b", 3, 3, 3},
      {"[[b]", "[b]", 1, 1, 1},
      // nothing to go by
      {"", " ?! ", 0, 0, 0},
  };
  for (const Overlap& row : table) {
    const auto a = tokens_of(row.a);
    const auto b = tokens_of(row.b);
    std::vector<Token> common;
    std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(common));
    EXPECT_EQ(a.size(), row.in_a) << row.a;
    EXPECT_EQ(b.size(), row.in_b) << row.b;
    EXPECT_EQ(common.size(), row.common) << row.a << " / " << row.b;
  }
}

TEST(Shingles, AreSortedAndUniqueWhateverTheirNumber) {
  std::string text;
  for (int i = 0; i < 300; ++i) {
    text += (i % 3 == 0 ? "again " : "") + std::to_string(i % 97) + ' ';
    const auto tokens = tokens_of(text);
    ASSERT_TRUE(std::is_sorted(tokens.begin(), tokens.end())) << i;
    ASSERT_EQ(std::adjacent_find(tokens.begin(), tokens.end()), tokens.end()) << i;
    ASSERT_GE(tokens.size(), static_cast<std::size_t>(std::min(i + 1, 97)));
  }
}

TEST(Shingles, OfAsciiAreThoseOfTheGeneralWay) {
  // A lone apostrophe that isn't ASCII says nothing and leads past the way that only ASCII takes.
  const std::string_view pieces[] = {"a",
                                     "up",
                                     "seventeen",
                                     "extraordinarily-long",
                                     "unpronounceable42",
                                     " ",
                                     " ",
                                     ", ",
                                     "[",
                                     "]",
                                     "[room]",
                                     "[frame.name]",
                                     "30%",
                                     "[]",
                                     "  ",
                                     "Zoe"};
  std::uint64_t drawn = 0;
  for (int i = 0; i < 5000; ++i) {
    std::string text;
    for (std::uint64_t left = base::mix(++drawn) % 40; left > 0; --left)
      text += pieces[base::mix(++drawn) % std::size(pieces)];
    const auto tokens = tokens_of(text);
    ASSERT_EQ(tokens, tokens_of(text + " \u2019")) << text;
    ASSERT_EQ(tokens, tokens_of("\u2019 " + text)) << text;
  }
  // Where a word ends with a block of 64 bytes, at it or behind it.
  for (std::size_t size = 60; size < 70; ++size) {
    const std::string text = std::string(size - 3, 'x') + " ab";
    EXPECT_EQ(tokens_of(text).size(), 3u) << size;
    EXPECT_EQ(tokens_of(text), tokens_of(text + " \u2019")) << size;
    EXPECT_EQ(tokens_of(std::string(size, 'x')).size(), 1u) << size;
  }
}

TEST(Shingles, OfIllFormedTextAreNoDanger) {
  for (const std::string& text : {std::string("\xff\xfe"), std::string("a\xe4\xb8"), std::string("[\xc3]"),
                                  std::string("'"), std::string("a'"), std::string("[")})
    tokens_of(text);
  EXPECT_EQ(tokens_of("a'").size(), 1u);
}

}  // namespace
}  // namespace validators
