#include "validators/checker.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "validators_testing.h"

namespace validators {
namespace {

using datasets::Kind;
using testing::Attempt;
using testing::chinese_job;
using testing::english_job;
using testing::lane_of;
using testing::row_of;
using testing::Values;

prompts::Lane volume_lane(const prompts::Job& job) { return lane_of(job, "set_volume", {{0}, {0, 1}}); }

/// The slots as `name=text/value@start-end`.
std::string slots_of(const datasets::Row& row) {
  std::string out;
  for (const datasets::Frame& frame : row.frames) {
    out += frame.intent + "(";
    for (const datasets::Slot& slot : frame.slots)
      out += " " + slot.name + "=" + slot.text + "/" + slot.value + "@" + std::to_string(slot.start) + "-" +
             std::to_string(slot.end);
    out += ")";
  }
  return out;
}

TEST(Checker, TheRow) {
  prompts::Job job = chinese_job();
  Attempt attempt(job, volume_lane(job), 1);
  attempt.plan(Values{{"level", "百分之三十"}, {"device", "主屏"}});
  const Candidate candidate = attempt.candidate("请把[device:主屏]的音量调到[level:百分之三十]。");
  ASSERT_EQ(verdict_code(candidate.verdict), "accepted") << candidate.detail;
  EXPECT_EQ(candidate.raw, "");
  EXPECT_EQ(
      candidate.row,
      R"({"id":")" + row_of(candidate).id +
          R"(","text":"请把主屏的音量调到百分之三十。","language":"zh-Hans","kind":"in_scope",)"
          R"("frames":[{"intent":"set_volume","slots":[{"name":"device","text":"主屏","value":"主屏","start":2,"end":4},)"
          R"({"name":"level","text":"百分之三十","value":"30","start":9,"end":14}]}],"history":[],)"
          R"("origin":"model","model":"qwen","style":{"register":"礼貌","length":"7-12"},)"
          R"("source":{"cell":"set_volume|1","attempt":7,"index":0,"key":"00000000000000010000000000000002"},)"
          R"("repairs":[],"template":"请把[device]的音量调到[level]","split":")" +
          datasets::split_name(row_of(candidate).split) + "\",\"votes\":[]}");
  const datasets::Row row = row_of(candidate);
  EXPECT_EQ(row.id, base::to_hex(base::hash64("zh-Hans\x1fset_volume\x1f请把主屏的音量调到百分之三十")));
  EXPECT_EQ(candidate.text, base::hash128("zh-Hans\x1f请把主屏的音量调到百分之三十"));
  EXPECT_EQ(candidate.template_hash, base::hash64(row.template_text));
  EXPECT_EQ(candidate.cell, 1u);
}

struct Case {
  const char* utterance;
  const char* verdict;
  const char* expected;  // the slots of the row, or a part of the detail
};

void expect(const Attempt& attempt, const Case& c) {
  const Candidate candidate = attempt.candidate(c.utterance);
  EXPECT_EQ(verdict_code(candidate.verdict), c.verdict) << c.utterance << ": " << candidate.detail;
  if (candidate.verdict == Verdict::accepted) {
    EXPECT_EQ(slots_of(row_of(candidate)), c.expected) << c.utterance;
    EXPECT_EQ(candidate.detail, "");
  } else {
    EXPECT_NE(candidate.detail.find(c.expected), std::string::npos)
        << c.utterance << ": " << candidate.detail;
    EXPECT_EQ(candidate.raw, c.utterance);
    EXPECT_EQ(candidate.row, "");
  }
}

TEST(Checker, TagsOfAnIntent) {
  const prompts::Job job = chinese_job();
  Attempt attempt(job, volume_lane(job), 1);
  attempt.plan(Values{{"level", "30"}, {"device", "麦克风"}});
  const Case cases[] = {
      {"[device:麦克风]调到[level:30]", "accepted", "set_volume( device=麦克风/麦克风@0-3 level=30/30@5-7)"},
      // in another written form
      {"[device:话筒]调到[level:三十]", "accepted", "set_volume( device=话筒/麦克风@0-2 level=三十/30@4-6)"},
      {"[device:麥克風]调到[level:百分之三十]", "accepted",
       "set_volume( device=麦克风/麦克风@0-3 level=百分之三十/30@5-10)"},
      {"［device：麦克风］调到[level:30]", "accepted",
       "set_volume( device=麦克风/麦克风@0-3 level=30/30@5-7)"},
      {"[set_volume.device:麦克风]调到[level:30]", "accepted",
       "set_volume( device=麦克风/麦克风@0-3 level=30/30@5-7)"},
      // untagged, once
      {"麦克风调到[level:30]", "accepted", "set_volume( device=麦克风/麦克风@0-3 level=30/30@5-7)"},
      {"话筒调到三十吧", "accepted", "set_volume( device=话筒/麦克风@0-2 level=三十/30@4-6)"},
      {"把[device:麦克风]和麦克风线调到30", "accepted",
       "set_volume( device=麦克风/麦克风@1-4 level=30/30@11-13)"},
      // space and punctuation inside a tag
      {"[device:“麦克风”]调到[level:\u300030]", "accepted",
       "set_volume( device=麦克风/麦克风@1-4 level=30/30@8-10)"},
      {"\u3000 [device:麦克风]调到[level:30] \u3000", "accepted",
       "set_volume( device=麦克风/麦克风@0-3 level=30/30@5-7)"},
      // an optional slot less: the sibling cell
      {"音量调到[level:30]", "accepted", "set_volume( level=30/30@4-6)"},
      {"[color:红]调到[level:30]", "unknown_slot", "[color:…] is no slot of set_volume"},
      {"[level:30]调到[level:30]", "repeated_slot", "level: 30 and 30"},
      {"[device:麦克风]调到[level:50]", "value_changed", "level: planned 30, written 50"},
      {"[device:主屏]调到[level:30]", "value_changed", "device: planned 麦克风, written 主屏"},
      {"把话筒和麦克风调到[level:30]", "ambiguous_value",
       "device: 麦克风 is not tagged and stands at 2 places"},
      {"[device:麦克风]大声点", "missing_slot", "level: 30"},
      {"[device:麦克风]调到[level:30", "broken_tags", "never closed"},
      {"[device:麦克风]调到[level]", "broken_tags", "without a colon"},
      {"", "empty", ""},
      {" \n ", "empty", ""},
      {"[device:麦克风]调到[level:30]😀", "bad_character", "U+1F600"},
      {"[device:麦克风]調到[level:30]", "accepted", "set_volume( device=麦克风/麦克风@0-3 level=30/30@5-7)"},
      // a tag that ends too early
      {"[device:麦克]风调到[level:3]0", "accepted", "set_volume( device=麦克风/麦克风@0-3 level=30/30@5-7)"},
      {"[device:麦克风]调到[level:30]0", "cut_value", "level: 30 is a part of"},
      {"[device:麦克风]调到[level:三]十", "value_changed", "planned 30, written 三"},
      {"[device:麦克风]调到[level:30]分钟", "wrong_unit", "30 with 分钟"},
      // one value in two tags
      {"[device:麦克][device:风]调到[level:3][level:0]", "accepted",
       "set_volume( device=麦克风/麦克风@0-3 level=30/30@5-7)"},
      {"[device:麦克风]调到[level:30][level:50]", "split_value", "level: 30 and 50"},
      {"1. [device:麦克风]调到[level:30]", "accepted",
       "set_volume( device=麦克风/麦克风@0-3 level=30/30@5-7)"},
      {"“[device:麦克风]调到[level:30]”", "accepted",
       "set_volume( device=麦克风/麦克风@0-3 level=30/30@5-7)"},
      {"[device:麦克风]调到[level:30]，Ｏ Ｋ", "accepted",
       "set_volume( device=麦克风/麦克风@0-3 level=30/30@5-7)"},
      {"以下是10条调节音量的句子：", "prompt_echo", "以下是10条"},
      {"[device:麦克风] [level:30] | 口语, 7-12", "prompt_echo", " | "},
      {"<think>用户想调音量</think>[device:麦克风]调到[level:30]", "thinking_text", "<think>"},
      {"例句1：[device:麦克风]调到[level:30]", "meta_talk", "例句1"},
      {"把[device:麦克风] turn up 到[level:30]", "mixed_language", "`turn`"},
      {"2月30日把[device:麦克风]调到[level:30]", "impossible_date", "2月30日"},
      {"把{x}的[device:麦克风]调到[level:30]", "placeholder", "{x}"},
  };
  for (const Case& c : cases) expect(attempt, c);
  EXPECT_EQ(attempt.candidate("音量调到[level:30]").cell, 0u);
  EXPECT_EQ(attempt.candidate("[device:麦克风]调到[level:30]").cell, 1u);
}

TEST(Checker, RowsSayWhatWasMended) {
  const prompts::Job job = chinese_job();
  Attempt attempt(job, volume_lane(job), 1);
  attempt.plan(Values{{"level", "30"}, {"device", "麦克风"}});
  const auto repairs_of = [&](const std::string& utterance) {
    const Candidate candidate = attempt.candidate(utterance);
    if (candidate.verdict != Verdict::accepted) return std::string(verdict_code(candidate.verdict));
    std::string out;
    for (const std::string& code : row_of(candidate).repairs) out += (out.empty() ? "" : " ") + code;
    return out;
  };
  EXPECT_EQ(repairs_of("[device:麦克风]调到[level:30]"), "");
  EXPECT_EQ(repairs_of("1、[device:麦克风]调到[level:30]"), "stripped");
  EXPECT_EQ(repairs_of("2、[device:麦克风]调到[level:30]"), "") << "not the number of its line";
  EXPECT_EQ(repairs_of("［device：麦克风］调到[level:30]"), "tag_form");
  EXPECT_EQ(repairs_of("[device:话筒]调到[level:30]"), "written_form");
  EXPECT_EQ(repairs_of("麦克风调到[level:30]"), "tagged");
  EXPECT_EQ(repairs_of("[device:“麦克风”]调到[level:30]"), "tightened");
  EXPECT_EQ(repairs_of("[device:麦克]风调到[level:30]"), "widened");
  EXPECT_EQ(repairs_of("[device:麦克][device:风]调到[level:30]"), "joined");
  EXPECT_EQ(repairs_of("[device:麦克风]调到[level:３０]"), "written_form half_width");
  EXPECT_EQ(repairs_of("[device:麦克风]調到[level:30]"), "simplified");
  EXPECT_EQ(row_of(attempt.candidate("[device:麥克風]調到[level:３０]")).text, "麦克风调到30");

  CheckedReply reply = attempt.check("Here:\n" + testing::envelope({"[device:麦克风]调到[level:30]"}));
  ASSERT_EQ(reply.candidates.size(), 1u);
  EXPECT_EQ(row_of(reply.candidates[0]).repairs, std::vector<std::string>{"extracted"});
  attempt.plan(Values{{"level", "40"}, {"device", "主屏"}});
  reply = attempt.check_utterances({"[device:主屏]调到[level:40]", "[device:麦克风]调到[level:30]"});
  ASSERT_EQ(reply.candidates.size(), 2u);
  EXPECT_EQ(row_of(reply.candidates[0]).repairs, std::vector<std::string>{"reordered"});
}

TEST(Checker, ARefusalAmongOthers) {
  const prompts::Job job = chinese_job();
  Attempt attempt(job, volume_lane(job), 0);
  attempt.plan(Values{{"level", "30"}}).plan(Values{{"level", "40"}});
  const CheckedReply reply = attempt.check_utterances({"抱歉，我无法生成这样的内容。", "音量调到[level:40]"});
  ASSERT_EQ(reply.candidates.size(), 2u);
  EXPECT_EQ(reply.candidates[0].verdict, Verdict::refusing_utterance);
  EXPECT_EQ(reply.candidates[0].detail, "it declines: 无法生成这样的内容");
  EXPECT_EQ(reply.candidates[1].verdict, Verdict::accepted);
}

TEST(Checker, ValuesThatTheJobHasInAnotherScriptStay) {
  prompts::Job job = chinese_job();
  job.slot_types[2] = prompts::SlotType::of_values("person", prompts::SlotType::Form::values,
                                                   {{"張惠妹", "張惠妹"}}, true, true);
  Attempt attempt(job, lane_of(job, "invite", {{0}}), 0);
  attempt.plan(Values{{"person", "張惠妹"}});
  expect(attempt, {"邀請[person:張惠妹]參會", "accepted", "invite( person=張惠妹/張惠妹@2-5)"});
  EXPECT_EQ(row_of(attempt.candidate("邀請[person:張惠妹]參會")).text, "邀请張惠妹参会");
}

TEST(Checker, AValueThatWasPlannedOnce) {
  const prompts::Job job = chinese_job();
  Attempt attempt(job, lane_of(job, "invite", {{0}, {0, 1}}), 0);
  attempt.plan(Values{{"person", "王工"}});
  expect(attempt, {"邀请[person:王工]和[person:王工]", "repeated_value", "王工, planned once"});
  expect(attempt, {"下午[start:三点]叫[person:王工]", "cut_value", "start: 三点"});
  expect(attempt, {"[start:下午三点]半叫[person:王工]", "cut_value", "start: 下午三点"});
  expect(attempt, {"[start:2月30日]叫[person:王工]", "impossible_date", "start: 2月30日"});
  expect(attempt, {"[start:25点]叫[person:王工]", "impossible_date", "start: 25点"});
}

TEST(Checker, SlotsThatWereNotPlanned) {
  const prompts::Job job = chinese_job();
  Attempt attempt(job, volume_lane(job), 0);
  attempt.plan(Values{{"level", "30"}});
  const Case cases[] = {
      {"[device:话筒]调到[level:30]", "accepted", "set_volume( device=话筒/麦克风@0-2 level=30/30@4-6)"},
      {"[device:音箱]调到[level:30]", "not_in_catalogue", "device: 音箱"},
      {"[device:XX]调到[level:30]", "placeholder", "device: XX"},
  };
  for (const Case& c : cases) expect(attempt, c);
  EXPECT_EQ(attempt.candidate("[device:话筒]调到[level:30]").cell, 1u);

  Attempt narrow(job, lane_of(job, "set_volume", {{0}}), 0);
  narrow.plan(Values{{"level", "30"}});
  expect(narrow, {"[device:话筒]调到[level:30]", "unplanned_slot", "no cell takes the slots level+device"});

  Attempt full(job, lane_of(job, "set_volume", {{0, 1}}), 0);
  full.plan(Values{{"level", "30"}, {"device", "主屏"}});
  expect(full, {"音量调到[level:30]", "missing_slot", "no cell takes the slots level"});
}

TEST(Checker, LinkedValuesThatWereNotPlannedMustBeOfOneRow) {
  prompts::Job job = chinese_job();
  const std::size_t city = job.slot_types.size();
  using prompts::SlotType;
  job.slot_types.push_back(SlotType::of_values(
      "city", SlotType::Form::values, {{"北京", "北京"}, {"京城", "北京"}, {"巴黎", "巴黎"}}, false, true));
  job.slot_types.push_back(SlotType::of_values("country", SlotType::Form::values,
                                               {{"中国", "中国"}, {"法国", "法国"}}, false, true));
  job.tables.push_back({{city, city + 1}, {{0, 2}, {0, 1}, {2, 1}, {1, 1}}});
  prompts::Intent travel;
  travel.name = "travel";
  travel.slots = {{"city", city, true, false}, {"country", city + 1, false, false}};
  job.intents.push_back(travel);
  Attempt attempt(job, lane_of(job, "travel", {{0}, {0, 1}}), 0);
  attempt.plan({{"city", "京城"}});
  EXPECT_EQ(attempt.candidate("带我去[country:中国]的[city:京城]").verdict, Verdict::accepted);
  const Candidate wrong = attempt.candidate("带我去[country:法国]的[city:京城]");
  EXPECT_EQ(wrong.verdict, Verdict::not_in_catalogue);
  EXPECT_EQ(wrong.detail, "no row of their table has 京城, 法国");
}

TEST(Checker, ValuesOfEveryType) {
  prompts::Job job = chinese_job();
  job.intents[1].slots = {{"device", 1, false, false},
                          {"level", 0, false, false},
                          {"room", 4, false, false},
                          {"start", 3, false, false}};
  Attempt attempt(job, lane_of(job, "mute", {{}, {0}, {1}, {2}, {3}}), 0);
  attempt.plan(Values{});
  const Case cases[] = {
      {"全部静音", "accepted", "mute()"},
      {"静音[level:五十]", "accepted", "mute( level=五十/50@2-4)"},
      {"静音[level:五百]", "out_of_range", "level: 五百"},
      {"静音[level:一点]", "not_a_number", "level: 一点"},
      {"静音[room:B205]", "accepted", "mute( room=B205/B205@2-6)"},
      {"静音[room:二楼]", "pattern_mismatch", "room: 二楼"},
      {"静音[start:下午3点]", "accepted", "mute( start=下午3点/下午3点@2-6)"},
      {"静音[level:50][room:B205]", "unplanned_slot", "level+room"},
  };
  for (const Case& c : cases) expect(attempt, c);
}

TEST(Checker, SlotsWithManyValues) {
  const prompts::Job job = chinese_job();
  Attempt attempt(job, lane_of(job, "invite", {{0}, {0, 1}}), 0);
  attempt.plan(Values{{"person", "王工"}, {"person", "李总"}});
  const Case cases[] = {
      {"邀请[person:王工]和[person:李总]", "accepted", "invite( person=王工/王工@2-4 person=李总/李总@5-7)"},
      {"邀请[person:李总]和[person:王工]", "accepted", "invite( person=李总/李总@2-4 person=王工/王工@5-7)"},
      {"邀请李总和[person:王工]", "accepted", "invite( person=李总/李总@2-4 person=王工/王工@5-7)"},
      {"邀请[person:王工]", "value_changed", "person: planned 王工, 李总, written 王工"},
      {"邀请[person:王工]、[person:李总]和[person:赵姐]", "value_changed", "written 赵姐 too"},
      {"邀请[person:王工]和[person:赵姐]", "value_changed", "planned 王工, 李总, written 王工, 赵姐"},
      {"邀请他们", "missing_slot", "person"},
      {"邀请[person:王工]和[person:李总][start:下午三点]", "accepted",
       "invite( person=王工/王工@2-4 person=李总/李总@5-7 start=下午三点/下午三点@7-11)"},
  };
  for (const Case& c : cases) expect(attempt, c);

  Attempt planned(job, lane_of(job, "invite", {{0}}), 0);
  planned.plan(Values{{"person", "张三"}});
  expect(planned, {"邀请[person:张三]", "accepted", "invite( person=张三/张三@2-4)"});
  expect(planned, {"邀请张三参会", "accepted", "invite( person=张三/张三@2-4)"});
  expect(planned, {"邀请[person:张三]，还有李四", "placeholder", "李四"});
}

TEST(Checker, PercentSignsBelongToTheNumber) {
  const prompts::Job job = chinese_job();
  Attempt attempt(job, volume_lane(job), 0);
  attempt.plan(Values{{"level", "50"}});
  const Case cases[] = {
      {"调到[level:50]%的音量", "accepted", "set_volume( level=50%/50@2-5)"},
      {"调到[level:五十]％吧", "accepted", "set_volume( level=五十％/50@2-5)"},
      {"调到[level:50] %吧", "accepted", "set_volume( level=50 %/50@2-6)"},
      {"音量百分之[level:五十]", "accepted", "set_volume( level=百分之五十/50@2-7)"},
      {"音量百分之[level:50]吧", "accepted", "set_volume( level=百分之50/50@2-7)"},
      {"音量[level:50%]吧", "accepted", "set_volume( level=50%/50@2-5)"},
      {"音量[level:百分之五十]%", "accepted", "set_volume( level=百分之五十/50@2-7)"},
      {"百分之[level:60]的音量", "value_changed", "level: planned 50, written 百分之60"},
  };
  for (const Case& c : cases) expect(attempt, c);
  EXPECT_EQ(row_of(attempt.candidate("调到[level:50]%的音量")).template_text, "调到[level]的音量");

  const prompts::Job english = english_job();
  Attempt words(english, volume_lane(english), 1);
  words.plan(Values{{"level", "30"}, {"device", "mic"}});
  const Case english_cases[] = {
      {"set [device:mic] to [level:30] percent", "accepted",
       "set_volume( device=mic/microphone@4-7 level=30 percent/30@11-21)"},
      {"set [device:mic] to [level:thirty] Per Cent now", "accepted",
       "set_volume( device=mic/microphone@4-7 level=thirty Per Cent/30@11-26)"},
      {"put [level:30]% on [device:mic]", "accepted",
       "set_volume( level=30%/30@4-7 device=mic/microphone@11-14)"},
      {"a [level:30] percentage on [device:mic]", "accepted",
       "set_volume( level=30/30@2-4 device=mic/microphone@19-22)"},
  };
  for (const Case& c : english_cases) expect(words, c);
}

TEST(Checker, UntaggedValuesAreNotCutOutOfLongerOnes) {
  const prompts::Job job = chinese_job();
  Attempt optional(job, volume_lane(job), 1);
  optional.plan(Values{{"level", "30"}, {"device", "主屏"}});
  expect(optional, {"把主屏音量调到30", "accepted", "set_volume( device=主屏/主屏@1-3 level=30/30@7-9)"});
  // without the device: the sibling cell
  expect(optional, {"把主屏幕音量调到30", "accepted", "set_volume( level=30/30@8-10)"});
  Attempt full(job, lane_of(job, "set_volume", {{0, 1}}), 0);
  full.plan(Values{{"level", "30"}, {"device", "主屏"}});
  expect(full, {"把主屏幕音量调到30", "missing_slot", "no cell takes the slots level"});

  Attempt invite(job, lane_of(job, "invite", {{0, 1}}), 0);
  invite.plan(Values{{"person", "王工"}, {"start", "三点"}});
  expect(invite, {"三点叫王工来", "accepted", "invite( start=三点/三点@0-2 person=王工/王工@3-5)"});
  expect(invite, {"下午三点叫王工来", "missing_slot", "no cell takes the slots person"});
  expect(invite, {"三点半叫[person:王工]来", "missing_slot", "no cell takes the slots person"});
}

TEST(Checker, MultiIntent) {
  const prompts::Job job = chinese_job();
  Attempt attempt(job, lane_of(Kind::multi_intent), 0);
  attempt.plan({{"set_volume", {{"level", "30"}, {"device", "主屏"}}}, {"mute", {{"device", "麦克风"}}}});
  const Case cases[] = {
      {"[set_volume.device:主屏]调到[set_volume.level:30]，[mute.device:麦克风]静音", "accepted",
       "set_volume( device=主屏/主屏@0-2 level=30/30@4-6)mute( device=麦克风/麦克风@7-10)"},
      {"[mute.device:话筒]静音，[set_volume.device:主屏]调到[level:30]", "accepted",
       "set_volume( device=主屏/主屏@5-7 level=30/30@9-11)mute( device=话筒/麦克风@0-2)"},
      {"[set_volume.device:主屏]调到[set_volume.level:30]，麦克风静音", "accepted",
       "set_volume( device=主屏/主屏@0-2 level=30/30@4-6)mute( device=麦克风/麦克风@7-10)"},
      {"[device:主屏]调到[set_volume.level:30]，[mute.device:麦克风]静音", "unknown_slot", "[device:…]"},
      {"[book.room:A301]调到[set_volume.level:30]", "unknown_slot", "[book.room:…]"},
      {"[set_volume.device:主屏]调到[set_volume.level:30]，都静音", "missing_slot", "device: 麦克风"},
      {"[set_volume.device:主屏]调到[set_volume.level:30]，[mute.device:副屏]静音", "value_changed",
       "planned 麦克风"},
  };
  for (const Case& c : cases) expect(attempt, c);
  const datasets::Row row = row_of(
      attempt.candidate("[set_volume.device:主屏]调到[set_volume.level:30]，[mute.device:麦克风]静音"));
  EXPECT_EQ(row.template_text, "[set_volume.device]调到[set_volume.level],[mute.device]静音");
  EXPECT_EQ(row.kind, Kind::multi_intent);
  EXPECT_EQ(row.id, base::to_hex(base::hash64("zh-Hans\x1fset_volume+mute\x1f主屏调到30,麦克风静音")));
}

TEST(Checker, OutOfScope) {
  const prompts::Job job = chinese_job();
  Attempt attempt(job, lane_of(Kind::out_of_scope), 0);
  attempt.plan(Values{});
  expect(attempt, {"今天天气怎么样", "accepted", ""});
  expect(attempt,
         {"把[device:主屏]擦干净", "unknown_slot", "[device:…] in an utterance that no intent covers"});
  EXPECT_TRUE(row_of(attempt.candidate("今天天气怎么样")).frames.empty());
}

TEST(Checker, CopiedExamples) {
  const prompts::Job job = chinese_job();
  Attempt attempt(job, volume_lane(job), 1);
  attempt.plan(Values{{"level", "30"}, {"device", "主屏"}});
  expect(attempt, {"把[device:主屏]音量调到[level:百分之三十]！", "copied_example", "an example of the job"});
}

TEST(Checker, English) {
  const prompts::Job job = english_job();
  Attempt attempt(job, volume_lane(job), 1);
  attempt.plan(Values{{"level", "thirty percent"}, {"device", "microphone"}});
  const Case cases[] = {
      {"Turn the [device:microphone] to [level:thirty percent], please.", "accepted",
       "set_volume( device=microphone/microphone@9-19 level=thirty percent/30@23-37)"},
      {"Turn the [device:Mic] to [level:30%]", "accepted",
       "set_volume( device=Mic/microphone@9-12 level=30%/30@16-19)"},
      {"Turn the mic to thirty", "accepted", "set_volume( device=mic/microphone@9-12 level=thirty/30@16-22)"},
      {"Turn the [device:mic] up to [level:max]", "value_changed", "planned thirty percent, written max"},
      {"Turn the [device:mic] to [level:30] 谢谢", "wrong_script", "谢"},
  };
  for (const Case& c : cases) expect(attempt, c);
  EXPECT_EQ(row_of(attempt.candidate("Turn the [device:Mic] to [level:30%], please!")).template_text,
            "turn the [device] to [level], please");
}

TEST(Checker, TemplatesSurviveTheEdges) {
  const prompts::Job job = chinese_job();
  Attempt attempt(job, volume_lane(job), 1);
  attempt.plan(Values{{"level", "30"}, {"device", "主屏"}});
  const auto template_of = [&](const std::string& utterance) {
    return row_of(attempt.candidate(utterance)).template_text;
  };
  EXPECT_EQ(template_of("“[device:主屏]”，[level:30]。"), "[device]”,[level]");
  EXPECT_EQ(template_of("[device:主屏] 调到 [level:30] 吧"), "[device]调到[level]吧");
  EXPECT_EQ(template_of("[device:主屏]调ＡＢ [level:30]"), "[device]调ab[level]");
  EXPECT_EQ(template_of("[device:主屏][level:30]"), "[device][level]");
  // the split follows the template
  EXPECT_EQ(row_of(attempt.candidate("[device:主屏]到[level:30]")).split,
            row_of(attempt.candidate("[device:主屏]到[level:三十]！")).split);
}

TEST(Checker, StyleIsOnlyClaimedOfModelsThatFollowIt) {
  const prompts::Job job = chinese_job();
  Attempt attempt(job, volume_lane(job), 0);
  attempt.plan(Values{{"level", "30"}});
  attempt.expectation().follows_style = false;
  const auto style = row_of(attempt.candidate("音量[level:30]")).style;
  ASSERT_EQ(style.size(), 2u);
  EXPECT_EQ(style[0], std::make_pair(std::string("register"), std::string()));
}

std::string verdicts(const CheckedReply& reply) {
  std::string out;
  for (const Candidate& candidate : reply.candidates)
    out += std::to_string(candidate.index) + ":" + std::string(verdict_code(candidate.verdict)) + " ";
  return out;
}

TEST(Checker, ModelsSkipAndReorder) {
  const prompts::Job job = chinese_job();
  Attempt attempt(job, volume_lane(job), 0);
  for (const char* level : {"10", "20", "30", "40"}) attempt.plan(Values{{"level", level}});
  EXPECT_EQ(verdicts(attempt.check_utterances(
                {"音量[level:10]", "调到[level:二十]", "声音[level:30]", "要[level:40]"})),
            "0:accepted 1:accepted 2:accepted 3:accepted ");
  EXPECT_EQ(verdicts(attempt.check_utterances(
                {"音量[level:40]", "调到[level:10]", "声音[level:20]", "要[level:30]"})),
            "0:accepted 1:accepted 2:accepted 3:accepted ");
  // the second was skipped: what is missing is its plan
  EXPECT_EQ(verdicts(attempt.check_utterances({"音量[level:10]", "声音[level:30]", "要[level:40]"})),
            "0:accepted 1:accepted 2:accepted 1:missing_candidate ");
  EXPECT_EQ(verdicts(attempt.check_utterances({"音量10", "声音三十", "要40"})),
            "0:accepted 1:accepted 2:accepted 1:missing_candidate ");
  EXPECT_EQ(verdicts(attempt.check_utterances(
                {"音量[level:10]", "调到[level:99]", "声音[level:30]", "要[level:40]"})),
            "0:accepted 1:value_changed 2:accepted 3:accepted ");
  EXPECT_EQ(verdicts(attempt.check_utterances({"音量[level:10]", "音量[level:10]", "", "[x"})),
            "0:accepted 1:value_changed 2:empty 3:broken_tags ");
  EXPECT_EQ(verdicts(attempt.check_utterances({"a", "b", "c", "d", "多余[level:10]"})).find("4:"),
            std::string::npos);
  const CheckedReply empty = attempt.check_utterances({});
  EXPECT_EQ(verdicts(empty),
            "0:missing_candidate 1:missing_candidate 2:missing_candidate 3:missing_candidate ");
  EXPECT_EQ(empty.candidates[0].detail, "0 of 4 utterances came");
}

TEST(Checker, RepliesWithoutUtterances) {
  const prompts::Job job = chinese_job();
  Attempt attempt(job, volume_lane(job), 1);
  attempt.plan(Values{{"level", "30"}, {"device", "主屏"}}).plan(Values{{"level", "40"}, {"device", "主屏"}});
  EXPECT_EQ(verdicts(attempt.check("nothing")), "0:broken_json ");
  EXPECT_EQ(attempt.check("nothing", model::Finish::length).candidates[0].detail,
            "the reply ended with length");
  EXPECT_EQ(attempt.check("nothing").candidates[0].cell, 1u);
  EXPECT_EQ(verdicts(attempt.check("抱歉，我不能这样做")), "0:refused ");
  std::string long_body;
  while (long_body.size() < 10'000) long_body += "屏";
  const CheckedReply cut = attempt.check(long_body);
  EXPECT_EQ(cut.candidates[0].raw.size(), 4095u);
  EXPECT_TRUE(base::is_valid_utf8(cut.candidates[0].raw));
  EXPECT_EQ(attempt.check("{\"utterances\": [\"[level:30]的[device:主屏]\", \"cut").repair, Repair::salvaged);

  model::Outcome failed;
  failed.kind = model::Outcome::Kind::failed;
  failed.body = "past its deadline";
  const CheckedReply reply = attempt.checker().check(attempt.expectation(), failed);
  EXPECT_EQ(verdicts(reply), "0:failed ");
  EXPECT_EQ(reply.candidates[0].detail, "past its deadline");
}

TEST(Checker, AnEndlessUtteranceIsTooLong) {
  const prompts::Job job = chinese_job();
  Attempt attempt(job, volume_lane(job), 0);
  attempt.plan(Values{{"level", "30"}});
  std::string endless;
  while (endless.size() < 3'000'000) endless += "［a：";
  const Candidate candidate = attempt.candidate(endless);
  EXPECT_EQ(candidate.verdict, Verdict::too_long);
  EXPECT_LE(candidate.raw.size(), 4096u);
}

TEST(Checker, RejectLines) {
  const prompts::Job job = chinese_job();
  Attempt attempt(job, volume_lane(job), 0);
  attempt.plan(Values{{"level", "30"}});
  const Candidate changed = attempt.candidate("音量\"[level:50]");
  std::string line;
  append_reject(changed.verdict, attempt.expectation(), changed, line);
  EXPECT_EQ(
      line,
      R"({"verdict":"value_changed","detail":"level: planned 30, written 50","raw":"音量\"[level:50]",)"
      R"("source":{"cell":"set_volume|0","attempt":7,"index":0,"key":"00000000000000010000000000000002",)"
      R"("model":"qwen"},"row":null})");
  const Candidate accepted = attempt.candidate("音量[level:30]");
  line.clear();
  append_reject(Verdict::duplicate, attempt.expectation(), accepted, line);
  EXPECT_EQ(line.find(R"({"verdict":"duplicate","detail":"","raw":"",)"), 0u);
  EXPECT_TRUE(line.ends_with(",\"row\":" + accepted.row + "}"));
}

TEST(Checker, BadPatternsAreRefused) {
  prompts::Job job = chinese_job();
  job.check.require = {"("};
  const prompts::Plan plan;
  EXPECT_FALSE(Checker::make(job, plan));
}

}  // namespace
}  // namespace validators
