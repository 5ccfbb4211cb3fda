#include "validators/reply.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "validators/mend.h"

namespace validators {
namespace {

using model::Finish;
using ::testing::ElementsAre;

struct Case {
  const char* body;
  Repair repair;
  std::vector<std::string> utterances;
};

std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.body; }

class Reads : public ::testing::TestWithParam<Case> {};

TEST_P(Reads, Utterances) {
  const ParsedReply reply = parse_reply(GetParam().body, Finish::stop);
  EXPECT_EQ(verdict_code(reply.verdict), "accepted");
  EXPECT_EQ(repair_name(reply.repair), repair_name(GetParam().repair));
  EXPECT_EQ(reply.utterances, GetParam().utterances);
}

INSTANTIATE_TEST_SUITE_P(
    Strict, Reads,
    ::testing::Values(
        Case{R"({"utterances": ["打开[device:主屏]", "b"]})", Repair::strict, {"打开[device:主屏]", "b"}},
        Case{" \n{\"utterances\":[\"a\"]}\n ", Repair::strict, {"a"}},
        Case{"\xEF\xBB\xBF{\"utterances\":[\"a\"]}", Repair::strict, {"a"}},
        Case{R"({"notes": "x", "utterances": ["a"]})", Repair::strict, {"a"}},
        Case{R"({"utterances": []})", Repair::strict, {}},
        Case{R"({"utterances": ["\\[x\\]\n\"q\" \u4f60"]})", Repair::strict, {"\\[x\\]\n\"q\" 你"}},
        // a string that is JSON itself stays a string
        Case{R"({"utterances": ["[\"a\"]"]})", Repair::strict, {"[\"a\"]"}}));

INSTANTIATE_TEST_SUITE_P(
    Fenced, Reads,
    ::testing::Values(
        Case{"```json\n{\"utterances\": [\"a\"]}\n```", Repair::fenced, {"a"}},
        Case{"```\n{\"utterances\": [\"a\"]}\n```\n", Repair::fenced, {"a"}},
        Case{"```json{\"utterances\": [\"a\"]}```", Repair::fenced, {"a"}},
        Case{"```json\n{\"utterances\": [\"a\"]}", Repair::fenced, {"a"}},
        Case{"<think>I need {\"utterances\": [\"no\"]}</think>\n{\"utterances\": [\"a\"]}",
             Repair::fenced,
             {"a"}},
        Case{"thoughts without an opening</think>{\"utterances\": [\"a\"]}", Repair::fenced, {"a"}},
        Case{"<think>\n\n</think>\n\n```json\n{\"utterances\": [\"a\"]}\n```", Repair::fenced, {"a"}}));

INSTANTIATE_TEST_SUITE_P(
    Extracted, Reads,
    ::testing::Values(
        Case{R"(["a", "b"])", Repair::extracted, {"a", "b"}},
        Case{R"([{"text": "a"}, {"utterance": "b"}, {"t": "c"}])", Repair::extracted, {"a", "b", "c"}},
        Case{R"({"utterances": [{"text": "a", "slots": []}]})", Repair::extracted, {"a"}},
        Case{R"({"utterances": "a"})", Repair::extracted, {"a"}},
        Case{R"({"data": ["a"]})", Repair::extracted, {"a"}},
        Case{R"({"sentences": ["a"], "tags": []})", Repair::extracted, {"a"}},
        Case{R"({"result": ["a"]})", Repair::extracted, {"a"}},
        Case{R"({"result": {"utterances": ["a"]}})", Repair::extracted, {"a"}},
        Case{R"({"text": "a"})", Repair::extracted, {"a"}},
        // what can't be read keeps its place
        Case{R"({"utterances": [1, "b", null]})", Repair::extracted, {"", "b", ""}},
        Case{"好的，以下是[10]条：\n{\"utterances\": [\"a\", \"b\"]}\n希望有帮助。",
             Repair::extracted,
             {"a", "b"}},
        Case{"Sure:\n```json\n{\"utterances\": [\"a\"]}\n```", Repair::extracted, {"a"}},
        Case{"```json\n{\"utterances\": [\"a\"]}\n```\nDone.", Repair::extracted, {"a"}},
        Case{"```\nno json\n```\n```json\n[\"a\"]\n```", Repair::extracted, {"a"}},
        Case{"{\"text\": \"a\"}\n{\"text\": \"b\"}", Repair::extracted, {"a", "b"}},
        Case{"like {\"utterances\": [\"x\"]} then\n{\"utterances\": [\"a\", \"b\"]}",
             Repair::extracted,
             {"a", "b"}}));

INSTANTIATE_TEST_SUITE_P(
    Mended, Reads,
    ::testing::Values(
        Case{R"({"utterances": ["a", "b",]})", Repair::mended, {"a", "b"}},
        Case{R"({"utterances": ["a",, "b"],})", Repair::mended, {"a", "b"}},
        Case{"{\"utterances\": [\"a\"\n \"b\"]}", Repair::mended, {"a", "b"}},
        Case{"{'utterances': ['a', 'don't', 'say \"b\"']}", Repair::mended, {"a", "don't", "say \"b\""}},
        Case{"{“utterances”：[“打开主屏”，“关闭”]}", Repair::mended, {"打开主屏", "关闭"}},
        Case{"{utterances: [\"a\"]}", Repair::mended, {"a"}},
        Case{"{\"utterances\": [\"a\nb\", \"c\"]}", Repair::mended, {"a\nb", "c"}},
        Case{R"({"utterances": ["点\[确定\]"]})", Repair::mended, {"点\\[确定\\]"}},
        Case{R"({"utterances": ["把"主屏"打开", "他说"好",然后走", "c"]})",
             Repair::mended,
             {"把\"主屏\"打开", "他说\"好\",然后走", "c"}},
        Case{R"({"utterances": ["a", "b"})", Repair::mended, {"a", "b"}},
        Case{R"({"utterances": ["a"]]})", Repair::mended, {"a"}},
        Case{"{\"utterances\": [\"\\ud83d\", \"\\ud83d\\ude00\", \"\\u4f60\"],}",
             Repair::mended,
             {"\uFFFD", "😀", "你"}},
        Case{"{\"utterances\": [\"a\xFF\", \"b\"]}", Repair::mended, {"a\uFFFD", "b"}},
        Case{"Here: [ok] {name} {\"utterances\": [\"a\",]} bye", Repair::mended, {"a"}},
        Case{"```json\n{\"utterances\": [\"a\",]}\n```", Repair::mended, {"a"}},
        Case{"like [\"x\"]: {\"utterances\": [\"a\", \"b\",]}", Repair::mended, {"a", "b"}},
        Case{R"([{"text": "a", "n": 01}, {"text": "b", "ok": True}])", Repair::mended, {"a", "b"}}));

INSTANTIATE_TEST_SUITE_P(
    Salvaged, Reads,
    ::testing::Values(
        Case{R"({"utterances": ["a", "b", "c)", Repair::salvaged, {"a", "b"}},
        Case{R"({"utterances": ["a", "b")", Repair::salvaged, {"a", "b"}},
        Case{R"({"utterances": ["a", "b", )", Repair::salvaged, {"a", "b"}},
        Case{R"({"utterances": ["a", "b"])", Repair::salvaged, {"a", "b"}},
        Case{R"({"utterances": ["a", "b\)", Repair::salvaged, {"a"}},
        Case{R"(["a", "b)", Repair::salvaged, {"a"}},
        Case{R"({"utterances": [{"text": "a"}, {"te)", Repair::salvaged, {"a"}},
        Case{R"({"utterances": [{"text": "a"}, {"text": "b", "slots": [{"n)", Repair::salvaged, {"a", "b"}},
        Case{"```json\n{\"utterances\": [\"a\", \"b", Repair::salvaged, {"a"}},
        Case{"{\"utterances\": [\"a\", \"\xE4\xB8", Repair::salvaged, {"a"}}));

struct Failure {
  const char* body;
  Finish finish;
  const char* verdict;
};

TEST(Reply, WithoutUtterances) {
  const Failure failures[] = {
      {"", Finish::stop, "broken_json"},
      {"   ", Finish::length, "broken_json"},
      {"把主屏打开", Finish::stop, "broken_json"},
      {"{\"utterances\": [\"a", Finish::length, "broken_json"},
      {"{\"utterances\": ", Finish::length, "broken_json"},
      {"[1, 2, 3]", Finish::stop, "broken_json"},
      {"{\"error\": 7}", Finish::stop, "broken_json"},
      {"\"a\"", Finish::stop, "broken_json"},
      {"<think>I can't decide and {\"utterances\": [\"a\"]}", Finish::length, "broken_json"},
      {"[level] and {name}", Finish::stop, "broken_json"},
      {"抱歉，我不能帮你生成这些内容。", Finish::stop, "refused"},
      {"作为一个AI，我无法完成。", Finish::stop, "refused"},
      {"I’m sorry, but I can’t help with that.", Finish::stop, "refused"},
      {"<think>hm</think>I cannot assist with that request.", Finish::stop, "refused"},
      {"{\"error\": \"I'm unable to do this\"}", Finish::stop, "refused"},
      {"{\"utterances\": [\"抱歉，我不能提供这样的内容\"]}", Finish::stop, "refused"},
      {"{\"utterances\": [\"I'm sorry, but I can't assist with that.\"]}", Finish::stop, "refused"},
      {"{\"utterances\": [\"作为一个人工智能语言模型，我没有声音\"]}", Finish::stop, "refused"},
      {"{\"utterances\": [\"我是一个AI助手，无法执行\"]}", Finish::stop, "refused"},
      {"{\"utterances\": [\"很遗憾，无法为您生成相关内容\"]}", Finish::stop, "refused"},
      {"{\"utterances\":[\"s2, i can not understand that", Finish::stop, "broken_json"},
      {"{\"utterances\": [\"我无法完成这个请求。\"]}", Finish::stop, "refused"},
      {"{\"utterances\": [\"As an AI language model, I have no voice\"]}", Finish::stop, "refused"},
      {"{\"utterances\": [\"I’m an AI and don’t do that\"]}", Finish::stop, "refused"},
      {"{\"utterances\": [\"I cannot help you with this request\"]}", Finish::stop, "refused"},
      {"{\"utterances\": [\"I'm unable to generate such content.\"]}", Finish::stop, "refused"},
      {"", Finish::content_filter, "refused"},
      {"{\"utterances\": []}", Finish::content_filter, "refused"},
  };
  for (const Failure& failure : failures) {
    const ParsedReply reply = parse_reply(failure.body, failure.finish);
    EXPECT_EQ(verdict_code(reply.verdict), failure.verdict) << failure.body;
    EXPECT_TRUE(reply.utterances.empty()) << failure.body;
  }
}

TEST(Reply, ALineIsTheUtterance) {
  const auto read = [](std::string_view body, model::Finish finish = model::Finish::stop) {
    return parse_reply(body, finish, model::Wire::line);
  };
  EXPECT_EQ(read("把[level:三十]调好").utterances, std::vector<std::string>{"把[level:三十]调好"});
  EXPECT_EQ(read("  音量三十\n").utterances, std::vector<std::string>{"音量三十"});
  EXPECT_EQ(read("{\"utterances\": []}").utterances, std::vector<std::string>{"{\"utterances\": []}"});
  EXPECT_EQ(read("音量").repair, Repair::strict);
  EXPECT_EQ(read("").verdict, Verdict::broken_json);
  EXPECT_EQ(read("一\n二").verdict, Verdict::broken_json);
  EXPECT_EQ(read("音量调到", model::Finish::length).verdict, Verdict::broken_json);
  EXPECT_EQ(read("抱歉，我无法完成这个请求。").verdict, Verdict::refused);
}

TEST(Reply, PeopleSayNoToo) {
  for (const char* body :
       {R"({"utterances": ["抱歉，我不能参加下午的会"]})",
        R"({"utterances": ["对不起我[start:三点]才到，内容改天讲"]})",
        R"({"utterances": ["I'm sorry, I can't make it at noon"]})",
        R"({"utterances": ["sorry, can you help with the lights"]})",
        R"({"utterances": ["I can't find my content, show it"]})",
        R"({"utterances": ["I won't be home, create an alarm"]})",
        R"({"utterances": ["抱歉，请求打开内容"]})", R"({"utterances": ["抱歉，打开这些内容"]})",
        R"({"utterances": ["抱歉，处理这封邮件"]})", R"({"utterances": ["把这首歌设成AI助手的铃声"]})",
        R"({"utterances": ["我不能参加了，提供一下会议内容"]})",
        R"({"utterances": ["sorry, play this content"]})",
        R"({"utterances": ["register me as an AI engineer"]})",
        R"({"utterances": ["I can't help with the cooking tonight, order food"]})",
        R"({"utterances": ["作为一个AI，我把[device:主屏]打开"]})",
        R"({"utterances": ["抱歉，我不能提供这样的内容", "b"]})"})
    EXPECT_EQ(parse_reply(body, Finish::stop).verdict, Verdict::accepted) << body;
  EXPECT_EQ(parse_reply(R"({"utterances": ["a"]})", Finish::content_filter).verdict, Verdict::accepted);
}

TEST(Reply, LargeBodiesTakeLinearTime) {
  const auto repeat = [](std::string_view what, std::size_t bytes) {
    std::string out;
    while (out.size() < bytes) out += what;
    return out;
  };
  constexpr std::size_t kBytes = std::size_t{4} << 20;
  for (const char* what : {"[", "{", "\"", "[\"", "{\"", "\\", "```", "{\"a\":", "[{\"a\":[", "\" ", "' ",
                           "“", "```[", "[]", "{}", "<think>", "]", "\",", " "}) {
    parse_reply(repeat(what, kBytes), Finish::stop);
    parse_reply("{\"utterances\": [\"a\", \"" + repeat(what, kBytes), Finish::length);
  }
  std::string long_list = "{\"utterances\": [";
  long_list += repeat("\"把主屏打开\",", kBytes);
  const ParsedReply reply = parse_reply(long_list, Finish::length);
  EXPECT_EQ(reply.repair, Repair::salvaged);
  EXPECT_GT(reply.utterances.size(), kBytes / 20);
}

TEST(Reply, CutAnywhereTheWholeStringsBeforeAreKept) {
  const std::string whole =
      R"({"utterances": ["把[device:主屏]打开", "b\"\\", "\u4f60\ud83d\ude00", {"text": "d"}]})";
  const std::vector<std::string> all = {"把[device:主屏]打开", "b\"\\", "你😀", "d"};
  std::size_t most = 0;
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    const ParsedReply reply = parse_reply(whole.substr(0, size), Finish::length);
    ASSERT_LE(reply.utterances.size(), all.size()) << size;
    ASSERT_GE(reply.utterances.size(), most) << size;
    most = reply.utterances.size();
    for (std::size_t i = 0; i < most; ++i) ASSERT_EQ(reply.utterances[i], all[i]) << size;
  }
  EXPECT_EQ(most, all.size());
}

TEST(Mend, GivesUpOnAbsurdDepth) {
  EXPECT_EQ(mend_json(std::string(1000, '[')).json, "");
  EXPECT_EQ(mend_json("[[1, \"a\"").json, "[[\"a\"]]");
}

TEST(ParseReply, ValuesOfACatalogueAreReadInTheSameWay) {
  const struct {
    std::string body;
    Repair repair;
  } cases[] = {
      {R"({"values": ["王明", "李华"]})", Repair::strict},
      {"```json\n{\"values\": [\"王明\", \"李华\"]}\n```", Repair::fenced},
      {R"(["王明", "李华"])", Repair::extracted},
      {R"({"values": ["王明", "李华",]})", Repair::mended},
      {R"({"values": ["王明", "李华", "赵)", Repair::salvaged},
  };
  for (const auto& test : cases) {
    const ParsedReply reply = parse_reply(test.body, model::Finish::stop, model::Wire::values);
    EXPECT_EQ(reply.verdict, Verdict::accepted) << test.body;
    EXPECT_EQ(repair_name(reply.repair), repair_name(test.repair)) << test.body;
    EXPECT_EQ(reply.utterances, (std::vector<std::string>{"王明", "李华"})) << test.body;
  }
}

}  // namespace
}  // namespace validators
