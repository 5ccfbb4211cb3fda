#include "validators/surface.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "base/unicode.h"
#include "prompts/numbers.h"
#include "validators_testing.h"

namespace validators {
namespace {

using prompts::SlotType;
using testing::devices;
using testing::levels;

SlotType open_values() { return SlotType::of_values("any", SlotType::Form::values, {}, true, true); }

struct Pair {
  const char* planned;
  const char* written;
  bool same;
};

TEST(SameValue, OfNumbers) {
  const SlotType type = levels("zh-Hans");
  const Pair pairs[] = {
      {"30", "30", true},         {"30", "三十", true},
      {"三十", "30", true},       {"百分之三十", "30%", true},
      {"30", "30%", true},        {"30%", "３０％", true},
      {"30", "百分之三十", true}, {"30", "thirty percent", true},
      {"30", "31", false},        {"30", "三", false},
      {"30", "最大", false},      {"5", "-5", false},
      {"100", "百分之百", true},  {"30", "30度", false},
  };
  for (const Pair& pair : pairs)
    EXPECT_EQ(same_value(type, pair.planned, pair.written), pair.same) << pair.written;
}

TEST(SameValue, OfOtherTypes) {
  const SlotType type = open_values();
  const Pair pairs[] = {
      {"会议室", "會議室", true},
      {"ＡＢ", "ab", true},
      {"Tencent  Meeting", "tencent meeting", true},
      {"腾讯 会议", "腾讯会议", true},
      {"第三会议室", "第3会议室", true},
      {"下午三点半", "下午3点半", true},
      {"二〇二四年", "2024年", true},
      {"A三零一", "A301", true},
      {"周一下午四点", "周1下午4点", true},
      {"一下", "1下", false},
      {"每周一起", "每周1起", false},
      {"10 am", "10am", true},
      {"HDMI1", "HDMI 1", true},
      {"三体", "《三体》", true},
      {"主屏", "主屏。", true},
      {"twenty minutes", "20 minutes", true},
      {"30%", "30", false},  // a percentage is no plain number unless the type is one
      {"百分之三十", "30", false},
      {"百分之三十", "30%", true},
      {"007", "7", false},
      {"〇〇七", "007", true},
      {"-5", "5", false},
      {"C++", "C#", false},
      {"C++", "c++", true},
      {"主屏", "副屏", false},
      {"主屏", "", false},
      {"三十", "三十五", false},
  };
  for (const Pair& pair : pairs)
    EXPECT_EQ(same_value(type, pair.planned, pair.written), pair.same)
        << pair.planned << " / " << pair.written;
}

TEST(SameValue, OfOneCatalogueValue) {
  const SlotType type = devices();
  EXPECT_TRUE(same_value(type, "话筒", "麦克风"));
  EXPECT_TRUE(same_value(type, "话筒", "麥克風"));
  EXPECT_TRUE(same_value(type, "麦克风", "MIC"));
  EXPECT_FALSE(same_value(type, "话筒", "主屏"));
  EXPECT_FALSE(same_value(type, "主屏", "主屏幕"));
}

TEST(Tighten, MovesTheEndsInwards) {
  EXPECT_EQ(tighten("主屏", " 主屏，"), "主屏");
  EXPECT_EQ(tighten("三体", "《三体》"), "三体");
  EXPECT_EQ(tighten("《三体》", "《三體》。"), "《三體》。");  // planned has punctuation there
  EXPECT_EQ(tighten("主屏", "\u3000主屏\u3000"), "主屏");
  EXPECT_EQ(tighten("x", "。"), "。");
}

std::string find(const SlotType& type, std::string_view planned, std::string_view text) {
  const std::u32string characters = base::to_utf32(text);
  std::string out;
  for (const Span& span : find_value(type, planned, characters))
    out += fmt::format("<{}>", base::to_utf8(characters.substr(span.start, span.end - span.start)));
  return out;
}

struct Place {
  const char* planned;
  const char* text;
  const char* found;
};

TEST(FindValue, OfNumbers) {
  const SlotType type = levels("zh-Hans");
  const Place places[] = {
      {"30", "音量调到三十", "<三十>"},
      {"30", "音量调到百分之三十", "<百分之三十>"},
      {"百分之三十", "音量调到30%吧", "<30%>"},
      {"30", "音量调到３０％吧", "<３０％>"},
      {"30", "把30号的音量调到三十", "<30><三十>"},
      {"30", "音量调到三十五", ""},
      {"30", "音量调到130", ""},
      {"30", "音量调到30.5", ""},
      {"30", "三点30:15分", ""},
      {"301", "去A301", ""},
      {"5", "调到-5", ""},
      {"-5", "调到零下五度", "<零下五>"},
      {"-5", "调到 −5 度", "<−5>"},
      {"5", "第3-5档", "<5>"},
      {"30", "调到30dB", "<30>"},
      {"1", "把音量调一下", ""},
      {"1", "音量调到一", "<一>"},
      {"100", "开到百分之百", "<百分之百>"},
      {"30", "set it to thirty percent now", "<thirty percent>"},
      {"21", "set it to twenty-one", "<twenty-one>"},
      {"20", "set it to twenty-one", ""},
      {"1", "turn this one down", ""},
      {"30", "", ""},
  };
  for (const Place& place : places)
    EXPECT_EQ(find(type, place.planned, place.text), place.found) << place.text;
}

TEST(FindValue, OfOtherTypes) {
  const SlotType type = open_values();
  const Place places[] = {
      {"会议室", "去會議室開會", "<會議室>"},
      {"Zoom", "用ＺＯＯＭ开会", "<ＺＯＯＭ>"},
      {"Zoom", "用zoom开会", "<zoom>"},
      {"oo", "用zoom开会", ""},
      {"HDMI", "切到HDMI2", ""},
      {"第三会议室", "订第3会议室", "<第3会议室>"},
      {"下午三点", "订下午3点的会", "<下午3点>"},
      {"3月", "13月3月", "<3月>"},
      {"三体", "播放《三体》", "<三体>"},
      {"《三体》", "播放《三体》", "<《三体》>"},
      {"main screen", "mute the Main  Screen please", "<Main  Screen>"},
      {"cafe\u0301", "去café吧", "<café>"},
      {"30%", "打30%折扣", "<30%>"},
      {"30", "打30%折扣", ""},
      {"北京", "从北京到北京", "<北京><北京>"},
  };
  for (const Place& place : places)
    EXPECT_EQ(find(type, place.planned, place.text), place.found) << place.text;
}

TEST(FindValue, AnySurfaceOfTheValueLongestFirst) {
  EXPECT_EQ(find(devices(), "麦克风", "把话筒关掉"), "<话筒>");
  EXPECT_EQ(find(devices(), "麦克风", "把话筒和mic关掉"), "<话筒><mic>");
  const SlotType nested =
      SlotType::of_values("n", SlotType::Form::values, {{"屏", "屏"}, {"主屏", "屏"}}, false, true);
  EXPECT_EQ(find(nested, "屏", "打开主屏"), "<主屏>");
}

// Values as people have them, written differently, must be found at exactly their place.
TEST(FindValue, RestoresVariantsToTheExactSpan) {
  const SlotType type = open_values();
  const char* values[] = {"会议室",       "腾讯会议", "王建国",    "下午三点半", "二十分钟", "第十二会议室",
                          "明天上午九点", "投影仪",   "Zoom",      "A301",       "项目汇报", "三里屯",
                          "北京",         "五月三号", "iPhone 15", "湖南卫视"};
  const char* frames[][2] = {{"把", "打开"}, {"帮我预订", "，谢谢"}, {"请问", "在哪里"}};
  int tried = 0;
  int found = 0;
  for (const std::string value : values)
    for (const auto& frame : frames) {
      std::vector<std::string> variants = {value, base::to_traditional(value), base::fold(value)};
      std::string wide;
      for (const char32_t c : base::to_utf32(value))
        base::append_utf8(c > 0x20 && c < 0x7F ? c + 0xFEE0 : c, wide);
      variants.push_back(wide);
      for (const std::string& variant : variants) {
        ++tried;
        const std::string places = find(type, value, fmt::format("{}{}{}", frame[0], variant, frame[1]));
        found += places == fmt::format("<{}>", variant);
        EXPECT_EQ(places, fmt::format("<{}>", variant)) << frame[0];
      }
    }
  EXPECT_GE(found * 1000, tried * 998);
}

TEST(FindValue, RestoresEveryNumberInEveryForm) {
  for (const char* language : {"zh-Hans", "en"}) {
    const SlotType type = levels(language);
    for (int planned = 0; planned <= 100; ++planned) {
      const std::string digits = std::to_string(planned);
      for (const prompts::Written form : {prompts::Written::arabic, prompts::Written::cjk,
                                          prompts::Written::words, prompts::Written::percent}) {
        if (form == (std::string_view(language) == "en" ? prompts::Written::cjk : prompts::Written::words))
          continue;
        for (const std::string& written : prompts::write_number(planned, form, language)) {
          const bool english = std::string_view(language) == "en";
          const std::string text = english ? fmt::format("please set it to {} now", written)
                                           : fmt::format("把音量调到{}吧", written);
          EXPECT_EQ(find(type, digits, text), fmt::format("<{}>", written)) << text;
          EXPECT_TRUE(same_value(type, digits, written)) << written;
        }
      }
    }
  }
}

TEST(FindValue, NeverCutsAValueOutOfALongerOne) {
  const SlotType type = SlotType::of_values("any", SlotType::Form::values,
                                            {{"屏幕", "屏幕"},
                                             {"主屏幕", "主屏"},
                                             {"张伟", "张伟"},
                                             {"张伟明", "张伟明"},
                                             {"三点", "三点"},
                                             {"下午三点", "下午三点"},
                                             {"下午三点半", "下午三点半"},
                                             {"room", "room"},
                                             {"living room", "living room"}},
                                            false, true);
  const struct {
    const char* planned;
    const char* text;
    std::size_t places;
  } cases[] = {
      {"屏幕", "打开主屏幕", 0},
      {"屏幕", "打开屏幕", 1},
      {"张伟", "叫张伟明来", 0},
      {"张伟", "叫张伟来", 1},
      {"下午三点", "下午三点半开会", 0},
      {"下午三点", "下午三点，开会", 1},
      {"三点", "下午三点订会议室", 0},
      {"三点", "三点订会议室", 1},
      {"room", "turn on the living room light", 0},
      {"room", "turn on the room light", 1},
  };
  for (const auto& c : cases)
    EXPECT_EQ(find_value(type, c.planned, base::to_utf32(c.text)).size(), c.places)
        << c.planned << " in " << c.text;
}

TEST(FindValue, LongerSurfacesInOtherWrittenForms) {
  const SlotType type = SlotType::of_values("room", SlotType::Form::values,
                                            {{"会议室", "会议室"},
                                             {"第三会议室", "第三会议室"},
                                             {"第12会议室", "第12会议室"},
                                             {"meeting room", "meeting room"},
                                             {"room", "room"}},
                                            false, true);
  const Place places[] = {
      {"会议室", "订第3会议室", ""},
      {"会议室", "订第十二会议室", ""},
      {"会议室", "订第三會議室", ""},
      {"会议室", "订第四会议室", "<会议室>"},
      {"会议室", "订会议室三", "<会议室>"},
      {"room", "book the Meeting  Room now", ""},
      {"room", "book meeting, room", "<room>"},
      {"会议室", "订第三会议室旁边的会议室", "<会议室>"},
  };
  for (const Place& place : places)
    EXPECT_EQ(find(type, place.planned, place.text), place.found) << place.planned << " in " << place.text;
  // Nothing certain is known where the catalogue has no longer one.
  EXPECT_EQ(find(SlotType::of_values("d", SlotType::Form::values, {{"屏幕", "屏幕"}}, false, true), "屏幕",
                 "打开主屏幕"),
            "<屏幕>");
}

TEST(FindValue, TimesAreWhole) {
  const SlotType type = SlotType::of_values("start", SlotType::Form::time, {}, true, true);
  const Place places[] = {
      {"下午三点", "下午三点半订会议室", ""},
      {"下午三点", "下午三点一刻订会议室", ""},
      {"下午三点", "下午3点15订会议室", ""},
      {"下午三点", "下午三点十分订会议室", ""},
      {"下午三点", "明天下午三点订会议室", "<下午三点>"},
      {"下午三点", "下午三点钟订会议室", "<下午三点>"},
      {"下午三点", "下午三点分享屏幕", "<下午三点>"},
      {"下午三点", "十号下午三点订会议室", "<下午三点>"},
      {"三点", "下午三点订会议室", ""},
      {"三点", "今晚三点订会议室", ""},
      {"三点", "周五晚三点订会议室", ""},
      {"三点", "凌晨 三点订会议室", ""},
      {"三点", "三点半下午订会议室", ""},
      {"三点", "最晚三点订会议室", "<三点>"},
      {"三点", "订三点到五点的会议室", "<三点>"},
      {"五点", "订三点到五点的会议室", "<五点>"},
      {"三点", "下午三点和三点各订一间", "<三点>"},
      {"三", "三点订会议室", ""},
      {"五分", "三点五分订会议室", ""},
      {"半", "三点半", ""},
      {"明天", "明天点外卖", "<明天>"},
      {"明天", "明天下午", ""},
      {"at 3", "book a room at 3 pm", ""},
      {"3", "book a room at 3 p.m.", ""},
      {"3", "book a room at 3pm", ""},
      {"3 pm", "book a room at 3 PM please", "<3 PM>"},
      {"three", "book a room at three thirty", ""},
      {"three", "book a room at half past three", ""},
      {"three", "book a room at three in the afternoon", ""},
      {"three", "book a room at three o'clock", "<three>"},
      {"3", "book a room at 3 for the morning people", "<3>"},
      {"tomorrow", "book it the day after tomorrow", ""},
      {"friday", "book it next Friday", ""},
      {"friday", "book it on Friday", "<Friday>"},
  };
  for (const Place& place : places)
    EXPECT_EQ(find(type, place.planned, place.text), place.found) << place.planned << " in " << place.text;
}

TEST(FindValue, DatesAreWhole) {
  const SlotType type = SlotType::of_values("day", SlotType::Form::date, {}, true, true);
  const Place places[] = {
      {"三号", "五月三号订会议室", ""},
      {"五月", "五月三号订会议室", ""},
      {"五月三号", "五月三号订会议室", "<五月三号>"},
      {"五月三号", "2024年五月三号订", ""},
      {"周五", "下周五订会议室", ""},
      {"周五", "周五订会议室", "<周五>"},
      {"后天", "大后天订会议室", ""},
      {"三号", "订三号的会议室", "<三号>"},
  };
  for (const Place& place : places)
    EXPECT_EQ(find(type, place.planned, place.text), place.found) << place.planned << " in " << place.text;
}

TEST(FindValue, WhatBelongsToAnotherSlotDoesNotTouch) {
  const SlotType type = SlotType::of_values("day", SlotType::Form::date, {}, true, true);
  const std::u32string text = U"明天下午三点订会议室";
  EXPECT_TRUE(find_value(type, "明天", text).empty());
  EXPECT_EQ(find_value(type, "明天", text, {{2, 6}}).size(), 1u);
}

}  // namespace
}  // namespace validators
