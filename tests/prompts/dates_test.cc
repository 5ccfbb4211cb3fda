#include "prompts/dates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace prompts {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::Not;

TEST(Dates, RelativeChinese) {
  EXPECT_THAT(write_dates(0, 8, {DateForm::relative}, "zh-Hans"),
              ElementsAre("今天", "明天", "后天", "大后天", "三天后", "四天后", "五天后", "六天后", "一周后",
                          "八天后"));
  EXPECT_THAT(write_dates(-3, -1, {DateForm::relative}, "zh-Hans"), ElementsAre("三天前", "前天", "昨天"));
  EXPECT_THAT(write_dates(12, 30, {DateForm::relative}, "zh-Hans"),
              ElementsAre("十二天后", "十三天后", "两周后", "三周后", "四周后"));
}

TEST(Dates, RelativeEnglish) {
  EXPECT_THAT(write_dates(0, 8, {DateForm::relative}, "en"),
              ElementsAre("today", "tomorrow", "the day after tomorrow", "in three days", "in four days",
                          "in five days", "in six days", "in a week", "in eight days"));
  EXPECT_THAT(write_dates(-7, -6, {DateForm::relative}, "en"), ElementsAre("a week ago", "six days ago"));
}

TEST(Dates, WeekdaysOfOtherWeeksOnlyWhereTheRangeReachesThem) {
  const auto near = write_dates(0, 6, {DateForm::weekday}, "zh-Hans");
  EXPECT_THAT(near, IsSupersetOf({"周五", "星期五", "这周五", "周日"}));
  EXPECT_THAT(near, Not(Contains("下周三")));
  EXPECT_THAT(write_dates(0, 13, {DateForm::weekday}, "zh-Hans"), IsSupersetOf({"下周三", "下星期日"}));
  EXPECT_THAT(write_dates(-7, 0, {DateForm::weekday}, "zh-Hans"), Contains("上周三"));
  EXPECT_THAT(write_dates(0, 13, {DateForm::weekday}, "en"),
              IsSupersetOf({"Friday", "this Friday", "next Wednesday"}));
  EXPECT_THAT(write_dates(-7, 0, {DateForm::weekday}, "en"), Contains("last Monday"));
}

TEST(Dates, MonthDaysWalkOverTheWholeYear) {
  const auto zh = write_dates(0, 0, {DateForm::month_day}, "zh-Hans");
  EXPECT_EQ(zh.size(), 41u);
  EXPECT_EQ(zh.front(), "1月1号");
  EXPECT_EQ(zh.back(), "12月27号");
  const auto en = write_dates(0, 0, {DateForm::month_day}, "en");
  EXPECT_THAT(en, IsSupersetOf({"January 1st", "January 10th", "January 28th", "March 23rd", "November 3rd",
                                "November 12th", "November 21st"}));
  const std::set<std::string> impossible = {"2月29号", "2月30号", "2月31号", "4月31号",
                                            "6月31号", "9月31号", "11月31号"};
  for (const std::string& surface : zh) EXPECT_FALSE(impossible.contains(surface)) << surface;
}

struct TimeCase {
  int hour;
  int minute;
  std::string zh_digits, zh_spoken, en_digits;
  std::vector<std::string> en_spoken;
};

TEST(Times, AsPeopleSayThem) {
  const TimeCase cases[] = {
      {0, 0, "0:00", "凌晨零点", "12 am", {"midnight"}},
      {0, 30, "0:30", "凌晨零点半", "12:30 am", {"half past twelve"}},
      {2, 0, "2:00", "凌晨两点", "2 am", {"two in the morning", "two o'clock"}},
      {7, 0, "7:00", "早上七点", "7 am", {"seven in the morning", "seven o'clock"}},
      {8, 45, "8:45", "早上八点三刻", "8:45 am", {"quarter to nine"}},
      {10, 10, "10:10", "上午十点十分", "10:10 am", {"ten past ten"}},
      {11, 55, "11:55", "上午十一点五十五", "11:55 am", {"five to twelve"}},
      {12, 0, "12:00", "中午十二点", "12 pm", {"noon"}},
      {12, 40, "12:40", "中午十二点四十", "12:40 pm", {"twenty to one"}},
      {14, 5, "14:05", "下午两点零五", "2:05 pm", {"five past two"}},
      {15, 30, "15:30", "下午三点半", "3:30 pm", {"half past three"}},
      {19, 15, "19:15", "晚上七点一刻", "7:15 pm", {"quarter past seven"}},
      {20, 0, "20:00", "晚上八点", "8 pm", {"eight in the evening", "eight o'clock"}},
      {22, 0, "22:00", "晚上十点", "10 pm", {"ten at night", "ten o'clock"}},
      {23, 37, "23:37", "晚上十一点三十七", "11:37 pm", {"eleven thirty-seven"}},
      {9, 3, "9:03", "上午九点零三", "9:03 am", {"nine oh three"}},
  };
  for (const TimeCase& c : cases) {
    const int time = c.hour * 60 + c.minute;
    const auto one = [&](TimeForm form, const char* language) {
      return write_times(time, time, 1, {form}, language);
    };
    EXPECT_THAT(one(TimeForm::digits, "zh-Hans"), ElementsAre(c.zh_digits));
    EXPECT_THAT(one(TimeForm::spoken, "zh-Hans"), ElementsAre(c.zh_spoken));
    EXPECT_THAT(one(TimeForm::digits, "en"), ElementsAre(c.en_digits));
    EXPECT_EQ(one(TimeForm::spoken, "en"), c.en_spoken);
  }
}

TEST(Times, RangesAndSteps) {
  EXPECT_THAT(write_times(8 * 60, 9 * 60, 30, {TimeForm::digits}, "zh-Hans"),
              ElementsAre("8:00", "8:30", "9:00"));
  EXPECT_THAT(write_times(60, 0, 30, {TimeForm::digits}, "en"), IsEmpty());
  EXPECT_THAT(write_times(0, 60, 0, {TimeForm::digits}, "en"), IsEmpty());
  EXPECT_EQ(write_times(-100, 5000, 1, {TimeForm::digits}, "en").size(), 24u * 60);
}

TEST(DatesAndTimes, NothingStandsTwice) {
  for (const char* language : {"zh-Hans", "en"}) {
    const auto dates = write_dates(
        -60, 400, {DateForm::relative, DateForm::weekday, DateForm::month_day, DateForm::relative}, language);
    EXPECT_EQ(std::set<std::string>(dates.begin(), dates.end()).size(), dates.size());
    const auto times =
        write_times(0, 24 * 60, 1, {TimeForm::digits, TimeForm::spoken, TimeForm::spoken}, language);
    EXPECT_EQ(std::set<std::string>(times.begin(), times.end()).size(), times.size());
  }
}

}  // namespace
}  // namespace prompts
