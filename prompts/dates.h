// Days and times of day as people say them, for slot types `date` and `time`. A date is relative to
// the day of speaking, so its canonical value is its surface; so is a time's (DESIGN: "a time keeps
// its surface"). No surface stands twice in a list: half past three is one, morning or afternoon.
//
// Pure functions, any thread; called while a job is loaded.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace prompts {

enum class DateForm { relative, weekday, month_day };
enum class TimeForm { digits, spoken };

/// month_day names every ninth day of the year, so that the other forms are not drowned by 365 of them.
constexpr int kMonthDayStep = 9;

/// Surfaces for the days from `first_day` to `last_day`, counted from today (0), yesterday is -1: 今天,
/// 下周三, 12月3号; tomorrow, next Wednesday, December 3rd. Nothing depends on what day today is, so weekday
/// gives all seven (those of next week if the range reaches 7 days ahead), and month_day walks over the
/// whole year.
std::vector<std::string> write_dates(int first_day, int last_day, const std::vector<DateForm>& forms,
                                     std::string_view language);

/// Surfaces for the times from `first` to `last` (minutes of the day) in steps of `step` minutes:
/// 15:30, 下午三点半; 3:30 pm, half past three. Empty unless `step` is positive.
std::vector<std::string> write_times(int first, int last, int step, const std::vector<TimeForm>& forms,
                                     std::string_view language);

}  // namespace prompts
