#include "local_model/pattern_text.h"

#include <gtest/gtest.h>

namespace local_model {
namespace {

struct Part {
  std::string text;
  bool value = false;
};

std::string joined(const std::vector<Part>& parts, bool chinese) {
  std::string out;
  PatternWriter writer(out, chinese);
  for (const auto& [text, value] : parts) {
    value ? writer.tagged("", "s", text) : writer.piece(make_piece(text, chinese));
  }
  return out;
}

struct Case {
  std::vector<Part> parts;
  std::string chinese;
  std::string english;
};

TEST(PatternText, JoinsParts) {
  const std::vector<Case> cases = {
      {{{"turn "}, {" on"}}, "turn on", "turn on"},
      {{{" turn on "}}, "turn on", "turn on"},
      {{{"a   b"}}, "a b", "a b"},
      {{{" "}, {"a"}, {" "}, {" "}, {"b"}, {" "}}, "a b", "a b"},
      {{{"stop "}, {", now !"}}, "stop, now!", "stop, now!"},
      {{{"a . b ; c ?"}}, "a. b; c?", "a. b; c?"},
      {{{"turn on the "}, {"TV", true}, {" , please"}},
       "turn on the [s:TV], please",
       "turn on the [s:TV], please"},
      {{{"把 "}, {"TV", true}, {" 打开"}}, "把[s:TV]打开", "把 [s:TV] 打开"},
      {{{"set "}, {"主屏", true}, {" on"}}, "set[s:主屏]on", "set [s:主屏] on"},
      {{{"A", true}, {" "}, {"B", true}}, "[s:A] [s:B]", "[s:A] [s:B]"},
      {{{"好 ， 打开 TV （ now ） 吧"}}, "好，打开TV（now）吧", "好 ， 打开 TV （ now ） 吧"},
      // Only pattern text loses the space before a mark: a value may begin with one.
      {{{"set to "}, {".5", true}, {" now"}}, "set to [s:.5] now", "set to [s:.5] now"},
      // Values stay as they are.
      {{{"play "}, {"a  b , 歌 c", true}}, "play [s:a  b , 歌 c]", "play [s:a  b , 歌 c]"},
      {{{"play "}, {R"(x[1]\y)", true}, {R"( a[b]\ )"}},
       R"(play [s:x\[1\]\\y] a\[b\]\\)",
       R"(play [s:x\[1\]\\y] a\[b\]\\)"},
      // Ill-formed bytes and emptiness are carried, not judged.
      {{{"a "}, {"\xFF\xE4", true}, {" b"}}, "a [s:\xFF\xE4] b", "a [s:\xFF\xE4] b"},
      {{{"a "}, {"", true}, {" b"}}, "a [s:] b", "a [s:] b"},
  };
  for (const auto& [parts, chinese, english] : cases) {
    EXPECT_EQ(joined(parts, true), chinese);
    EXPECT_EQ(joined(parts, false), english);
  }
}

TEST(PatternText, TagsCarryTheirFrame) {
  std::string out;
  PatternWriter(out, true).tagged("set_volume", "level", "30");
  EXPECT_EQ(out, "[set_volume.level:30]");
}

}  // namespace
}  // namespace local_model
