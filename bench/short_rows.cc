#include "bench/short_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "bench/random.h"

namespace bench {
namespace {

using Words = std::vector<std::string_view>;

/// Templates with %X for a value of list X.
struct Grammar {
  std::vector<std::string_view> openings;
  std::vector<std::string_view> templates;
  std::vector<std::string_view> endings;
  std::array<std::pair<Words, Words>, 26> values;  // a value is one of the first and one of the second
};

std::string utterance(const Grammar& grammar, Random& random) {
  std::string row;
  if (random.below(3) == 0) row = grammar.openings[random.below(grammar.openings.size())];
  const std::string_view form = grammar.templates[random.below(grammar.templates.size())];
  for (std::size_t i = 0; i < form.size(); ++i) {
    if (form[i] != '%') {
      row += form[i];
    } else if (form[++i] == 'N') {
      row += std::to_string(1 + random.below(100));
    } else {
      const auto& list = grammar.values[static_cast<std::size_t>(form[i] - 'A')];
      row += list.first.empty() ? "" : list.first[random.below(list.first.size())];
      row += list.second[random.below(list.second.size())];
    }
  }
  if (random.below(3) == 0) row += grammar.endings[random.below(grammar.endings.size())];
  return row;
}

/// With `wide`, names have a first and a last part, as in a catalogue of thousands.
Grammar english(bool wide) {
  Grammar g;
  g.openings = {"",
                "please ",
                "could you ",
                "can you please ",
                "hey ",
                "i need you to ",
                "would you mind and ",
                "ok now ",
                "when you can ",
                "just ",
                "quickly ",
                "i'd like you to ",
                "go ahead and ",
                "for the meeting ",
                "before we start "};
  g.endings = {"",
               " please",
               " for me",
               " thanks",
               " right now",
               " when you get a chance",
               " if that's ok",
               " as soon as possible",
               " for everybody",
               " before lunch",
               " and let me know",
               " like last time"};
  g.templates = {"set the volume of the %D to %N",
                 "turn the %D in the %R up to %N",
                 "make the %D louder by %N percent",
                 "lower the sound of the %D to %N",
                 "change the loudness in the %R to %N",
                 "bring the %D down to %N in the %R",
                 "switch on the %D in the %R at %N",
                 "turn off the %D on %W at %N",
                 "power up the %D in the %R",
                 "shut down the %D after %N minutes",
                 "start the %D in the %R on %W",
                 "keep the %D running until %W",
                 "book the %R for %P on %W",
                 "reserve the %R on %W for a %S",
                 "find a room for %N people on %W",
                 "move the %S with %P to %W",
                 "cancel my %S with %P on %W",
                 "schedule a %S about the %O on %W",
                 "remind me to call %P about the %O",
                 "remind %P of the %S at %N",
                 "set an alarm for %P on %W at %N",
                 "tell me when the %S with %P begins",
                 "don't let me forget the %O on %W",
                 "wake me at %N on %W for the %S",
                 "send the %O to %P before %W",
                 "write to %P that the %S is on %W",
                 "forward the %O from %P to %P",
                 "share the %O with %P on %W",
                 "tell %P that i am %N minutes late",
                 "mail the notes of the %S to %P",
                 "show the %O on the %D",
                 "put page %N of the %O on the %D",
                 "open the %O that %P shared on %W",
                 "present slide %N of the %O",
                 "record the %S with %P on %W",
                 "play the %S with %P from minute %N",
                 "set the %R to %N degrees on %W",
                 "make it %N degrees warmer in the %R",
                 "cool the %R down before the %S with %P",
                 "dim the lights in the %R to %N",
                 "set the blinds of the %R to %N",
                 "let fresh air into the %R for %N minutes",
                 "ask %P whether the %O is ready",
                 "what did %P say about the %O on %W",
                 "who is in the %R with %P on %W",
                 "how many people join %P in the %R on %W",
                 "when does the %S with %P end",
                 "which %D in the %R is free on %W at %N"};
  const auto when_wide = [wide](Words firsts) { return wide ? firsts : Words{}; };
  const auto fill = [&g](char list, Words values, Words firsts = {}) {
    g.values[static_cast<std::size_t>(list - 'A')] = {std::move(firsts), std::move(values)};
  };
  fill('D', {"main screen", "projector", "left speaker", "right speaker", "ceiling microphone", "camera",
             "table microphone", "whiteboard", "sound bar", "side display", "video wall", "lectern", "phone",
             "amplifier", "recorder", "laser pointer", "coffee machine", "lamp"});
  fill('R', {"blue room",     "green room", "board room",      "lobby",         "town hall",
             "quiet corner",  "kitchen",    "training center", "north wing",    "south wing",
             "studio",        "library",    "terrace",         "war room",      "garden suite",
             "auditorium",    "lab two",    "room twelve",     "room seven",    "big theatre",
             "small theatre", "gallery",    "atrium",          "basement hall", "sky lounge"},
       when_wide({"historic ", "renovated ", "uppermost ", "lowermost ", "spacious ", "miniature ", "first ",
                  "second ", "third ", "crimson ", "silver ", "innermost ", "outermost ", "western ",
                  "eastern "}));
  fill('P', {"anna",  "boris",  "chen", "daria", "emil",  "fatima", "george", "hannah",  "ivan",
             "julia", "karl",   "lena", "marco", "nina",  "oscar",  "paula",  "quentin", "rosa",
             "sven",  "tanya",  "umar", "vera",  "wei",   "xenia",  "yusuf",  "zoe",     "adam",
             "bella", "carlos", "dora", "erik",  "flora", "greta",  "hugo"});
  if (wide)
    fill(
        'P', {"abelardi",    "bauernfeind", "constantinou", "dietrichson", "evangelista", "fischer",
              "garciaparra", "hubermann",   "itonaga",      "janssensen",  "kayaoglu",    "lopategui",
              "meyerbeer",   "novakovic",   "olszewski",    "petrov",      "quinteros",   "rossellini",
              "smithfield",  "tanakadate",  "ulrichsen",    "vogelsang",   "wagner",      "xuereb",
              "youngblood",  "zhangirov",   "becker",       "clarkson",    "dubois",      "eriksen"},
        {"annabelle ", "bartholomew ", "chengdong ", "daria ",     "emiliano ",  "fatima ",      "george ",
         "hannah ",    "ivanovich ",   "julia ",     "karlheinz ", "leonarda ",  "marcellinus ", "nikoletta ",
         "oscar ",     "paula ",       "quentin ",   "rosalinda ", "sebastian ", "tatjana ",     "umberto ",
         "veronica ",  "weizhong ",    "xenia ",     "yusuf ",     "zoraida ",   "adamantios ",  "bella ",
         "carlos ",    "dorothea ",    "frederik ",  "flora ",     "margareta ", "humphrey "});
  fill('W', {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "tomorrow",
             "next week", "the first of may", "the last day of june", "new year's eve", "next friday",
             "the day after tomorrow", "this evening"});
  fill('S', {"standup meeting", "quarterly review", "retrospective", "job interview", "strategy workshop",
             "budget meeting", "one on one", "all hands", "design session", "demonstration", "planning round",
             "training", "kick off", "accreditation"});
  fill('O', {"quarterly report", "budget plan",    "slides",        "contract",
             "road map",         "test results",   "sales figures", "invoice",
             "travel policy",    "press release",  "hiring plan",   "bug list",
             "release notes",    "survey",         "floor plan",    "menu",
             "price list",       "market study",   "risk table",    "customer feedback",
             "training data",    "meeting minutes"},
       when_wide({"definitive ",   "preliminary ",   "first ",        "penultimate ", "updated ",
                  "confidential ", "semiannual ",    "monthly ",      "regional ",    "portuguese ",
                  "norwegian ",    "internal ",      "unclassified ", "abbreviated ", "comprehensive ",
                  "revised ",      "countersigned ", "missing ",      "printed ",     "translated "}));
  return g;
}

Grammar chinese() {
  Grammar g;
  g.openings = {"",       "请",   "帮我",   "麻烦", "你好", "现在",
                "能不能", "快点", "会议前", "我想", "顺便", "下课后"};
  g.endings = {"", "谢谢", "吧", "好吗", "可以吗", "就行", "马上", "别忘了", "拜托", "行不行"};
  g.templates = {"把%R的%D音量调到%N",        "%W%T打开%R的%D",         "关掉%R里的%D过%N分钟",
                 "预订%R给%P开%S在%W",        "提醒我%W%T和%P讨论%O",   "把%O发给%P和%P",
                 "在%D上显示%O第%N页",        "将%R温度设为%N度从%W起", "%W和%P的%S改到%R",
                 "取消%W%T跟%P的%S",          "录下%R里%P的%S",         "问一下%P关于%O的进度",
                 "%R的灯光调暗到百分之%N",    "查查%W%R有没有空开%S",   "播放%W%S的录像从%N分开始",
                 "告诉%P我会迟到%N分钟参加%S"};
  const auto fill = [&g](char list, Words values, Words firsts = {}) {
    g.values[static_cast<std::size_t>(list - 'A')] = {std::move(firsts), std::move(values)};
  };
  fill('D', {"主屏幕", "投影仪", "左音箱", "右音箱", "吊顶话筒", "摄像头", "桌面话筒", "电子白板", "录音机",
             "功放", "电视墙", "讲台", "咖啡机", "台灯"});
  fill('R',
       {"蓝厅", "绿厅", "董事会议室", "大堂", "培训中心", "北楼", "南楼", "演播室", "图书馆", "露台",
        "作战室", "花园厅", "报告厅", "二号实验室", "十二号房", "七号房", "画廊", "地下大厅", "云顶"},
       {"东区", "西区", "一楼", "二楼", "三楼", "新楼", "老楼", "校区"});
  fill('P', {"伟",   "芳",   "娜",   "洋",   "静",   "帆",   "磊",   "丽",   "强",   "敏",
             "涛",   "艳",   "超",   "琳",   "军",   "鹏",   "洁",   "峰",   "霞",   "斌",
             "志明", "晓东", "文静", "建国", "雨欣", "子涵", "浩然", "思远", "嘉怡", "海燕"},
       {"张", "王", "李", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙",
        "马", "朱", "胡", "郭", "何", "高", "林", "罗", "梁", "宋", "郑", "谢"});
  fill('W', {"周一", "周二", "周三", "周四", "周五", "周六", "周日", "明天", "后天", "下星期", "五月一号",
             "月底", "除夕", "今晚"});
  fill('T', {"上午九点", "中午", "下午三点", "傍晚", "晚上八点半", "一大早", "十点一刻"});
  fill('S', {"晨会", "评审会", "复盘会", "面试", "研讨会", "预算会", "全员会", "设计讨论", "演示", "培训"},
       {"季度", "部门", "紧急", "线上", "年终"});
  fill('O',
       {"季度报告", "预算方案", "幻灯片", "合同", "路线图", "测试结果", "销售数据", "发票", "差旅制度",
        "新闻稿", "招聘计划", "缺陷清单", "问卷", "平面图", "菜单", "报价单", "市场调查"},
       {"最新", "去年", "本季", "内部", "公开", "修订", "英文", "完整"});
  return g;
}

/// One to three edits: a character changed or lost, or, where there are spaces, a word lost or two swapped.
std::string mutated(const std::string& row, bool words, Random& random) {
  std::string text = row;
  for (std::size_t edits = 1 + random.below(3); edits > 0; --edits) {
    if (words && random.below(2) == 0) {
      auto parts = base::split(text, ' ');
      if (parts.size() < 3) continue;
      const std::size_t at = random.below(parts.size() - 1);
      if (random.below(2) == 0) {
        std::swap(parts[at], parts[at + 1]);
      } else {
        parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(at));
      }
      text = fmt::format("{}", fmt::join(parts, " "));
    } else {
      std::u32string letters = base::to_utf32(text);
      if (letters.size() < 3) continue;
      const std::size_t at = random.below(letters.size());
      if (random.below(2) == 0) {
        letters[at] = words ? static_cast<char32_t>(U'a' + random.below(26))
                            : static_cast<char32_t>(U'\u4e00' + random.below(3000));
      } else {
        letters.erase(at, 1);
      }
      text = base::to_utf8(letters);
    }
  }
  return text;
}

std::vector<std::string> make_rows(const Grammar& grammar, bool words, std::size_t count,
                                   std::uint64_t seed) {
  Random random(seed);
  std::vector<std::string> rows;
  rows.reserve(count);
  while (rows.size() < count) {
    if (rows.empty() || random.below(5) != 0) {
      rows.push_back(utterance(grammar, random));
    } else {
      const std::string& earlier = rows[random.below(rows.size())];
      rows.push_back(random.below(10) == 0 ? earlier : mutated(earlier, words, random));
    }
  }
  return rows;
}

}  // namespace

std::vector<std::string> english_rows(bool wide, std::size_t count, std::uint64_t seed) {
  return make_rows(english(wide), true, count, seed);
}

std::vector<std::string> chinese_rows(std::size_t count, std::uint64_t seed) {
  return make_rows(chinese(), false, count, seed);
}

}  // namespace bench
