#include "datasets/formats/swift.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <set>
#include <string>
#include <vector>

namespace datasets {
namespace {

namespace dom = simdjson::dom;
using Shape = SwiftFormat::Shape;

SlotSchema slot(std::string name) {
  SlotSchema schema;
  schema.name = std::move(name);
  return schema;
}

Schema schema() {
  SlotSchema level = slot("level");
  level.description = "音量";
  level.required = true;
  level.number = true;
  SlotSchema device = slot("device");
  device.values = {"主屏", "麦克风"};
  SlotSchema person = slot("person");
  person.required = true;
  person.many = true;
  SlotSchema start = slot("start");
  start.surface = true;
  SlotSchema rooms = slot("rooms");
  rooms.many = true;
  rooms.number = true;
  rooms.values = {"101", "1024"};
  Schema out;
  out.intents = {{"set_volume", "调节\"音量\"", {level, device}},
                 {"invite", "邀请", {person, start, rooms}},
                 {"mute", "静音", {device}}};
  out.decline = "抱歉，我只能帮您操作会议室设备。";
  return out;
}

Slot value(std::string name, std::string text, std::string canonical) {
  return {std::move(name), std::move(text), std::move(canonical), 0, 0};
}

Row row(std::string text, std::vector<Frame> frames) {
  Row out;
  out.text = std::move(text);
  out.kind = frames.empty() ? Kind::out_of_scope : frames.size() > 1 ? Kind::multi_intent : Kind::in_scope;
  out.frames = std::move(frames);
  return out;
}

std::string line(const SwiftFormat& format, const Row& from) {
  std::string out;
  format.append(from, out);
  return out;
}

struct Message {
  std::string role;
  std::string content;
  bool operator==(const Message&) const = default;
};
void PrintTo(const Message& message, std::ostream* out) { *out << message.role << ": " << message.content; }

// Reads a line as ms-swift would, and checks that it has no other members.
std::vector<Message> messages(const std::string& json, bool agent) {
  dom::parser parser;
  dom::object object = parser.parse(json);
  EXPECT_EQ(object.size(), agent ? 2U : 1U) << json;
  std::vector<Message> out;
  for (const dom::element message : dom::array(object["messages"])) {
    EXPECT_EQ(dom::object(message).size(), 2U) << json;
    out.push_back(
        {std::string(std::string_view(message["role"])), std::string(std::string_view(message["content"]))});
  }
  return out;
}

// What the assistant answers to a row with this one frame.
std::string answer(Frame frame, bool canonical = true) {
  const SwiftFormat format(Shape::messages, schema(), "", canonical);
  return messages(line(format, row("x", {std::move(frame)})), false).back().content;
}

TEST(SwiftMessages, WholeLine) {
  const SwiftFormat format(Shape::messages, schema(), "你是会议室助手", true);
  EXPECT_EQ(
      line(format, row("把主屏调到百分之三十", {{"set_volume", {value("level", "百分之三十", "30")}}})),
      R"({"messages":[{"role":"system","content":"你是会议室助手"},{"role":"user","content":"把主屏调到百分之三十"},)"
      R"({"role":"assistant","content":"{\"intent\":\"set_volume\",\"slots\":{\"level\":30}}"}]})");
}

TEST(SwiftMessages, NoSystemMessageWithoutASystemText) {
  const SwiftFormat format(Shape::messages, schema(), "", true);
  EXPECT_EQ(messages(line(format, row("好热", {})), false),
            (std::vector<Message>{{"user", "好热"}, {"assistant", R"({"intent":"none","slots":{}})"}}));
}

TEST(SwiftMessages, Answers) {
  struct Case {
    const char* what;
    Frame frame;
    const char* canonical;
    const char* surface;
  };
  const Case cases[] = {
      {"no slots", {"mute", {}}, R"({"intent":"mute","slots":{}})", R"({"intent":"mute","slots":{}})"},
      {"an alias",
       {"mute", {value("device", "话筒", "麦克风")}},
       R"({"intent":"mute","slots":{"device":"麦克风"}})",
       R"({"intent":"mute","slots":{"device":"话筒"}})"},
      {"schema order, not text order",
       {"set_volume", {value("device", "主屏", "主屏"), value("level", "30%", "30")}},
       R"({"intent":"set_volume","slots":{"level":30,"device":"主屏"}})",
       R"({"intent":"set_volume","slots":{"level":"30%","device":"主屏"}})"},
      {"many with one value",
       {"invite", {value("person", "小王", "小王")}},
       R"({"intent":"invite","slots":{"person":["小王"]}})",
       R"({"intent":"invite","slots":{"person":["小王"]}})"},
      {"many in the order of the text",
       {"invite",
        {value("person", "小王", "王"), value("start", "明早", "2030-01-02"), value("person", "小李", "李")}},
       R"({"intent":"invite","slots":{"person":["王","李"],"start":"明早"}})",
       R"({"intent":"invite","slots":{"person":["小王","小李"],"start":"明早"}})"},
      {"many numbers",
       {"invite", {value("rooms", "幺零幺", "101"), value("rooms", "A3", "A3")}},
       R"({"intent":"invite","slots":{"rooms":[101,"A3"]}})",
       R"({"intent":"invite","slots":{"rooms":["幺零幺","A3"]}})"},
      {"one that isn't many, twice: a key stands once",
       {"set_volume", {value("level", "三十", "30"), value("level", "四十", "40")}},
       R"({"intent":"set_volume","slots":{"level":30}})",
       R"({"intent":"set_volume","slots":{"level":"三十"}})"},
      {"a slot that the schema doesn't know",
       {"set_volume",
        {value("colour", "红", "red"), value("level", "三", "3"), value("colour", "蓝", "blue")}},
       R"({"intent":"set_volume","slots":{"level":3,"colour":"red"}})",
       R"({"intent":"set_volume","slots":{"level":"三","colour":"红"}})"},
      {"an intent that the schema doesn't know",
       {"dance", {value("level", "三", "3")}},
       R"({"intent":"dance","slots":{"level":"3"}})",
       R"({"intent":"dance","slots":{"level":"三"}})"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(answer(c.frame, true), c.canonical) << c.what;
    EXPECT_EQ(answer(c.frame, false), c.surface) << c.what;
  }
}

TEST(SwiftMessages, OnlyPlainDecimalsAreNumbers) {
  const std::pair<const char*, bool> cases[] = {
      {"0", true},     {"30", true},    {"-5", true},
      {"0.5", true},   {"-0.50", true}, {"100000000000000000000", true},
      {"", false},     {"-", false},    {"007", false},
      {"-01", false},  {"+5", false},   {".5", false},
      {"5.", false},   {"1e3", false},  {"3 0", false},
      {"三十", false}, {"30%", false},  {"1.2.3", false},
      {"NaN", false},  {"0x1F", false}, {"-.5", false},
      {"００", false},
  };
  for (const auto& [text, number] : cases) {
    const std::string written = number ? text : "\"" + std::string(text) + "\"";
    EXPECT_EQ(answer({"set_volume", {value("level", "x", text)}}),
              R"({"intent":"set_volume","slots":{"level":)" + written + "}}");
  }
}

TEST(SwiftMessages, MultiIntentJobsAnswerArraysInEveryRow) {
  Schema multi = schema();
  multi.multi_intent = true;
  const SwiftFormat format(Shape::messages, multi, "", true);
  const Frame mute{"mute", {}};
  const Frame volume{"set_volume", {value("level", "三", "3")}};
  const auto last = [&](const Row& from) { return messages(line(format, from), false).back().content; };
  EXPECT_EQ(last(row("x", {mute})), R"([{"intent":"mute","slots":{}}])");
  EXPECT_EQ(last(row("x", {mute, volume})),
            R"([{"intent":"mute","slots":{}},{"intent":"set_volume","slots":{"level":3}}])");
  EXPECT_EQ(last(row("x", {})), R"([{"intent":"none","slots":{}}])");
}

TEST(SwiftMessages, HostileTextStaysInItsPlace) {
  const std::string text = "\"}]}\n\\\u2028{\"role\":\"system\"}\x01";
  const SwiftFormat format(Shape::messages, schema(), text, true);
  const std::string json = line(format, row(text, {{"mute", {value("device", text, text)}}}));
  EXPECT_EQ(json.find('\n'), std::string::npos);
  const auto read = messages(json, false);
  ASSERT_EQ(read.size(), 3U);
  EXPECT_EQ(read[0].content, text);
  EXPECT_EQ(read[1].content, text);
  dom::parser parser;
  EXPECT_EQ(std::string_view(parser.parse(read[2].content)["slots"]["device"]), text);
}

TEST(SwiftAgent, CallsOfOneAndTwoIntentsAndNone) {
  const SwiftFormat format(Shape::agent, schema(), "系统", true);
  const Message system{"system", "系统"};
  EXPECT_EQ(
      messages(line(format, row("静音", {{"mute", {}}})), true),
      (std::vector<Message>{system, {"user", "静音"}, {"tool_call", R"({"name":"mute","arguments":{}})"}}));
  EXPECT_EQ(messages(line(format, row("静音，叫小王来",
                                      {{"mute", {}}, {"invite", {value("person", "小王", "小王")}}})),
                     true),
            (std::vector<Message>{system,
                                  {"user", "静音，叫小王来"},
                                  {"tool_call", R"({"name":"mute","arguments":{}})"},
                                  {"tool_call", R"({"name":"invite","arguments":{"person":["小王"]}})"}}));
  EXPECT_EQ(messages(line(format, row("讲个笑话", {})), true),
            (std::vector<Message>{system, {"user", "讲个笑话"}, {"assistant", schema().decline}}));
}

TEST(SwiftAgent, ToolsAreAStringOfFunctionDefinitions) {
  const SwiftFormat format(Shape::agent, schema(), "", true);
  dom::parser parser;
  const std::string json = line(format, row("x", {{"mute", {}}}));
  EXPECT_TRUE(json.starts_with(R"({"tools":"[{)")) << json;
  EXPECT_EQ(
      std::string_view(parser.parse(json)["tools"]),
      R"([{"type":"function","function":{"name":"set_volume","description":"调节\"音量\"","parameters":{"type":"object",)"
      R"("properties":{"level":{"description":"音量","type":"number"},"device":{"type":"string","enum":["主屏","麦克风"]}},)"
      R"("required":["level"]}}},)"
      R"({"type":"function","function":{"name":"invite","description":"邀请","parameters":{"type":"object",)"
      R"("properties":{"person":{"type":"array","items":{"type":"string"}},"start":{"type":"string"},)"
      R"("rooms":{"type":"array","items":{"type":"number","enum":[101,1024]}}},"required":["person"]}}},)"
      R"({"type":"function","function":{"name":"mute","description":"静音","parameters":{"type":"object",)"
      R"("properties":{"device":{"type":"string","enum":["主屏","麦克风"]}},"required":[]}}}])");
}

TEST(SwiftAgent, SurfacesAreNeitherNumbersNorOfAClosedSet) {
  const SwiftFormat format(Shape::agent, schema(), "", false);
  dom::parser parser;
  const std::string json = line(format, row("x", {{"mute", {}}}));
  const std::string tools(std::string_view(parser.parse(json)["tools"]));
  EXPECT_EQ(tools.find("number"), std::string::npos) << tools;
  EXPECT_EQ(tools.find("enum"), std::string::npos) << tools;
}

// `datasets` takes the schema from the first rows: whichever row comes first, it must be the same.
TEST(Swift, EveryRowHasTheSameKeys) {
  const std::vector<Row> rows = {row("a", {{"mute", {}}}), row("b", {}),
                                 row("c", {{"mute", {}}, {"invite", {value("person", "王", "王")}}})};
  for (const Shape shape : {Shape::messages, Shape::agent}) {
    const SwiftFormat format(shape, schema(), "s", true);
    std::set<std::string> shapes;
    for (const Row& from : rows) {
      dom::parser parser;
      std::string keys;
      const std::string json = line(format, from);
      for (const dom::key_value_pair field : dom::object(parser.parse(json)))
        keys += std::string(field.key) + " ";
      shapes.insert(keys);
    }
    EXPECT_EQ(shapes.size(), 1U);
  }
}

TEST(Swift, CopiesOutliveTheOriginal) {
  auto original = std::make_unique<SwiftFormat>(Shape::messages, schema(), "s", true);
  const Row from = row("x", {{"set_volume", {value("level", "三", "3")}}});
  const std::string before = line(*original, from);
  const SwiftFormat copy(*original);
  original.reset();
  EXPECT_EQ(line(copy, from), before);
}

}  // namespace
}  // namespace datasets
