#include "prompts/dates.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <unordered_set>

#include "prompts/numbers.h"

namespace prompts {
namespace {

/// Keeps the order and the first of equals: half past three is said twice a day.
class Surfaces {
 public:
  void add(std::string surface) {
    if (seen_.insert(surface).second) list_.push_back(std::move(surface));
  }
  std::vector<std::string> take() { return std::move(list_); }

 private:
  std::unordered_set<std::string> seen_;
  std::vector<std::string> list_;
};

std::string words(int number) { return write_number(number, Written::words, "en").front(); }

/// 两 before a measure word, 二 inside a number.
std::string counted(int number) {
  return number == 2 ? "两" : write_number(number, Written::cjk, "zh").front();
}

/// People count days for a fortnight and weeks for two months; beyond that they name the date.
constexpr int kCountedDays = 14;
constexpr int kCountedWeeks = 8;

void add_relative_zh(int day, Surfaces& out) {
  switch (day) {
    case -2:
      return out.add("前天");
    case -1:
      return out.add("昨天");
    case 0:
      return out.add("今天");
    case 1:
      return out.add("明天");
    case 2:
      return out.add("后天");
    case 3:
      out.add("大后天");
      break;
    default:
      break;
  }
  const int distance = std::abs(day);
  const char* direction = day < 0 ? "前" : "后";
  if (distance % 7 == 0 && distance <= 7 * kCountedWeeks)
    return out.add(counted(distance / 7) + "周" + direction);
  if (distance <= kCountedDays) out.add(counted(distance) + "天" + direction);
}

void add_relative_en(int day, Surfaces& out) {
  switch (day) {
    case -2:
      return out.add("the day before yesterday");
    case -1:
      return out.add("yesterday");
    case 0:
      return out.add("today");
    case 1:
      return out.add("tomorrow");
    case 2:
      return out.add("the day after tomorrow");
    default:
      break;
  }
  const int distance = std::abs(day);
  std::string span;
  if (distance == 7)
    span = "a week";
  else if (distance % 7 == 0 && distance <= 7 * kCountedWeeks)
    span = words(distance / 7) + " weeks";
  else if (distance <= kCountedDays)
    span = words(distance) + " days";
  else
    return;
  out.add(day < 0 ? span + " ago" : "in " + span);
}

/// Which weekday is how far away depends on today, so all seven are said; those of another week only if
/// the range reaches there.
void add_weekdays(int first_day, int last_day, bool chinese, Surfaces& out) {
  constexpr std::array kZh = {"一", "二", "三", "四", "五", "六", "日"};
  constexpr std::array kEn = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};
  const bool last_week = first_day <= -7;
  const bool next_week = last_day >= 7;
  const auto add_all = [&](std::initializer_list<std::string_view> prefixes, const auto& names) {
    for (const std::string_view prefix : prefixes)
      for (const char* name : names) out.add(fmt::format("{}{}", prefix, name));
  };
  if (chinese) {
    add_all({"周", "星期", "这周"}, kZh);
    if (next_week) add_all({"下周", "下星期"}, kZh);
    if (last_week) add_all({"上周", "上星期"}, kZh);
  } else {
    add_all({"", "this "}, kEn);
    if (next_week) add_all({"next "}, kEn);
    if (last_week) add_all({"last "}, kEn);
  }
}

const char* ordinal_suffix(int day) {
  if (day >= 11 && day <= 13) return "th";
  switch (day % 10) {
    case 1:
      return "st";
    case 2:
      return "nd";
    case 3:
      return "rd";
    default:
      return "th";
  }
}

void add_month_days(bool chinese, Surfaces& out) {
  constexpr std::array kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  constexpr std::array kMonths = {"January", "February", "March",     "April",   "May",      "June",
                                  "July",    "August",   "September", "October", "November", "December"};
  int until_next = 0;
  for (std::size_t month = 0; month < kDays.size(); ++month) {
    for (int day = 1; day <= kDays[month]; ++day) {
      if (until_next-- > 0) continue;
      until_next = kMonthDayStep - 1;
      out.add(chinese ? fmt::format("{}月{}号", month + 1, day)
                      : fmt::format("{} {}{}", kMonths[month], day, ordinal_suffix(day)));
    }
  }
}

const char* part_of_day_zh(int hour) {
  if (hour < 5) return "凌晨";
  if (hour < 9) return "早上";
  if (hour < 12) return "上午";
  if (hour == 12) return "中午";
  return hour < 18 ? "下午" : "晚上";
}

std::string spoken_zh(int hour, int minute) {
  const int clock = hour > 12 ? hour - 12 : hour;
  std::string out = fmt::format("{}{}点", part_of_day_zh(hour), counted(clock));
  if (minute == 0) return out;
  if (minute == 15) return out + "一刻";
  if (minute == 30) return out + "半";
  if (minute == 45) return out + "三刻";
  const std::string number = write_number(minute, Written::cjk, "zh").front();
  // 三点零五, 三点十分, 三点二十
  if (minute < 10) return out + "零" + number;
  return minute == 10 ? out + number + "分" : out + number;
}

const char* part_of_day_en(int hour) {
  if (hour < 12) return "in the morning";
  if (hour < 17) return "in the afternoon";
  return hour < 21 ? "in the evening" : "at night";
}

/// An hour on a twelve-hour clock.
int clock_hour(int hour) { return hour % 12 == 0 ? 12 : hour % 12; }

void add_spoken_en(int hour, int minute, Surfaces& out) {
  const std::string now = words(clock_hour(hour));
  if (minute == 0) {
    if (hour == 0) return out.add("midnight");
    if (hour == 12) return out.add("noon");
    out.add(fmt::format("{} {}", now, part_of_day_en(hour)));
    return out.add(now + " o'clock");
  }
  const std::string next = words(clock_hour(hour + 1));
  if (minute == 15) return out.add("quarter past " + now);
  if (minute == 30) return out.add("half past " + now);
  if (minute == 45) return out.add("quarter to " + next);
  if (minute % 5 == 0)
    return out.add(minute < 30 ? fmt::format("{} past {}", words(minute), now)
                               : fmt::format("{} to {}", words(60 - minute), next));
  out.add(fmt::format("{} {}{}", now, minute < 10 ? "oh " : "", words(minute)));
}

std::string digits_en(int hour, int minute) {
  const char* half = hour < 12 ? "am" : "pm";
  if (minute == 0) return fmt::format("{} {}", clock_hour(hour), half);
  return fmt::format("{}:{:02} {}", clock_hour(hour), minute, half);
}

}  // namespace

std::vector<std::string> write_dates(int first_day, int last_day, const std::vector<DateForm>& forms,
                                     std::string_view language) {
  const bool chinese = language.starts_with("zh");
  Surfaces out;
  for (const DateForm form : forms) {
    switch (form) {
      case DateForm::relative:
        for (int day = std::max(first_day, -7 * kCountedWeeks); day <= std::min(last_day, 7 * kCountedWeeks);
             ++day)
          chinese ? add_relative_zh(day, out) : add_relative_en(day, out);
        break;
      case DateForm::weekday:
        add_weekdays(first_day, last_day, chinese, out);
        break;
      case DateForm::month_day:
        add_month_days(chinese, out);
        break;
    }
  }
  return out.take();
}

std::vector<std::string> write_times(int first, int last, int step, const std::vector<TimeForm>& forms,
                                     std::string_view language) {
  const bool chinese = language.starts_with("zh");
  Surfaces out;
  if (step <= 0) return {};
  for (const TimeForm form : forms) {
    for (int time = std::max(first, 0); time <= std::min(last, 24 * 60 - 1); time += step) {
      const int hour = time / 60;
      const int minute = time % 60;
      if (form == TimeForm::digits)
        out.add(chinese ? fmt::format("{}:{:02}", hour, minute) : digits_en(hour, minute));
      else if (chinese)
        out.add(spoken_zh(hour, minute));
      else
        add_spoken_en(hour, minute, out);
    }
  }
  return out.take();
}

}  // namespace prompts
