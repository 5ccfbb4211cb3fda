#include "validators/text_rules.h"

#include <gtest/gtest.h>

#include "validators/placeholders.h"
#include "validators_testing.h"

namespace validators {
namespace {

struct Case {
  const char* text;
  const char* verdict;
  const char* detail = "";
};

void expect(const prompts::Job& job, const Case& c) {
  auto rules = TextRules::make(job);
  ASSERT_TRUE(rules);
  const Finding finding = rules->check(c.text, c.text);
  EXPECT_EQ(verdict_code(finding.verdict), c.verdict) << c.text << ": " << finding.detail;
  EXPECT_NE(finding.detail.find(c.detail), std::string::npos) << finding.detail;
}

TEST(TextRules, Chinese) {
  const Case cases[] = {
      {"把主屏打开", "accepted"},
      {"打开PPT", "accepted"},
      {"please open 主屏的 volume", "wrong_script", "16 Latin letters in 3 words beside 3"},
      {"打开 Zoom 会议，投到 HDMI2", "accepted"},
      {"温度调到26℃", "accepted"},
      {"他著名吗，去瞭望台", "accepted"},
      {"开张三天，订两张三人桌，行李四件", "accepted"},
      {"……", "empty"},
      {"。", "empty"},
      {"把主屏\n打开", "bad_character", "U+000A"},
      {"把主屏\u200B打开", "bad_character", "U+200B"},
      {"把主屏\uFFFD打开", "bad_character", "U+FFFD"},
      {"把主屏\uE000打开", "bad_character", "U+E000"},
      {"把主屏打开😀", "bad_character", "U+1F600"},
      {"打开☀", "bad_character", "U+2600"},
      {"按1️⃣键", "bad_character", "U+FE0F"},
      {"把主屏打开\xFF", "bad_character", "not UTF-8"},
      {"turn on the screen", "wrong_script", "no Chinese"},
      {"please turn on 主屏 volume now", "wrong_script", "words"},
      {"打开presentation", "accepted"},
      {"打开Microsoft Teams", "accepted"},
      {"开Wi-Fi", "accepted"},
      {"打开wifi", "accepted"},
      {"帮我book一个会议室", "mixed_language", "`book` is no word that"},
      {"音量turn up一点", "mixed_language", "turn"},
      {"开会时用iPad Pro", "accepted"},
      {"设成4k的画面", "accepted"},
      {"十三月五号开会", "impossible_date", "13月5号"},
      {"周八见", "impossible_date", "周8"},
      {"每周八次，周八点半开", "accepted"},
      {"打开PowerPoint", "accepted"},
      {"用PowerPoint放映", "accepted"},
      {"打开Bluetooth", "accepted"},
      {"用Microsoft PowerPoint Online放", "wrong_script", "3 words beside 2"},
      {"请问李四光是谁", "accepted"},
      {"播放王五魁的歌", "accepted"},
      {"给张三打电话", "placeholder", "张三"},
      {"叫李四来", "placeholder", "李四"},
      {"约张三明天开会", "placeholder", "张三"},
      {"让王五和我开会", "placeholder", "王五"},
      {"把文件发给王五", "placeholder", "王五"},
      {"叫李四，快点", "placeholder", "李四"},
      {"把ディスプレイ打开", "wrong_script", "デ"},
      {"включи主屏吧", "wrong_script", "в"},
      {"打開主屏", "wrong_script", "開"},
      {"好", "too_short", "1 characters"},
      {"好好好好好好好好好好好好好好好好好好好好好好好好好好好好好好好好好好好好好好好好好", "too_long",
       "41 characters"},
      {"把{device}打开", "placeholder", "{device}"},
      {"把{{x}}打开", "placeholder", "{{x}"},
      {"把<slot>打开", "placeholder", "<slot>"},
      {"把<设备>打开", "placeholder", "<设备>"},
      {"把[device]打开", "placeholder", "[device]"},
      {"把XX打开", "placeholder", "XX"},
      {"把xxx打开", "placeholder", "xxx"},
      {"邀请某某参会", "placeholder", "某某"},
      {"邀请张三参会", "placeholder", "张三"},
      {"给李四打电话", "placeholder", "李四"},
      {"邀请____参会", "placeholder", "____"},
      {"尺码XL的衣服", "accepted"},
  };
  for (const Case& c : cases) expect(testing::chinese_job(), c);
}

TEST(TextRules, English) {
  const Case cases[] = {
      {"turn on the café lights", "accepted"},          {"is a < b ok", "accepted"},
      {"turn on 主屏", "wrong_script", "主"},           {"turn on Привет", "wrong_script", "П"},
      {"call John Doe now", "placeholder", "John Doe"}, {"call XXX now", "placeholder", "XXX"},
      {"play <song> now", "placeholder", "<song>"},     {"?!", "empty"},
  };
  for (const Case& c : cases) expect(testing::english_job(), c);
}

TEST(TextRules, SlotsAreNotJudged) {
  auto rules = TextRules::make(testing::chinese_job());
  EXPECT_EQ(rules->check("邀请John Smith Williams", "邀请 ").verdict, Verdict::accepted);
  EXPECT_EQ(rules->check("邀请張三", "邀请 ").verdict, Verdict::accepted);
  EXPECT_EQ(rules->check("三十", " ").verdict, Verdict::accepted);
}

TEST(TextRules, WordsOfTheJobAreKnown) {
  prompts::Job job = testing::chinese_job();
  expect(job, {"打开mic", "accepted"});  // a value
  expect(job, {"打开whiteboard", "mixed_language", "`whiteboard`"});
  job.check.foreign_words = {"Whiteboard"};
  expect(job, {"打开whiteboard", "accepted"});
}

TEST(TextRules, NobodySaysMoreInOneBreath) {
  prompts::Job job = testing::chinese_job();
  job.check.max_length = 200;
  std::string text;
  for (int i = 0; i < 60; ++i) text += "好";
  expect(job, {text.c_str(), "accepted"});
  text += "，好";
  expect(job, {text.c_str(), "too_long_to_say", "61 syllables"});
  job.check.length_given = true;
  expect(job, {text.c_str(), "accepted"});
  prompts::Job english = testing::english_job();
  english.check.max_length = 400;
  text.clear();
  for (int i = 0; i < 45; ++i) text += "it's ";
  expect(english, {text.c_str(), "accepted"});
  text += "ok";
  expect(english, {text.c_str(), "too_long_to_say", "46 words"});
}

TEST(TextRules, TraditionalJobsMayBeTraditional) {
  prompts::Job job = testing::chinese_job();
  job.language = "zh-Hant";
  expect(job, {"打開主屏", "accepted"});
  expect(job, {"皇后在後面，那裡裡外外都乾淨", "accepted"});
  expect(job, {"打开主屏", "wrong_script", "simplified character U+5F00"});
}

TEST(TextRules, RequireAndForbid) {
  prompts::Job job = testing::chinese_job();
  job.check.require = {"^[^A-Z]*$", "[。？]$"};
  job.check.forbid = {"作为.{0,4}AI", "请问", "(?i)hello"};
  expect(job, {"把主屏打开。", "accepted"});
  expect(job, {"把PPT打开。", "require_missing", "`^[^A-Z]*$` matches nowhere"});
  expect(job, {"把主屏打开", "require_missing", "`[。？]$`"});
  expect(job, {"请问主屏开了吗？", "forbidden", "`请问` matches"});
  job.check.require.clear();
  expect(job, {"作为一个AI帮您", "forbidden", "作为.{0,4}AI"});
  job.check.forbid = {"请问"};
  job.check.require = {"主屏"};
  expect(job, {"请问主屏", "forbidden"});
  expect(job, {"打开副屏", "require_missing"});
}

TEST(TextRules, BadPatternsAreRefused) {
  prompts::Job job = testing::chinese_job();
  job.check.forbid = {"ok", "(foo"};
  const auto rules = TextRules::make(job);
  ASSERT_FALSE(rules);
  EXPECT_EQ(rules.error().kind, base::ErrorKind::bad_input);
  EXPECT_EQ(rules.error().message, "check.forbid: bad pattern `(foo`: missing ): (foo");
  job.check.forbid.clear();
  job.check.require = {"a(?=b)"};
  EXPECT_EQ(TextRules::make(job).error().message.find("check.require: bad pattern `a(?=b)`"), 0u);
}

TEST(TextRules, PatternsThatOutgrowASetStillWork) {
  prompts::Job job = testing::chinese_job();
  for (int i = 0; i < 40; ++i)
    job.check.forbid.push_back("(主|副){" + std::to_string(i + 1) + "}.{500}x{300}屏");
  job.check.forbid.push_back("打开");
  expect(job, {"把主屏打开", "forbidden", "打开"});
}

TEST(Placeholders, AsValues) {
  for (const char* value : {"XX", "某某", "某某某", "{name}", "<人名>", "张三", "李四", " XXX ", "___", "××"})
    EXPECT_TRUE(is_placeholder(value)) << value;
  for (const char* value : {"", "X", "XL", "张三丰", "某人", "李四光", "王五魁", "王工", "A{b}", "3<4"})
    EXPECT_FALSE(is_placeholder(value)) << value;
}

}  // namespace
}  // namespace validators
