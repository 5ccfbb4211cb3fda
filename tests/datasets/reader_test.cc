#include "datasets/readers/reader.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

#include "base/json_writer.h"
#include "datasets/row.h"

namespace datasets {
namespace {

// A row as a person would write it: `intent: text with [slot=surface]`; out of scope has no intent.
std::string shown(const Row& row) {
  std::string out;
  for (const Frame& frame : row.frames) {
    out += frame.intent;
    for (const Slot& slot : frame.slots)
      out += fmt::format(" {}={}@{}-{}{}", slot.name, slot.text, slot.start, slot.end,
                         slot.value == slot.text ? "" : "(" + slot.value + ")");
    out += "; ";
  }
  return out + row.text;
}

std::string shown(const Reading& reading) {
  std::string out;
  for (const ReadRow& row : reading.rows)
    out += fmt::format("{}:{} {}\n", row.place.line, row.place.column, shown(row.row));
  for (const Fault& fault : reading.faults)
    out += fmt::format("{}:{} {} {}{}\n", fault.place.line, fault.place.column, static_cast<int>(fault.kind),
                       fault.what, fault.mended ? " (mended)" : "");
  return out;
}

std::string read(std::string text, std::optional<Format> expected) {
  const auto file = read_data(std::move(text), std::nullopt);
  if (!file) return file.error().message;
  if (expected) {
    EXPECT_EQ(format_name(file->format), std::string(format_name(*expected)));
  }
  return shown(file->reading);
}

TEST(SnipsReader, ReadsTheBenchmark) {
  EXPECT_EQ(read("{\"Rate\": [{\"data\": [{\"text\": \" rate \"}, {\"text\": \" Heart Beat \", \"entity\": "
                 "\"name\"},"
                 " {\"text\": \"\\n\"}]},\n {\"data\": [{\"text\": \"stop\"}]}]}",
                 Format::snips),
            "1:11 Rate name=Heart Beat@6-16; rate  Heart Beat\n"
            "2:2 Rate; stop\n");
}

TEST(SnipsReader, ReadsDataSetsOfTheLibrary) {
  EXPECT_EQ(read(R"({"language":"en","entities":{"city":{"data":[{"value":"x","synonyms":[]}]}},
"intents":{"go":{"utterances":[
{"data":[{"text":"to "},{"text":"Paris","entity":"city","slot_name":"to"}]}]}}})",
                 Format::snips),
            "3:1 go to=Paris@3-8; to Paris\n");
}

TEST(SnipsReader, ABrokenUtteranceIsAFaultOfItsLine) {
  const std::string good = "{\"data\":[{\"text\":\"a\"}]}";
  for (const std::string bad :
       {R"({"data":[{"text":"b]})", R"({"data":[{"text":"b"})", R"({"data":[{"text":b}]})",
        R"({"data":[{"txt":"b"}]})", R"({"data":"b"})", R"({"date":[]})",
        R"({"data":[{"text":"","entity":"e"}]})", R"({"data":[{"text":"\x"}]})"}) {
    const auto file = read_data("{\"I\":[\n" + good + ",\n" + bad + ",\n" + good + "\n]}", Format::snips);
    ASSERT_TRUE(file);
    ASSERT_EQ(file->reading.faults.size(), 1U) << bad << "\n" << shown(file->reading);
    EXPECT_EQ(file->reading.faults[0].place.line, 3U) << bad;
    EXPECT_EQ(file->reading.faults[0].kind, ReadFault::broken_json);
    ASSERT_EQ(file->reading.rows.size(), 2U) << bad << "\n" << shown(file->reading);
    EXPECT_EQ(file->reading.rows[1].place.line, 4U);
    EXPECT_EQ(file->reading.rows[1].row.frames[0].intent, "I");
  }
}

TEST(TableReader, ReadsHwu64) {
  EXPECT_EQ(read("answerid;scenario;intent;answer_annotation;answer_from_anno\r\n"
                 "1;alarm;set;\"wake me at [time : five am] \"\"now\"\"\";x\r\n"
                 "2;alarm;query;any alarms;\"two\nlines\"\n"
                 "\n"
                 "3;a;b;[x : ü] [y:z];",
                 Format::table),
            "2:0 alarm_set time=five am@11-18; wake me at five am \"now\"\n"
            "3:0 alarm_query; any alarms\n"
            "6:0 a_b x=ü@0-1 y=z@2-3; ü z\n");
}

TEST(TableReader, ReadsPlainTexts) {
  EXPECT_EQ(read("text,category\n\"hi, there\",greet\nhm,oos\n", Format::table),
            "2:0 greet; hi, there\n3:0 hm\n");
  EXPECT_EQ(read("utterance\tintent\n音量大一点\tup\n", Format::table), "2:0 up; 音量大一点\n");
}

TEST(TableReader, ABrokenLineIsAFaultOfThatLine) {
  const std::pair<const char*, const char*> cases[] = {
      {"a [x : b;i", "2:0 1 character 3: `[` is never closed\n"},
      {"a ] b;i", "2:0 1 character 3: `]` without `[`\n"},
      {"a [x : [y : b]];i", "2:0 1 character 8: `[` inside a slot\n"},
      {"日 [x b];i", "2:0 1 character 3: a slot without a colon: [x b]\n"},
      {"a [x : ];i", "2:0 1 character 3: a slot without a value: [x : ]\n"},
      {"a [ : b];i", "2:0 1 character 3: a slot without a name: [ : b]\n"},
      {"a", "2:0 1 1 columns, the header has 2\n"},
      {"a;i;x", "2:0 1 3 columns, the header has 2\n"},
      {"\"a;i", "2:0 1 a quote isn't closed\n"},
      {"\"a\"b;i", "2:0 1 a quote inside a quoted cell; double it\n"},
  };
  for (const auto& [line, fault] : cases)
    EXPECT_EQ(read(fmt::format("annotation;intent\n{}\nc;i\n", line), Format::table),
              fmt::format("3:0 i; c\n{}", fault));
}

TEST(BioReader, ReadsXsid) {
  EXPECT_EQ(read("# id = 1\n# text-en = Will it rain?\n# text = 今天会 下雨吗？\n# intent = weather/find\n"
                 "1\t今天\tweather/find\tB-datetime\n2\t会\tweather/find\tO\n3\t下\tweather/find\tB-weather/"
                 "attribute\n"
                 "4\t雨\tweather/find\tI-weather/attribute\n5\t吗？\tweather/find\tO\n\n",
                 Format::bio),
            "1:0 weather/find datetime=今天@0-2 weather/attribute=下雨@4-6; 今天会 下雨吗？\n");
}

TEST(BioReader, ReadsTwoColumns) {
  EXPECT_EQ(read("flights O\nto O\nnew B-city\nyork I-city\nboston B-city\natis_flight\n\n播 O\n放 O\n晴 "
                 "B-song\n天 I-song\nplay\n",
                 Format::bio),
            "1:0 atis_flight city=new york@11-19 city=boston@20-26; flights to new york boston\n"
            "8:0 play song=晴天@2-4; 播放晴天\n");
  EXPECT_EQ(read("# intent: x\r\na\tO\r\n\r\n# intent: y\r\nb\tB-s\r\n", Format::bio),
            "1:0 x; a\n4:0 y s=b@0-1; b\n");
}

TEST(BioReader, ABrokenLineIsAFaultOfItsSentence) {
  EXPECT_EQ(read("a O\nb X-y\nc O\n\nd O\ni\n", Format::bio),
            "5:0 i; d\n2:0 1 `X-y` is no tag (O, B-slot, I-slot)\n");
  EXPECT_EQ(read("a O\ni\nj\n\nb O\ni\n", Format::bio),
            "5:0 i; b\n3:0 1 a line with one column, and the intent is known already\n");
  EXPECT_EQ(read("# text = a b\na O\nc O\n\n# text = d\nd O\n", Format::bio),
            "5:0 d\n3:0 1 the token `c` isn't what stands next in `# text`\n");
  EXPECT_EQ(read("1\ta\ti\tO\n2\t\ti\tO\n\n1\ta\ti\tO\n2\t\ti\tB-x\n", Format::bio),
            "1:0 i; a\n2:0 1 a line without a token (mended)\n5:0 1 a tag without a token\n");
  EXPECT_EQ(read("a O\nb I-x\nc I-y\ni\n", Format::bio),
            "1:0 i x=b@2-3 y=c@4-5; a b c\n2:0 1 I-x continues nothing; read as B-x (mended)\n"
            "3:0 1 I-y continues nothing; read as B-y (mended)\n");
}

TEST(RowReader, ReadsRowsAsTheyAreWritten) {
  Row row;
  row.id = "9f3a61c2e07b4d15";
  row.text = "把主屏音量调到百分之三十";
  row.language = "zh-Hans";
  row.frames = {{"set_volume", {{"device", "主屏", "主屏", 1, 3}, {"level", "百分之三十", "30", 7, 12}}}};
  row.model = "qwen";
  row.style = {{"register", "口语"}};
  row.source = {"set_volume|device+level|zh-Hans|in_scope", 7, 3, "0123456789abcdef0123456789abcdef"};
  row.template_text = "把[device]音量调到[level]";
  row.split = Split::dev;
  std::string json;
  append_row(row, json);
  const auto file = read_data("\xEF\xBB\xBF" + json + "\r\n\n" + json, std::nullopt);
  ASSERT_TRUE(file);
  EXPECT_TRUE(file->reading.faults.empty()) << shown(file->reading);
  ASSERT_EQ(file->reading.rows.size(), 2U);
  EXPECT_EQ(file->reading.rows[1].place.line, 3U);
  std::string again;
  append_row(file->reading.rows[1].row, again);
  EXPECT_EQ(again, json);
}

TEST(RowReader, ReadsWhatOthersWrite) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"text":"a 30","intent":"i","slots":[{"name":"n","value":30}]})", "1:0 i n=@0-0(30); a 30\n"},
      {R"({"text":"a 30","intent":"i","slots":[{"name":"n","start":2,"end":4}]})", "1:0 i n=30@2-4; a 30\n"},
      {R"({"text":"a","intent":"none"})", "1:0 a\n"},
      {R"({"text":"a","frames":[]})", "1:0 a\n"},
      {R"({"text":"a","frames":[{"intent":"i"},{"intent":"j"}]})", "1:0 i; j; a\n"},
  };
  for (const auto& [line, rows] : cases) EXPECT_EQ(read(line, Format::rows), rows) << line;
  EXPECT_EQ(read("[\n  {\n    \"text\": \"a\",\n    \"intent\": \"i\"\n  },\n  {\"text\": \"b\", \"intent\": "
                 "\"i\"}\n]",
                 Format::rows),
            "2:3 i; a\n6:3 i; b\n");
}

TEST(RowReader, Faults) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"text":"a)", "1:0 0 isn't JSON: "},
      {R"(x{"text":"a"})", "1:0 0 isn't JSON: "},
      {R"(["text":])", "1:0 0 not one row in it"},
      {R"("text")", "1:0 0 a row must be an object\n"},
      {R"({"txt":"a"})", "1:0 0 `text` is missing, or isn't a string\n"},
      {R"({"text":7})", "1:0 0 `text` is missing, or isn't a string\n"},
      {R"({"text":"a"})", "1:0 0 `intent` is missing, or isn't a string\n"},
      {R"({"text":"a","frames":7})", "1:0 0 `frames` must be an array\n"},
      {R"({"text":"a","frames":[7]})", "1:0 0 a frame must be an object\n"},
      {R"({"text":"a","intent":"i","slots":{}})", "1:0 0 `slots` must be an array\n"},
      {R"({"text":"a","intent":"i","slots":[7]})", "1:0 0 a slot must be an object\n"},
      {R"({"text":"a","intent":"i","slots":[{}]})", "1:0 0 a slot without `name`\n"},
      {R"({"text":"a","intent":"i","slots":[{"name":"n"}]})", "1:0 i; a\n1:0 3 n: an empty value\n"},
      {R"({"text":"a","intent":"i","slots":[{"name":"n","text":"b"}]})",
       "1:0 i; a\n1:0 3 n: `b` isn't in the text\n"},
      {R"({"text":"a","intent":"i","slots":[{"name":"n","start":0,"end":2}]})",
       "1:0 i; a\n1:0 4 n: 0 to 2 is no place in the text\n"},
      {R"({"text":"日 a","intent":"i","slots":[{"name":"n","text":"a","start":1,"end":2}]})",
       "1:0 i n=a@2-3; 日 a\n1:0 4 n: `a` stands at 2 (mended)\n"},
      {R"({"text":"a a","intent":"i","slots":[{"name":"n","text":"a","start":1,"end":2}]})",
       "1:0 i n=a@0-1; a a\n1:0 4 n: `a` stands at 0 and elsewhere\n"},
      {R"({"text":"3 of 30","intent":"i","slots":[{"name":"n","text":"3"}]})", "1:0 i n=3@0-1; 3 of 30\n"},
      {R"({"text":"3 of 3","intent":"i","slots":[{"name":"n","text":"3"}]})",
       "1:0 i n=3@0-1; 3 of 3\n1:0 5 n: `3` stands 2 times in the text\n"},
  };
  for (const auto& [line, what] : cases) {
    const auto file = read_data(line, Format::rows);
    ASSERT_TRUE(file);
    EXPECT_TRUE(shown(file->reading).starts_with(what)) << line << "\n"
                                                        << shown(file->reading) << "not\n"
                                                        << what;
  }
}

TEST(ChatReader, ReadsEveryShapeOfAnAnswer) {
  const std::string want = "1:0 up n=@0-0(30) d=@0-0(tv); tv to 30\n";
  const auto messages = [](std::string_view answer) {
    std::string out = R"({"messages":[{"role":"system","content":"s"},{"role":"user","content":"tv to 30 "},)"
                      R"({"role":"assistant","content":)";
    base::append_json_string(answer, out);
    return out + "}]}";
  };
  for (const char* answer : {
           R"({"intent":"up","slots":{"n":30,"d":"tv"}})",
           R"([{"intent":"up","slots":{"n":[30],"d":"tv","x":null,"y":[]}}])",
           R"({"intent":"up","slots":[{"name":"n","value":"30"},{"slot":"d","text":"tv"}]})",
           R"({"name":"up","arguments":{"n":30,"d":"tv"}})",
           R"({"name":"up","arguments":"{\"n\":30,\"d\":\"tv\"}"})",
           "```json\n{\"intent\":\"up\",\"slots\":{\"n\":30,\"d\":\"tv\"}}\n```",
           "<think>hm</think>\n{\"intent\":\"up\",\"slots\":{\"n\":30,\"d\":\"tv\"}}",
       })
    EXPECT_EQ(read(messages(answer), Format::chat), want) << answer;
  for (
      const char* row : {
          R"({"tools":"[]","messages":[{"role":"user","content":"tv to 30"},{"role":"tool_call","content":"{\"name\":\"up\",\"arguments\":{\"n\":30,\"d\":\"tv\"}}"}]})",
          R"({"messages":[{"role":"user","content":"x"},{"role":"assistant","content":"y"},{"role":"user","content":"tv to 30"},{"role":"assistant","content":null,"tool_calls":[{"type":"function","function":{"name":"up","arguments":"{\"n\":30,\"d\":\"tv\"}"}}]},{"role":"tool","content":"ok"},{"role":"assistant","content":"Done."}]})",
          R"({"conversations":[{"from":"human","value":"tv to 30"},{"from":"gpt","value":"{\"intent\":\"up\",\"slots\":{\"n\":30,\"d\":\"tv\"}}"}]})",
          R"({"query":"tv to 30","response":"{\"intent\":\"up\",\"slots\":{\"n\":30,\"d\":\"tv\"}}"})",
          R"({"instruction":"parse","input":"tv to 30","output":"{\"intent\":\"up\",\"slots\":{\"n\":30,\"d\":\"tv\"}}"})",
      })
    EXPECT_EQ(read(row, Format::chat), want) << row;
  EXPECT_EQ(read(messages(R"([{"intent":"a"},{"intent":"b","slots":{}}])"), Format::chat),
            "1:0 a; b; tv to 30\n");
  EXPECT_EQ(read(messages(R"({"intent":"none","slots":{}})"), Format::chat), "1:0 tv to 30\n");
  EXPECT_EQ(
      read(
          R"({"tools":"[]","messages":[{"role":"user","content":"hm"},{"role":"assistant","content":"I can't."}]})",
          Format::chat),
      "1:0 hm\n");
}

TEST(ChatReader, Faults) {
  const auto messages = [](std::string_view answer) {
    return fmt::format(
        R"({{"messages":[{{"role":"user","content":"a"}},{{"role":"assistant","content":"{}"}}]}})", answer);
  };
  const std::pair<std::string, const char*> cases[] = {
      {R"({"messages":[)", "isn't JSON: "},
      {R"([7])", "not one row"},
      {R"("x")", "a row must be an object"},
      {R"({"messages":"x"})", "`messages` must be an array"},
      {R"({"messages":[7]})", "messages[0] must be an object"},
      {R"({"messages":[{"role":"usr","content":"a"}]})", "messages[0]: `role` is none of"},
      {R"({"messages":[]})", "no user message"},
      {R"({"messages":[{"role":"user","content":"a"}]})", "no answer to the user"},
      {R"({"messages":[{"role":"user","content":"a"},{"role":"user","content":"b"}]})",
       "two user messages in a row"},
      {R"({"messages":[{"role":"user","content":""},{"role":"assistant","content":"b"}]})",
       "no user message"},
      {R"({"messages":[{"role":"user","content":"a"},{"role":"assistant","tool_calls":[{}]}]})",
       "a tool call without `function`"},
      {R"({"x":1})", "neither `messages` nor a query"},
      {R"({"query":"x"})", "no answer"},
      {messages("up it is"), "the answer isn't JSON: up it is"},
      {messages(R"({\"intent\":)"), "the answer isn't JSON: "},
      {messages(R"([7])"), "the answer must be an object"},
      {messages(R"({})"), "the answer has no `intent`"},
      {messages(R"({\"intent\":[]})"), "the answer's `intent` must be a string"},
      {messages(R"({\"intent\":\"i\",\"slots\":7})"), "the answer's `slots` must be an object or a list"},
      {messages(R"({\"intent\":\"i\",\"slots\":[7]})"), "the answer's slots must be objects"},
      {messages(R"({\"intent\":\"i\",\"slots\":[{\"value\":1}]})"),
       "the answer has a slot without a name or a value"},
      {messages(R"({\"intent\":\"i\",\"slots\":{\"x\":{}}})"),
       "the answer's slot `x` must be a string or a number"},
      {messages(R"({\"intent\":\"i\",\"arguments\":\"{\"})"), "the answer's `arguments` aren't JSON"},
      {messages(R"({\"intent\":\"i\",\"slots\":{\"x\":\" \"}})"), "x: an empty value"},
  };
  for (const auto& [row, what] : cases) {
    const auto file = read_data(row, Format::chat);
    ASSERT_TRUE(file);
    ASSERT_EQ(file->reading.faults.size(), 1U) << row << shown(file->reading);
    EXPECT_TRUE(file->reading.faults[0].what.starts_with(what)) << row << "\n"
                                                                << file->reading.faults[0].what;
  }
}

TEST(RasaReader, ReadsExamples) {
  EXPECT_EQ(read(R"(version: "3.1"

nlu:
- intent: book   # comment
  examples: |
    - to [Berlin](city) and [Rom](city:Rome)
    - from [Bonn]{"entity": "city", "role": "from", "value": "BN"}

    - 去[北京](city)吧
- synonym: x
  examples: |
    - y
- intent: greet
  examples:
  - text: |
      hi
    metadata: {}
  - hello
)",
                 Format::rasa),
            "6:0 book city=Berlin@3-9 city=Rom@14-17(Rome); to Berlin and Rom\n"
            "7:0 book city_from=Bonn@5-9(BN); from Bonn\n"
            "9:0 book city=北京@1-3; 去北京吧\n"
            "16:0 greet; hi\n"
            "18:0 greet; hello\n");
}

TEST(RasaReader, Faults) {
  const std::pair<const char*, const char*> cases[] = {
      {"- a [b", "character 3: `[` is never closed"},
      {"- a [b](c", "character 6: `(` is never closed"},
      {"- 日 [b]{c", "character 6: `{` is never closed"},
      {"- a [b] c", "character 3: a value without its slot: write [value](slot)"},
      {"- a [ ](c)", "character 3: a slot without a value"},
      {"- a [b]( )", "character 6: a value without a name of its slot"},
      {"- a [b]{c}", "character 6: what follows a value must be {\"entity\": …}"},
      {"- a [b]{\"role\":\"c\"}", "character 6: what follows a value must be {\"entity\": …}"},
      {"a", "an example must begin with `- `"},
  };
  for (const auto& [line, fault] : cases)
    EXPECT_EQ(read(fmt::format("nlu:\n- intent: i\n  examples: |\n    {}\n    - c\n", line), Format::rasa),
              fmt::format("5:0 i; c\n4:0 1 {}\n", fault));
  EXPECT_TRUE(read("nlu:\n- intent: [\n", Format::rasa).find("isn't YAML") != std::string::npos);
  EXPECT_EQ(read("nlu: 7\n", Format::rasa), "1:0 1 `nlu` must be a list\n");
  EXPECT_EQ(read("nlu:\n- 7\n- intent: i\n", Format::rasa),
            "2:0 1 an entry of `nlu` must be a mapping\n3:0 1 an intent without `examples`\n");
}

TEST(Reader, ManyLinesAreReadInTheirOrder) {
  std::string text;
  for (int i = 0; i < 40000; ++i)
    text += i % 1000 == 7 ? "{\n"
                          : fmt::format(R"({{"text":"text {}","intent":"i"}})"
                                        "\n",
                                        i);
  const auto file = read_data(text, std::nullopt);
  ASSERT_TRUE(file);
  ASSERT_EQ(file->reading.rows.size(), 39960U);
  ASSERT_EQ(file->reading.faults.size(), 40U);
  EXPECT_EQ(file->reading.faults[39].place.line, 39008U);
  for (const ReadRow& row : file->reading.rows)
    ASSERT_EQ(row.row.text, fmt::format("text {}", row.place.line - 1));
}

TEST(Reader, OtherEncodings) {
  EXPECT_EQ(read("text,intent\ncaf\xE9 cr\xE8me,x\ncafé,x\nI \xED\xA0\xBD\xED\xB8\x80,x\n", Format::table),
            "2:0 x; café crème\n3:0 x; café\n4:0 x; I 😀\n"
            "2:0 2 bytes that aren't UTF-8, read as Latin-1: éè (mended)\n"
            "4:0 2 bytes that aren't UTF-8, read as surrogate pairs: 😀 (mended)\n");
  EXPECT_EQ(read("text,intent\n\xB0\xD1\xD2\xF4\xC1\xBF,x\n", {}),
            "isn't UTF-8; if it is in a Chinese encoding, convert it: iconv -f GB18030 -t UTF-8");
  EXPECT_EQ(read(std::string("\xFF\xFE{\0", 4), {}), "is UTF-16; convert it: iconv -f UTF-16 -t UTF-8");
}

TEST(Reader, WhatIsNoDataSetIsSaid) {
  const char* unknown = "is in no format that is known; name one of ";
  for (const char* text : {"hello", "{\"a\":1}", "[1,2]", "a,b\n1,2\n", "<html>"})
    EXPECT_TRUE(read(text, {}).starts_with(unknown)) << text << read(text, {});
  EXPECT_EQ(read("", {}), "");
  EXPECT_EQ(read("\n \n", {}), "");
  const auto missing = read_data_file("/no/such/file", {});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, base::ErrorKind::bad_input);
  EXPECT_TRUE(missing.error().message.find("/no/such/file") != std::string::npos);
}

}  // namespace
}  // namespace datasets
