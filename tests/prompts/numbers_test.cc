#include "prompts/numbers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/hash.h"

namespace prompts {
namespace {

using testing::ElementsAre;

TEST(WriteNumber, Chinese) {
  const std::pair<std::int64_t, std::string> cases[] = {
      {0, "零"},
      {5, "五"},
      {10, "十"},
      {15, "十五"},
      {20, "二十"},
      {100, "一百"},
      {105, "一百零五"},
      {110, "一百一十"},
      {115, "一百一十五"},
      {120, "一百二十"},
      {200, "两百"},
      {1005, "一千零五"},
      {2000, "两千"},
      {10'010, "一万零一十"},
      {20'000, "两万"},
      {-5, "负五"},
      {100'000'000, "一亿"},
      {600'090'007, "六亿零九万零七"},
      {600'020'021, "六亿零两万零二十一"},
      {1'000'000'000'000, "一万亿"},
      {1'000'000'000'015, "一万亿零一十五"},
      {1'234'500'000'000, "一万两千三百四十五亿"},
      {9'999'999'999'999'999, "九千九百九十九万九千九百九十九亿九千九百九十九万九千九百九十九"},
      {10'000'000'000'000'000, "10000000000000000"},
  };
  for (const auto& [number, text] : cases)
    EXPECT_THAT(write_number(number, Written::cjk, "zh-Hans"), ElementsAre(text)) << number;
}

TEST(WriteNumber, LiangOnlyBeforeLargeUnits) {
  for (std::int64_t number :
       {2LL, 12LL, 20LL, 22LL, 102LL, 202LL, 1002LL, 2222LL, 10'002LL, 20'002LL, 120'000LL, 1'200'000'000LL,
        100'000'002LL, 1'000'000'000'002LL, 2'000'200'020'002LL}) {
    const std::string text = write_number(number, Written::cjk, "zh").front();
    for (std::size_t at = 0; (at = text.find("两", at)) != std::string::npos; at += 3)
      EXPECT_TRUE(text.substr(at + 3).starts_with("百") || text.substr(at + 3).starts_with("千") ||
                  text.substr(at + 3).starts_with("万") || text.substr(at + 3).starts_with("亿"))
          << text;
  }
  EXPECT_EQ(write_number(2, Written::cjk, "zh").front(), "二");
  EXPECT_EQ(write_number(2, Written::percent, "zh").front(), "百分之二");
  EXPECT_EQ(write_number(-2, Written::cjk, "zh").front(), "负二");
}

TEST(WriteNumber, FormsWithTheUsualOneFirst) {
  EXPECT_THAT(write_number(30, Written::arabic, "zh-Hans"), ElementsAre("30"));
  EXPECT_THAT(write_number(30, Written::percent, "zh-Hans"), ElementsAre("百分之三十", "30%"));
  EXPECT_THAT(write_number(-30, Written::percent, "zh-Hans"), ElementsAre("负百分之三十", "-30%"));
  EXPECT_THAT(write_number(30, Written::percent, "en"), ElementsAre("30 percent", "thirty percent", "30%"));
  EXPECT_THAT(write_number(121, Written::words, "en"), ElementsAre("one hundred twenty-one"));
  EXPECT_THAT(write_number(-5, Written::words, "en"), ElementsAre("minus five"));
}

TEST(ReadNumber, Reads) {
  const std::pair<const char*, std::int64_t> cases[] = {
      // Arabic
      {"30", 30},
      {" 30 ", 30},
      {"007", 7},
      {"３０", 30},
      {"-5", -5},
      {"－５", -5},
      {"−5", -5},
      {"负5", -5},
      {"1,234,567", 1'234'567},
      {"１，２３４", 1234},
      {"12,345", 12'345},
      {"3万", 30'000},
      {"20亿", 2'000'000'000},
      {"9223372036854775807", 9'223'372'036'854'775'807},
      // Chinese
      {"零", 0},
      {"〇", 0},
      {"三十", 30},
      {"十", 10},
      {"十五", 15},
      {"一十五", 15},
      {"二十", 20},
      {"两", 2},
      {"两百", 200},
      {"二百", 200},
      {"兩百", 200},
      {"一百零五", 105},
      {"一百〇五", 105},
      {"一百一十五", 115},
      {"一百十五", 115},
      {"一百二", 120},
      {"两百五", 250},
      {"三千五", 3500},
      {"三千零五", 3005},
      {"一千零五十", 1050},
      {"一千五百二", 1520},
      {"一万二", 12'000},
      {"十二万三", 123'000},
      {"一万零五", 10'005},
      {"一万零一十", 10'010},
      {"一万三千五", 13'500},
      {"一亿二", 120'000'000},
      {"一亿零二", 100'000'002},
      {"两万两千两百二十二", 22'222},
      {"一万亿", 1'000'000'000'000},
      {"叁佰贰拾", 320},
      {"三萬", 30'000},
      {"二〇二四", 2024},
      {"二零二四", 2024},
      {"幺零二", 102},
      {"一二三", 123},
      {"负五", -5},
      {"零下五", -5},
      // percent
      {"30%", 30},
      {"30 %", 30},
      {"３０％", 30},
      {"百分之三十", 30},
      {"百分之30", 30},
      {"百分之百", 100},
      {"百分百", 100},
      {"百分之一百", 100},
      {"负百分之五", -5},
      {"百分之负五", -5},
      {"30 percent", 30},
      {"thirty percent", 30},
      {"Thirty per cent", 30},
      {"三十%", 30},
      // English
      {"zero", 0},
      {"seven", 7},
      {"Twenty-One", 21},
      {"twenty one", 21},
      {"one hundred", 100},
      {"a hundred", 100},
      {"one hundred five", 105},
      {"one hundred and five", 105},
      {"a hundred and twenty-five", 125},
      {"fifteen hundred", 1500},
      {"one thousand and five", 1005},
      {"two thousand, two hundred", 2200},
      {"one million two hundred thousand", 1'200'000},
      {"minus five", -5},
      {"negative five", -5},
  };
  for (const auto& [text, number] : cases) EXPECT_EQ(read_number(text), number) << text;
}

TEST(ReadNumber, GivesUpRatherThanGuess) {
  for (const char* text : {"",
                           " ",
                           "-",
                           "%",
                           "三十度",
                           "主屏",
                           "一半",
                           "半",
                           "3.5",
                           "30.0",
                           "1e3",
                           "+5",
                           "--5",
                           "0x10",
                           "3 0",
                           "1,23",
                           "1,2345",
                           "1,234,",
                           ",123",
                           "12,34,567",
                           "1234,567",
                           "百",
                           "万",
                           "千",
                           "两十",
                           "一百两",
                           "二两",
                           "一百零",
                           "零零五百",
                           "十百",
                           "一百三千",
                           "三千五万",
                           "一万万",
                           "一亿亿",
                           "五十十",
                           "三万亿五",
                           "一兆",
                           "一百五五",
                           "twenty twenty",
                           "one two",
                           "hundred",
                           "a",
                           "a five",
                           "and five",
                           "five and",
                           "one hundred and",
                           "five-",
                           "twenty eleven",
                           "thousand",
                           "one thousand million",
                           "百分之",
                           "percent",
                           "9223372036854775808",
                           "99999999999亿",
                           "\xff\xfe",
                           "三\xe5"})
    EXPECT_EQ(read_number(text), std::nullopt) << text;
  EXPECT_EQ(read_number(std::string(1000, '1')), std::nullopt);
}

TEST(ReadNumber, KnowsPercentages) {
  for (const char* text : {"30%", "百分之三十", "thirty percent", "百分百", "３０％", "-5%"})
    EXPECT_TRUE(is_percentage(text)) << text;
  for (const char* text : {"30", "三十", "thirty", "百分之", "%", "半%", ""})
    EXPECT_FALSE(is_percentage(text)) << text;
}

struct RoundTrip {
  Written form;
  const char* language;
};

TEST(ReadNumber, ReadsWhatIsWritten) {
  constexpr RoundTrip kForms[] = {{Written::arabic, "zh-Hans"},
                                  {Written::cjk, "zh-Hans"},
                                  {Written::percent, "zh-Hans"},
                                  {Written::words, "en"},
                                  {Written::percent, "en"}};
  for (const RoundTrip& trip : kForms) {
    const auto check = [&](std::int64_t number) {
      for (const std::string& text : write_number(number, trip.form, trip.language)) {
        EXPECT_EQ(read_number(text), number) << text;
        EXPECT_EQ(is_percentage(text), trip.form == Written::percent) << text;
      }
    };
    for (std::int64_t number = -50; number <= 10'000; ++number) check(number);
    for (std::uint64_t i = 0; i < 5000; ++i) {
      const auto number = static_cast<std::int64_t>(base::mix(i) >> (1 + i % 60));
      check(number);
      check(-number);
    }
    // With zeros inside, where 零 must stand and 两 may.
    for (std::uint64_t i = 0; i < 5000; ++i) {
      std::int64_t number = 0;
      for (std::uint64_t group = 0; group < 1 + i % 4; ++group) {
        const std::int64_t parts[] = {0,    2,  1000,
                                      2000, 20, static_cast<std::int64_t>(base::mix(i, group) % 10'000)};
        number = number * 10'000 + parts[base::mix(group, i) % std::size(parts)];
      }
      check(number);
    }
  }
}

TEST(ReadNumber, AnyBytesAreReadOrGivenUp) {
  const std::string pieces[] = {"一",     "两",       "零",   "十",        "百",   "千",   "万", "亿",
                                "百分之", "%",        "-",    "负",        "3",    ",",    ".",  " ",
                                "one ",   "hundred ", "and ", "thousand ", "\xe4", "\xff", "a "};
  for (std::uint64_t round = 0; round < 50'000; ++round) {
    std::string text;
    for (std::uint64_t i = 0; i < 1 + round % 9; ++i) text += pieces[base::mix(round, i) % std::size(pieces)];
    const auto number = read_number(text);
    if (!number) continue;
    // What is read is written and read back as the same.
    const auto again = read_number(write_number(*number, Written::cjk, "zh").front());
    EXPECT_EQ(again, number) << text;
  }
}

TEST(ReadNumber, ReadsBothEnglishForms) {
  for (const char* text : {"one hundred and twenty-one thousand, four hundred and one",
                           "one hundred twenty-one thousand four hundred one"})
    EXPECT_EQ(read_number(text), 121'401) << text;
}

}  // namespace
}  // namespace prompts
