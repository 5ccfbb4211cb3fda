// Where a tag ends: inside a number ([level:3]0, [level:三]十), inside a Latin word ([app:Zoo]m), before the
// rest of a time or a longer value of a closed catalogue ([start:下午三点]半, [device:主屏]幕). What is
// judged is what stands beside the value, up to the tags beside it. What no rule knows passes. And units that
// contradict a type.
//
// Const after making, any thread; some 0.1 microseconds a value, since longer values are looked up once.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "prompts/job.h"

namespace validators {

/// A value and the text beside it.
struct TaggedValue {
  std::string_view before;
  std::string_view text;
  std::string_view after;
};

class Boundaries {
 public:
  /// `job` must outlive it.
  explicit Boundaries(const prompts::Job& job);

  /// Whether the value is cut out of something longer; `type` is an index into Job::slot_types.
  bool cuts(std::size_t type, const TaggedValue& value) const;

 private:
  using Context = std::pair<std::string, std::string>;  // what stands before and behind in a longer value
  const prompts::Job* job_;
  std::vector<std::unordered_map<std::string, std::vector<Context>>> longer_;  // by type
};

/// Whether two values side by side read as one number or Latin word: 1203 and 40分钟 in 订120340分钟.
bool run_together(std::string_view value, std::string_view next);

/// The bytes of a percentage that a tag left out: 百分之 before it, or %, ％, percent behind it. {0, 0} if
/// there is none, or the number isn't the same with it.
std::pair<std::size_t, std::size_t> find_percent(std::string_view before, std::string_view value,
                                                 std::string_view after);

/// The unit of a number that values of the type can't have: 30分钟 for a percentage, 30% for a count; empty
/// if there is none.
std::string_view find_wrong_unit(const prompts::SlotType& type, const TaggedValue& value);

}  // namespace validators
