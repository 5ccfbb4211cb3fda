#include <iterator>

#include "tests/provider/replies.h"

namespace provider {
namespace {

constexpr std::string_view kHan[] = {
    "麻烦", "请你", "帮忙", "现在", "马上", "赶紧", "顺便", "然后", "可以", "能否", "能够", "希望", "想要",
    "需要", "打算", "准备", "刚才", "待会", "等下", "稍后", "回头", "最好", "尽量", "尽快", "立刻", "随手",
    "直接", "重新", "再次", "仍然", "还是", "已经", "正在", "快要", "一直", "总是", "偶尔", "有时", "平常",
    "通常", "大概", "也许", "可能", "应该", "必须", "务必", "记得", "别忘", "注意", "留意", "考虑", "觉得",
    "认为", "以为", "发现", "听说", "看看", "瞧瞧", "试试", "说说", "讲讲", "聊聊", "问问", "查查", "弄弄",
    "搞定", "处理", "安排", "解决", "完成", "开始", "继续", "停下", "结束", "恢复", "调整", "改成", "换成",
    "变成", "弄成", "设为", "定为", "放到", "送到", "拿来", "带上", "加上", "配上", "连同", "以及", "还有",
    "或者", "要么", "不然", "否则", "因为", "所以", "因此", "于是", "既然", "如果", "假如", "要是", "万一",
    "即使", "哪怕", "虽然", "但是", "不过", "可是", "只是", "其实", "确实", "真的", "当然", "毕竟", "究竟",
    "到底", "居然", "果然", "难怪", "幸亏", "多亏", "反正", "总之", "另外", "此外", "同时", "一起", "一同",
    "分别", "各自", "互相", "单独", "亲自", "主动", "自动", "手动", "慢慢", "渐渐", "悄悄", "轻轻", "好好",
    "仔细", "认真", "大胆", "放心", "安心", "小心", "耐心", "用心", "细心", "随便", "随意", "任意", "特意",
    "故意", "有意", "无意", "愿意", "乐意", "满意", "同意", "建议", "提议", "请求", "要求", "拜托", "劳驾",
    "感谢", "谢谢", "辛苦", "抱歉", "打扰", "您好", "大家", "我们", "咱们", "他们", "自己", "别人", "人家",
    "这边", "那边", "这里", "那里", "这个", "那个", "这样", "那样", "怎样", "如何", "什么", "为何", "何时",
    "哪种", "多少", "几次", "一下", "一点", "一些", "有些", "所有", "全部", "部分", "其他", "另一",
};

constexpr std::string_view kLatin[] = {
    "please",    "kindly",    "could",      "would",      "should",     "might",      "maybe",
    "perhaps",   "surely",    "really",     "just",       "simply",     "quickly",    "slowly",
    "gently",    "carefully", "quietly",    "soon",       "later",      "again",      "already",
    "still",     "always",    "never",      "often",      "sometimes",  "usually",    "rarely",
    "once",      "twice",     "then",       "next",       "before",     "after",      "until",
    "while",     "during",    "since",      "because",    "although",   "however",    "therefore",
    "otherwise", "instead",   "besides",    "also",       "too",        "either",     "neither",
    "both",      "all",       "some",       "any",        "each",       "every",      "other",
    "another",   "same",      "different",  "such",       "this",       "that",       "these",
    "those",     "here",      "there",      "where",      "when",       "why",        "how",
    "what",      "which",     "who",        "whose",      "I",          "you",        "we",
    "they",      "somebody",  "everybody",  "nobody",     "something",  "everything", "anything",
    "want",      "wish",      "hope",       "need",       "like",       "love",       "prefer",
    "plan",      "intend",    "try",        "help",       "make",       "let",        "get",
    "give",      "take",      "bring",      "send",       "keep",       "hold",       "leave",
    "put",       "move",      "change",     "switch",     "adjust",     "fix",        "handle",
    "arrange",   "prepare",   "start",      "continue",   "stop",       "finish",     "repeat",
    "check",     "look",      "see",        "watch",      "hear",       "listen",     "say",
    "tell",      "ask",       "answer",     "explain",    "describe",   "mention",    "remember",
    "forget",    "think",     "believe",    "guess",      "suppose",    "know",       "understand",
    "learn",     "notice",    "find",       "choose",     "decide",     "agree",      "suggest",
    "recommend", "request",   "require",    "allow",      "expect",     "wait",       "hurry",
    "thanks",    "sorry",     "hello",      "hey",        "well",       "okay",       "sure",
    "fine",      "right",     "exactly",    "almost",     "nearly",     "about",      "around",
    "roughly",   "quite",     "rather",     "very",       "much",       "more",       "most",
    "less",      "least",     "enough",     "only",       "even",       "especially", "mainly",
    "mostly",    "partly",    "fully",      "completely", "finally",    "eventually", "suddenly",
    "actually",  "honestly",  "apparently", "probably",   "certainly",  "definitely", "possibly",
    "together",  "alone",     "anyway",     "meanwhile",  "afterwards",
};

}  // namespace

std::string_view word(bool han, std::uint64_t draw) {
  return han ? kHan[draw % std::size(kHan)] : kLatin[draw % std::size(kLatin)];
}

}  // namespace provider
