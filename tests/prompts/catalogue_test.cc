#include "prompts/catalogue.h"

#include <gtest/gtest.h>
#include <re2/re2.h>

#include <set>

namespace prompts {
namespace {

SlotType devices(bool open) {
  return SlotType::of_values("device", SlotType::Form::values,
                             {{"主屏", "主屏"}, {"麦克风", "麦克风"}, {"话筒", "麦克风"}, {"mic", "麦克风"}},
                             open, true);
}

TEST(Catalogue, Values) {
  const SlotType type = devices(false);
  EXPECT_EQ(type.name(), "device");
  EXPECT_EQ(type.size(), 4u);
  EXPECT_EQ(type.value(2).text, "话筒");
  EXPECT_EQ(type.value(2).canonical, "麦克风");
  EXPECT_EQ(type.canonical("话筒"), "麦克风");
  EXPECT_EQ(type.canonical("話筒"), "麦克风");
  EXPECT_EQ(type.canonical("ＭＩＣ"), "麦克风");
  EXPECT_EQ(type.canonical("音箱"), std::nullopt);
  EXPECT_EQ(type.check("主屏"), ValueFault::none);
  EXPECT_EQ(type.check("音箱"), ValueFault::not_in_catalogue);
}

TEST(Catalogue, AnOpenTypeTakesUnknownValues) {
  const SlotType type = devices(true);
  EXPECT_TRUE(type.open());
  EXPECT_EQ(type.canonical("音箱"), std::nullopt);
  EXPECT_EQ(type.check("音箱"), ValueFault::none);
}

TEST(Catalogue, DatesAndTimesTakeUnknownValues) {
  for (const auto form : {SlotType::Form::date, SlotType::Form::time}) {
    const SlotType type = SlotType::of_values("start", form, {{"明天", "明天"}}, false, true);
    EXPECT_EQ(type.canonical("明天"), "明天");
    EXPECT_EQ(type.check("下个月一号"), ValueFault::none);
  }
}

TEST(Catalogue, TheFirstOfEqualValuesDecides) {
  const SlotType type =
      SlotType::of_values("x", SlotType::Form::values, {{"Mic", "a"}, {"MIC", "b"}}, false, false);
  EXPECT_EQ(type.canonical("mic"), "a");
}

TEST(Catalogue, Numbers) {
  const SlotType type = SlotType::of_numbers(
      "level", {0, 100, 5, {Written::arabic, Written::cjk, Written::percent}}, "zh-Hans");
  EXPECT_TRUE(type.is_number());
  EXPECT_EQ(type.size(), 21u * 4);
  std::set<std::string> texts;
  for (std::uint64_t i = 0; i < type.size(); ++i) {
    const Value value = type.value(i);
    texts.insert(value.text);
    EXPECT_EQ(type.canonical(value.text), value.canonical) << value.text;
    EXPECT_EQ(type.check(value.text), ValueFault::none) << value.text;
  }
  EXPECT_EQ(texts.size(), type.size());
  EXPECT_TRUE(texts.contains("30") && texts.contains("三十") && texts.contains("百分之三十") &&
              texts.contains("30%"));
  EXPECT_EQ(type.value(6).text, "30");
  EXPECT_EQ(type.value(7).text, "35");

  EXPECT_EQ(type.canonical("百分之三十"), "30");
  EXPECT_EQ(type.canonical("31"), "31");  // a step is a matter of planning
  EXPECT_EQ(type.check("31"), ValueFault::none);
  EXPECT_EQ(type.canonical("101"), std::nullopt);
  EXPECT_EQ(type.check("101"), ValueFault::out_of_range);
  EXPECT_EQ(type.check("负五"), ValueFault::out_of_range);
  EXPECT_EQ(type.check("最大"), ValueFault::not_a_number);
}

TEST(Catalogue, ARangeOfAMillionIsComputed) {
  const SlotType type = SlotType::of_numbers("n", {-10, 999'999, 1, {Written::words, Written::arabic}}, "en");
  EXPECT_EQ(type.size(), 2u * 1'000'010);
  EXPECT_EQ(type.value(0).text, "minus ten");
  EXPECT_EQ(type.value(0).canonical, "-10");
  EXPECT_EQ(type.value(1'000'009).text, "nine hundred ninety-nine thousand nine hundred ninety-nine");
  EXPECT_EQ(type.value(1'000'010).text, "-10");
  EXPECT_EQ(type.value(2'000'019).text, "999999");
}

TEST(Catalogue, TheWidestRangeDoesNotOverflow) {
  const SlotType type = SlotType::of_numbers("n", {INT64_MIN, INT64_MAX, 3, {Written::arabic}}, "en");
  EXPECT_EQ(type.size(), UINT64_MAX / 3 + 1);
  EXPECT_EQ(type.value(0).text, "-9223372036854775808");
  EXPECT_EQ(type.value(type.size() - 1).text, "9223372036854775807");
}

TEST(Catalogue, Patterns) {
  const auto pattern = std::make_shared<const re2::RE2>(R"([A-Z]?\d{3,4})");
  const SlotType type = SlotType::of_pattern("room", pattern, {{"A301", "A301"}, {"1024", "1024"}}, true);
  EXPECT_EQ(type.form(), SlotType::Form::pattern);
  EXPECT_EQ(type.size(), 2u);
  EXPECT_EQ(type.canonical("A301"), "A301");
  EXPECT_EQ(type.canonical("B205"), std::nullopt);
  EXPECT_EQ(type.check("B205"), ValueFault::none);
  EXPECT_EQ(type.check("b205"), ValueFault::pattern_mismatch);
  EXPECT_EQ(type.check("B20"), ValueFault::pattern_mismatch);
  EXPECT_EQ(type.check("xB205"), ValueFault::pattern_mismatch);
}

}  // namespace
}  // namespace prompts
