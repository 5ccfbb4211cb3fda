#include "base/unicode.h"

#include <gtest/gtest.h>
#include <unicode/normalizer2.h>
#include <unicode/unistr.h>

#include <random>
#include <thread>
#include <vector>

#include "base/text.h"

namespace base {
namespace {

TEST(Unicode, Scripts) {
  const std::pair<char32_t, Script> cases[] = {
      {U'a', Script::latin},    {U'é', Script::latin},
      {U'Ａ', Script::latin},   {U'会', Script::han},
      {U'々', Script::han},     {U'〇', Script::han},
      {0x20000, Script::han},   {0x30000, Script::han},
      {U'あ', Script::other},   {U'д', Script::other},
      {U'1', Script::common},   {U'，', Script::common},
      {0x0301, Script::common}, {U'😀', Script::common},
      {U' ', Script::common},   {kInvalidCodePoint, Script::other},
  };
  for (const auto& [c, script] : cases)
    EXPECT_EQ(script_of(c), script) << std::hex << static_cast<unsigned>(c);
  EXPECT_TRUE(is_han(U'屏'));
  EXPECT_FALSE(is_han(U'a'));
}

TEST(Unicode, Classes) {
  struct Case {
    char32_t c;
    bool space, punctuation, alphanumeric, control;
  };
  const Case cases[] = {
      {U' ', true, false, false, false},     {U'\t', true, false, false, true},
      {0x3000, true, false, false, false},   {0x00A0, true, false, false, false},
      {0x2028, true, false, false, true},    {U'。', false, true, false, false},
      {U'%', false, true, false, false},     {U'￥', false, true, false, false},
      {U'😀', false, true, false, false},     {U'a', false, false, true, false},
      {U'会', false, false, true, false},    {U'５', false, false, true, false},
      {0x0301, false, false, true, false},   {0x0000, false, false, false, true},
      {0x200B, false, false, false, true},   {0xFEFF, false, false, false, true},
      {0xE000, false, false, false, true},   {0xFFFF, false, false, false, true},
      {0x10FFFF, false, false, false, true}, {kInvalidCodePoint, false, false, false, true},
  };
  for (const Case& want : cases) {
    for (int time = 0; time < 2; ++time) {  // asked of the library, then of the table
      EXPECT_EQ(is_white_space(want.c), want.space) << std::hex << static_cast<unsigned>(want.c);
      EXPECT_EQ(is_punctuation_or_symbol(want.c), want.punctuation)
          << std::hex << static_cast<unsigned>(want.c);
      EXPECT_EQ(is_alphanumeric(want.c), want.alphanumeric) << std::hex << static_cast<unsigned>(want.c);
      EXPECT_EQ(is_control(want.c), want.control) << std::hex << static_cast<unsigned>(want.c);
    }
  }
}

TEST(Unicode, Fold) {
  const std::pair<const char*, const char*> cases[] = {
      {"", ""},
      {"ABC xyz", "abc xyz"},
      {"ＡＢ１２％", "ab12%"},  // full width
      {"ｱﾊﾟｰﾄ", "アパート"},    // half-width kana with a mark of its own
      {"ﬁn ﬄ", "fin ffl"},      // ligatures
      {"Straße", "strasse"},
      {"İI", "i\u0307i"},  // Turkish capitals, folded the language-neutral way
      {"ı", "ı"},
      {"ΣΑΣ", "σασ"},    // no final form
      {"e\u0301", "é"},  // composed
      {"É", "é"},
      {"q\u0307\u0323", "q\u0323\u0307"},  // marks in canonical order
      {"①㍿㎏", "1株式会社kg"},
      {"¾", "3\u20444"},
      {"a\u200Bb\uFEFF\u00ADc", "abc"},  // default ignorables go
      {"\u3000", " "},
      {"会議室", "会議室"},
      {"각", "각"},          // jamo compose
      {"\U0002F800", "丽"},  // a compatibility ideograph outside the table's first planes
      {"😀", "😀"},
  };
  for (const auto& [text, folded] : cases) EXPECT_EQ(fold(text), folded) << text;
}

TEST(Unicode, FoldAgreesWithIcuOnRandomText) {
  UErrorCode code = U_ZERO_ERROR;
  const icu::Normalizer2* normalizer = icu::Normalizer2::getNFKCCasefoldInstance(code);
  ASSERT_TRUE(U_SUCCESS(code));
  std::mt19937 random(6);
  const std::pair<unsigned, unsigned> ranges[] = {
      {0x20, 0x7E},       {0xA0, 0x24F},      {0x300, 0x36F},    {0x370, 0x5FF},     {0x900, 0xDFF},
      {0x1100, 0x11FF},   {0x1E00, 0x206F},   {0x2100, 0x24FF},  {0x3000, 0x33FF},   {0x4E00, 0x9FFF},
      {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},   {0xFB00, 0xFFEF},  {0x1D400, 0x1D7FF}, {0x1F300, 0x1F6FF},
      {0x2F800, 0x2FA1F}, {0x30000, 0x3134A}, {0xE0100, 0xE01EF}};
  for (int round = 0; round < 60000; ++round) {
    std::u32string points;
    const std::size_t size = random() % 8;
    while (points.size() < size) {
      const auto& [low, high] = ranges[random() % std::size(ranges)];
      points += static_cast<char32_t>(low + random() % (high - low + 1));
    }
    const std::string text = to_utf8(points);
    std::string expected;
    normalizer->normalize(icu::UnicodeString::fromUTF8(text), code).toUTF8String(expected);
    ASSERT_TRUE(U_SUCCESS(code));
    ASSERT_EQ(fold(text), expected) << text;
  }
}

TEST(Unicode, TraditionalAndSimplified) {
  const std::pair<const char*, const char*> cases[] = {
      {"把會議室的燈打開", "把会议室的灯打开"},
      {"音量調到30%", "音量调到30%"},
      {"乾燥的乾坤", "干燥的乾坤"},  // by phrase, not by character
      {"头发和皇后", "头发和皇后"},
      {"檸檬薴", "柠檬苎"},  // by way of 苧
      {"plain text", "plain text"},
      {"", ""},
  };
  for (const auto& [text, simplified] : cases) {
    EXPECT_EQ(to_simplified(text), simplified);
    EXPECT_EQ(has_traditional(text), std::string_view(text) != simplified) << text;
    EXPECT_EQ(to_simplified(simplified), simplified) << "once is enough";
  }
  EXPECT_EQ(to_traditional("会议室"), "會議室");
  EXPECT_EQ(to_simplified("會議\xE4"), "會議\xE4") << "broken UTF-8 is handed back, OpenCC would throw";
  EXPECT_EQ(to_traditional("会\xFF"), "会\xFF");
}

TEST(Unicode, Normalise) {
  struct Case {
    const char* text;
    const char* expected;
  };
  const Case cases[] = {
      {"", ""},
      {"。！？", ""},
      {"  \t ", ""},
      {"把主屏音量调到３０％", "把主屏音量调到30%"},
      {"学 C++！", "学c++"},
      {"用 C#。", "用c#"},
      {"好的～", "好的"},
      {"“打开空调！”", "打开空调"},
      {"¿Qué hora es?", "qué hora es"},
      {"Turn  ON\tthe\u3000TV.", "turn on the tv"},
      {"打开 TV 吧", "打开tv吧"},  // no space beside Han
      {"打开 ， TV", "打开, tv"},  // one between a comma and a letter
      {"预 订 A301", "预订a301"},
      {"it's 5:30, ok", "it's 5:30, ok"},  // punctuation inside stays
      {"(a) (b)", "a) (b"},
      {"会議室", "会议室"},
      {"- 5", "5"},
      {"e\u0301", "é"},
      {"!\u0301a", "\u0301a"},  // a mark is no punctuation
      {"😀好的😀", "好的"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(normalise(c.text, true), c.expected) << c.text;
    EXPECT_EQ(normalise(normalise(c.text, true), true), c.expected) << c.text;
  }
  EXPECT_EQ(normalise("會議室", false), "會議室");
}

TEST(Unicode, NormaliseIsIdempotentOnRandomText) {
  std::mt19937 random(7);
  const std::u32string alphabet =
      U"aB é1５，。!?-%（）「」 \t\u3000\u0301\u200B会議開东西ｱﾊﾟあ\u3099각\u1100\u1161ﬁß😀İ々〇￥";
  for (int round = 0; round < 50000; ++round) {
    std::u32string points;
    const std::size_t size = random() % 10;
    while (points.size() < size) points += alphabet[random() % alphabet.size()];
    const std::string once = normalise(to_utf8(points), true);
    ASSERT_EQ(normalise(once, true), once) << to_utf8(points);
  }
}

// The tables are filled while others read them; meant for the thread sanitizer as well.
TEST(Unicode, ManyThreadsSeeTheSame) {
  std::u32string points;
  for (char32_t c = 0x5000; c < 0x9000; c += 7) (points += c) += U'Ｂ';
  const std::string text = to_utf8(points);
  std::vector<std::string> results(4);
  std::vector<std::thread> threads;
  for (std::string& result : results) threads.emplace_back([&] { result = normalise(text, true); });
  for (std::thread& thread : threads) thread.join();
  for (const std::string& result : results) EXPECT_EQ(result, normalise(text, true));
}

}  // namespace
}  // namespace base
