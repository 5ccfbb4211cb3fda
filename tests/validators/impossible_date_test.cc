#include "validators/impossible_date.h"

#include <gtest/gtest.h>

namespace validators {
namespace {

struct Case {
  const char* text;
  const char* whole;   // found in a value
  const char* amidst;  // found in a sentence
};

TEST(ImpossibleDate, IsFound) {
  const Case cases[] = {
      {"13月", "13月", ""},
      {"十三月五号", "13月5号", "13月5号"},
      {"13月份", "13月", "13月"},
      {"13个月", "", ""},
      {"买13月饼", "13月", ""},
      {"2月30日", "2月30日", "2月30日"},
      {"二月三十号", "2月30号", "2月30号"},
      {"2月29日", "", ""},
      {"4月31", "4月31", ""},
      {"四月三十一日", "4月31日", "4月31日"},
      {"12月31日", "", ""},
      {"2029年6月8日", "", ""},
      {"25点", "25点", ""},
      {"25点能量", "25点", ""},
      {"下午二十五点半", "25点", "25点"},
      {"25点钟", "25点", "25点"},
      {"24点", "", ""},
      {"三点七十分", "3点70", "3点70"},
      {"3点75", "3点75", ""},
      {"大一点", "", ""},
      {"300点", "", ""},
      {"25:70", "25:70", ""},
      {"7:75 pm", "7:75", "7:75"},
      {"08:56:29", "", ""},
      {"7：30", "", ""},
      {"周八", "周8", "周8"},
      {"星期九下午", "星期9", "星期9"},
      {"周六", "", ""},
      {"每周八次", "", ""},
      {"周八点半", "", ""},
      {"一周八天", "", ""},
      {"31 april", "31 april", "31 april"},
      {"31st of April", "31st of april", "31st of april"},
      {"April 31", "april 31", "april 31"},
      {"feb 30th please", "feb 30", "feb 30"},
      {"february 29", "", ""},
      {"may 45 people come in", "may 45", ""},
      {"june 2019", "", ""},
      {"march 31", "", ""},
      {"at 4:45 june 5", "", ""},
      {"25 o'clock", "25 o'clock", "25 o'clock"},
      {"", "", ""},
      {"今天", "", ""},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(find_impossible_date(c.text, true), c.whole) << c.text;
    EXPECT_EQ(find_impossible_date(c.text, false), c.amidst) << c.text;
  }
}

}  // namespace
}  // namespace validators
