#include "validators/speech.h"

#include <gtest/gtest.h>

#include "validators_testing.h"

namespace validators {
namespace {

struct Case {
  const char* text;
  const char* verdict;
};

void expect(const prompts::Job& job, const Case& c, bool tagged = false) {
  const auto speech = Speech::make(job);
  ASSERT_TRUE(speech);
  const Finding finding = speech->check(c.text, c.text, tagged);
  EXPECT_EQ(verdict_code(finding.verdict), c.verdict) << c.text << ": " << finding.detail;
}

TEST(Speech, WhatModelsPutBesideIt) {
  const Case cases[] = {
      {"把主屏打开", "accepted"},
      {"以下是10条关于音量的语料：", "prompt_echo"},
      {"以下是为您生成的五句例句", "prompt_echo"},
      {"下面播放第3个", "accepted"},
      {"下面是我的第3个问题", "accepted"},
      {"Here are 10 utterances:", "prompt_echo"},
      {"here are my keys", "accepted"},
      {"[set_volume] | 口语, 7-12", "prompt_echo"},
      {"{\"utterances\": [\"a\"", "prompt_echo"},
      {"要自然：像真人开口说的话，不像书面语，更不像说明文字。", "prompt_echo"},
      {"标注去掉之后，剩下的必须是一句通顺的话", "prompt_echo"},
      {"抱歉，我不能参加", "accepted"},
      {"抱歉，我无法生成这样的内容", "refusing_utterance"},
      {"作为一个AI助手，我不能帮您", "refusing_utterance"},
      {"I’m sorry, I cannot help with that request.", "refusing_utterance"},
      {"as an AI engineer i need a room", "accepted"},
      {"<think>", "thinking_text"},
      {"好的，用户想要十句话", "thinking_text"},
      {"我需要生成十条语料", "thinking_text"},
      {"Okay, the user wants ten sentences", "thinking_text"},
      {"okay let me think", "accepted"},
      {"让我想想", "accepted"},
      {"例句3：打开主屏", "meta_talk"},
      {"第2句：打开主屏", "meta_talk"},
      {"打开主屏（口语）", "meta_talk"},
      {"打开主屏（共4字）", "meta_talk"},
      {"User: open it", "meta_talk"},
      {"Sure, here are ten of them", "meta_talk"},
      {"sure here is fine", "accepted"},
      {"以上就是10条句子", "meta_talk"},
      {"提醒我：三点开会", "accepted"},
  };
  for (const Case& c : cases) expect(testing::chinese_job(), c);
}

TEST(Speech, ADescriptionIsNoUtterance) {
  prompts::Job job = testing::chinese_job();
  job.intents[0].description = "调节会议室设备的音量。";
  job.intents[1].description = "静音";
  expect(job, {"调节会议室设备的音量", "prompt_echo"});
  expect(job, {"静音", "accepted"});
  expect(job, {"调节会议室设备的音量", "accepted"}, true);
}

TEST(Speech, TagsAreAnAttempt) {
  expect(testing::chinese_job(), {"作为AI助手，我不能帮您", "accepted"}, true);
  expect(testing::chinese_job(), {"例句3：打开主屏", "meta_talk"}, true);
}

TEST(Speech, SentencesOfTheJobsOwnTemplates) {
  prompts::Job job = testing::english_job();
  expect(job, {"With the tags taken off, what remains must be one natural sentence", "prompt_echo"});
  expect(job, {"everything that remains", "accepted"});
}

}  // namespace
}  // namespace validators
