#include "prompts/annotation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace prompts {
namespace {

struct ParseCase {
  std::string marked;
  std::string text;
  std::vector<std::string> tags;  // name|text|start|end
  bool repaired = false;
};

std::vector<std::string> shown(const std::vector<Tag>& tags) {
  std::vector<std::string> out;
  for (const Tag& tag : tags)
    out.push_back(tag.name + "|" + tag.text + "|" + std::to_string(tag.start) + "|" +
                  std::to_string(tag.end));
  return out;
}

TEST(Annotation, Parses) {
  const ParseCase cases[] = {
      {"", "", {}},
      {"打开会议", "打开会议", {}},
      {"把[device:主屏]音量调到[level:百分之三十]",
       "把主屏音量调到百分之三十",
       {"device|主屏|1|3", "level|百分之三十|7|12"}},
      {"[a:x][b:y]", "xy", {"a|x|0|1", "b|y|1|2"}},
      {"[set_volume.level:30%] now", "30% now", {"set_volume.level|30%|0|3"}},
      {"[time:15:30]", "15:30", {"time|15:30|0|5"}},
      {"[time:15：30]", "15：30", {"time|15：30|0|5"}},
      {R"(a\[b\]c\\d)", R"(a[b]c\d)", {}},
      {R"([name:a\]b\[c])", "a]b[c", {"name|a]b[c|0|5"}},
      {R"(C:\dir and \)", R"(C:\dir and \)", {}},
      {"😀[emoji:😀😀]", "😀😀😀", {"emoji|😀😀|1|3"}},
      // full width
      {"调到［level：三十］吧", "调到三十吧", {"level|三十|2|4"}, true},
      {"调到[level：三十]吧", "调到三十吧", {"level|三十|2|4"}, true},
      {"调到[level:三十］吧", "调到三十吧", {"level|三十|2|4"}, true},
      {"调到［level:三十]吧", "调到三十吧", {"level|三十|2|4"}, true},
      {"［a：x］和[b:y］", "x和y", {"a|x|0|1", "b|y|2|3"}, true},
      {"[room:A］1]", "A］1", {"room|A］1|0|3"}},
      // brackets that are just text
      {"他说［笑］好", "他说［笑］好", {}},
      {"［听 我：说］", "［听 我：说］", {}},
      {"［level：］", "［level：］", {}},
      {"：］和［", "：］和［", {}},
      // spaces at the edges of a value
      {"到[level: 30]", "到30", {"level|30|1|3"}, true},
      {"to [city:New York ]today", "to New York today", {"city|New York|3|11"}, true},
      {"[ level :30]", "30", {"level|30|0|2"}},
  };
  for (const ParseCase& c : cases) {
    const auto parsed = parse_annotation(c.marked);
    ASSERT_TRUE(parsed) << c.marked << ": " << parsed.error().message;
    EXPECT_EQ(parsed->text, c.text) << c.marked;
    EXPECT_THAT(shown(parsed->tags), testing::ElementsAreArray(c.tags)) << c.marked;
    EXPECT_EQ(parsed->repaired, c.repaired) << c.marked;
  }
}

TEST(Annotation, RefusesWithTheCharacter) {
  const std::pair<std::string, std::string> cases[] = {
      {"音量调到[三十]", "tag without a colon at character 5; write \\[ for the character itself"},
      {"到[a[b:c]", "tag without a colon at character 2; write \\[ for the character itself"},
      {"音量[", "tag without a colon at character 3; write \\[ for the character itself"},
      {"[:三十]", "tag without a name at character 1"},
      {"到[level:]", "tag without a value at character 2"},
      {"到[level:  ]", "tag without a value at character 2"},
      {"到[level:三十", "tag that is never closed at character 2; its end is ]"},
      {"到[level:三十\\]", "tag that is never closed at character 2; its end is ]"},
      {"把[a:主[b:屏]]", "tag inside a tag at character 6"},
      {"主屏]音量", "closing bracket without a tag at character 3; write \\] for the character itself"},
      {"主\xff屏", "bytes that are not UTF-8 at character 2"},
      {"主\xe5\xb1", "bytes that are not UTF-8 at character 2"},
  };
  for (const auto& [marked, message] : cases) {
    const auto parsed = parse_annotation(marked);
    ASSERT_FALSE(parsed) << marked;
    EXPECT_EQ(parsed.error().message, message);
    EXPECT_EQ(parsed.error().kind, base::ErrorKind::bad_input);
  }
}

TEST(Annotation, FormatsWhatItParses) {
  for (const std::string marked : {"把[device:主屏]音量调到[level:百分之三十]", "", "好",
                                   R"(\[笑\] [a:\\x\]] \\)", "[a:x][b:y]", "😀[e:😀]😀"}) {
    const auto parsed = parse_annotation(marked);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(format_annotation(*parsed), marked);
  }
}

TEST(Annotation, AnyBytesAreReadOrRefused) {
  const std::string alphabet[] = {"[", "]", ":", "\\", "［", "］", "：", "a", " ", "主", "\xef", "\xbc"};
  std::uint32_t state = 1;
  for (int round = 0; round < 20'000; ++round) {
    std::string marked;
    for (int i = 0; i < 10; ++i) {
      state = state * 1664525 + 1013904223;
      marked += alphabet[(state >> 16) % std::size(alphabet)];
    }
    const auto parsed = parse_annotation(marked);
    if (!parsed) continue;
    const auto again = parse_annotation(format_annotation(*parsed));
    ASSERT_TRUE(again) << marked;
    EXPECT_EQ(again->text, parsed->text) << marked;
    EXPECT_EQ(shown(again->tags), shown(parsed->tags)) << marked;
  }
}

}  // namespace
}  // namespace prompts
