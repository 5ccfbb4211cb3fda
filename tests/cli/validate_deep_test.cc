// slotmill validate --deep, as a user runs it, on a small set written by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <string>
#include <vector>

#include "base/text.h"
#include "tests/cli/workspace.h"

namespace cli_testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// Rows of a meeting room. What is wrong: line 14 misses 主屏, 25 has 把 in its device, 36 has its two slots
// under each other's names, 43 is of the other intent.
constexpr const char* kRows = R"(intent;annotation
set_volume;把[device : 主屏]音量调到[level : 三十]
set_volume;把[device : 副屏]的声音调到[level : 五十]
set_volume;[device : 主屏]音量设为[level : 二十]
set_volume;麻烦把[device : 话筒]音量调到[level : 八十]
set_volume;音量调到[level : 三十]
set_volume;[device : 副屏]声音开到[level : 六十]
set_volume;请把[device : 音箱]音量设为[level : 四十]
set_volume;把[device : 音箱]的声音调到[level : 七十]
set_volume;声音调到[level : 五十]
set_volume;把[device : 话筒]的音量设为[level : 二十]
set_volume;请把[device : 副屏]音量调到[level : 八十]
set_volume;[device : 音箱]声音开到[level : 三十]
set_volume;把主屏的声音调到[level : 六十]
set_volume;麻烦把[device : 主屏]声音调到[level : 四十]
set_volume;音量设为[level : 七十]
set_volume;请把[device : 话筒]声音调到[level : 六十]
set_volume;[device : 话筒]音量设为[level : 五十]
set_volume;把[device : 副屏]音量开到[level : 四十]
set_volume;麻烦把[device : 音箱]音量调到[level : 二十]
set_volume;把[device : 主屏]声音开到[level : 七十]
set_volume;声音开到[level : 八十]
set_volume;请把[device : 主屏]的音量设为[level : 三十]
set_volume;[device : 副屏]的音量调到[level : 五十]
set_volume;请[device : 把话筒]声音开到[level : 四十]
book_room;[day : 明天]订[room : 大会议室]
book_room;帮我订[day : 周一]的[room : 小会议室]
book_room;预订[room : 培训室][day : 后天]用
book_room;我要在[day : 周五]用[room : 大会议室]
book_room;[day : 后天]订[room : 小会议室]
book_room;帮我预订[day : 明天]的[room : 培训室]
book_room;预订[room : 大会议室][day : 周一]用
book_room;我要在[day : 周三]用[room : 培训室]
book_room;[day : 周三]订[room : 大会议室]
book_room;帮我订[day : 周五]的[room : 小会议室]
book_room;我要在[room : 明天]用[day : 小会议室]
book_room;预订[room : 小会议室][day : 周三]用
book_room;[day : 周一]订[room : 培训室]
book_room;帮我订[day : 后天]的[room : 大会议室]
book_room;我要在[day : 后天]用[room : 培训室]
book_room;[day : 周五]订[room : 培训室]
book_room;预订[room : 培训室][day : 明天]用
set_volume;帮我预订[day : 周一]的[room : 大会议室]
book_room;我要在[day : 周一]用[room : 小会议室]
)";

class ValidateDeep : public testing::Test {
 protected:
  void SetUp() override { space_.write("rows.csv", kRows); }
  testing_support::Finished validate(std::vector<std::string> options) {
    options.insert(options.begin(), {"validate", space_.path("rows.csv").string()});
    return space_.slotmill(options);
  }
  Workspace space_;
};

TEST_F(ValidateDeep, ListsWhatToLookAtAgain) {
  const auto without = validate({});
  const auto with = validate({"--deep"});
  EXPECT_EQ(with.code, without.code) << with.errors;
  EXPECT_THAT(with.output, StartsWith(without.output)) << "faults come first, and are the same";
  EXPECT_THAT(without.output, Not(HasSubstr("review")));
  const std::string review = with.output.substr(without.output.size());
  EXPECT_THAT(review, HasSubstr("rows.csv:14: review: missed_slot: "));
  EXPECT_THAT(review, HasSubstr("labelled in 5 other places, unlabelled in 0"));
  EXPECT_THAT(review, HasSubstr(" ([device:主屏])\n"));
  EXPECT_THAT(review, HasSubstr("rows.csv:25: review: boundary: "));
  EXPECT_THAT(review, HasSubstr(" ([device:话筒] instead of [device:把话筒])\n"));
  EXPECT_THAT(review, HasSubstr("rows.csv:36: review: swapped_slots: "));
  EXPECT_THAT(review,
              HasSubstr("([day:明天] instead of [room:明天], [room:小会议室] instead of [day:小会议室])\n"));
  EXPECT_THAT(review, HasSubstr("rows.csv:43: review: intent: "));
  EXPECT_THAT(review, HasSubstr(" (book_room)\n"));
  EXPECT_LE(base::split(review, '\n').size(), 6u) << review;  // the last is empty
  EXPECT_THAT(with.errors, HasSubstr("to review, surest first"));
  EXPECT_THAT(with.errors, HasSubstr("1  swapped_slots"));
}

TEST_F(ValidateDeep, SaysTheSameForAnyNumberOfThreads) {
  const auto one = validate({"--deep", "--threads", "1"});
  EXPECT_EQ(validate({"--deep", "--threads", "3"}).output, one.output);
}

TEST_F(ValidateDeep, WritesJson) {
  const auto run = validate({"--deep", "--json", "-q"});
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  ASSERT_EQ(parser.parse(run.output).get(document), simdjson::SUCCESS) << run.output;
  double last = 1;
  bool swapped = false;
  for (const auto candidate : document["review"].get_array()) {
    const double score = candidate["score"];
    EXPECT_LE(score, last);
    last = score;
    EXPECT_FALSE(std::string_view(candidate["suggestion"]).empty());
    EXPECT_GT(candidate["reasons"].get_array().size(), 0u);
    if (std::string_view(candidate["kind"]) != "swapped_slots") continue;
    swapped = true;
    EXPECT_EQ(std::uint64_t(candidate["line"]), 36u);
    EXPECT_EQ(std::string_view(candidate["changes"].at(1)["to"]["name"]), "room");
    EXPECT_EQ(std::uint64_t(candidate["changes"].at(1)["to"]["start"]), 6u);
  }
  EXPECT_TRUE(swapped) << run.output;
  EXPECT_THAT(validate({"--json", "-q"}).output, Not(HasSubstr("review")));
}

TEST_F(ValidateDeep, NeverFixes) {
  const auto without = validate({"--fix", space_.path("without.jsonl").string()});
  const auto with = validate({"--deep", "--fix", space_.path("with.jsonl").string()});
  EXPECT_EQ(with.code, without.code);
  EXPECT_EQ(space_.read("with.jsonl"), space_.read("without.jsonl"));
}

TEST_F(ValidateDeep, HasNothingToSayOfAHandfulOfRows) {
  space_.write("few.csv", "intent;annotation\nup;turn [what : it] up\ndown;turn it down\n");
  const auto run = space_.slotmill({"validate", "--deep", space_.path("few.csv").string()});
  EXPECT_EQ(run.code, 0) << run.output;
  EXPECT_THAT(run.errors, HasSubstr("nothing to review"));
}

}  // namespace
}  // namespace cli_testing
