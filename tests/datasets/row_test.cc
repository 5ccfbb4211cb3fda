#include "datasets/row.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace datasets {
namespace {

// The example of docs/formats.md, "Row".
Row example() {
  Row row;
  row.id = "9f3a61c2e07b4d15";
  row.text = "把主屏音量调到百分之三十";
  row.language = "zh-Hans";
  row.frames = {{"set_volume", {{"device", "主屏", "主屏", 1, 3}, {"level", "百分之三十", "30", 7, 12}}}};
  row.model = "qwen";
  row.style = {{"register", "口语"}, {"length", "7-12"}};
  row.source = {"set_volume|device+level|zh-Hans|in_scope", 7, 3, "0123456789abcdef0123456789abcdef"};
  row.repairs = {"half_width", "widened"};
  row.template_text = "把[device]音量调到[level]";
  row.votes = {{"max", "reading", "no", {"slots"}}};
  return row;
}

constexpr std::string_view kExample =
    R"({"id":"9f3a61c2e07b4d15","text":"把主屏音量调到百分之三十","language":"zh-Hans","kind":"in_scope",)"
    R"("frames":[{"intent":"set_volume","slots":[{"name":"device","text":"主屏","value":"主屏","start":1,"end":3},)"
    R"({"name":"level","text":"百分之三十","value":"30","start":7,"end":12}]}],"history":[],"origin":"model",)"
    R"("model":"qwen","style":{"register":"口语","length":"7-12"},"source":{"cell":)"
    R"("set_volume|device+level|zh-Hans|in_scope","attempt":7,"index":3,"key":"0123456789abcdef0123456789abcdef"},)"
    R"("repairs":["half_width","widened"],"template":"把[device]音量调到[level]","split":"train",)"
    R"("votes":[{"model":"max","by":"reading","vote":"no","faults":["slots"]}]})";

std::string write(const Row& row) {
  std::string out;
  append_row(row, out);
  return out;
}

std::string error_of(std::string_view json) {
  const auto row = parse_row(json);
  if (row) return "no error";
  EXPECT_EQ(row.error().kind, base::ErrorKind::bad_input);
  return row.error().message;
}

// The example with `from` replaced by `to`.
std::string changed(std::string_view from, std::string_view to) {
  std::string json(kExample);
  const auto at = json.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return json.replace(at, from.size(), to);
}

TEST(Row, IsWrittenInTheOrderOfTheSpecification) { EXPECT_EQ(write(example()), kExample); }

TEST(Row, ReadsBackEveryMember) {
  Row row = example();
  row.text = "a\"\\\n\u2028😀, \xF0\xA0\x80\x80";
  row.kind = Kind::multi_intent;
  row.frames = {{"one", {{"s", "😀", "", 5, 6}}}, {"two", {}}};
  row.origin = "real";
  row.style = {};
  row.source.attempt = std::numeric_limits<std::uint64_t>::max();
  row.source.index = std::numeric_limits<std::uint32_t>::max();
  row.split = Split::test;
  const std::string json = write(row);
  EXPECT_EQ(json.find('\n'), std::string::npos);
  const auto back = parse_row(json);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->text, row.text);
  EXPECT_EQ(back->kind, Kind::multi_intent);
  EXPECT_EQ(back->frames, row.frames);
  EXPECT_EQ(back->source.attempt, row.source.attempt);
  EXPECT_EQ(back->source.index, row.source.index);
  EXPECT_EQ(back->repairs, row.repairs);
  EXPECT_EQ(back->split, Split::test);
  EXPECT_EQ(write(*back), json) << "and so everything else";
  for (const Kind kind : {Kind::in_scope, Kind::out_of_scope, Kind::multi_intent})
    for (const Split split : {Split::train, Split::dev, Split::test}) {
      row.kind = kind;
      row.split = split;
      const auto again = parse_row(write(row));
      ASSERT_TRUE(again);
      EXPECT_EQ(again->kind, kind);
      EXPECT_EQ(again->split, split);
    }
}

TEST(Row, KeysMayComeInAnyOrder) {
  const auto row = parse_row(
      R"({"votes":[],"split":"dev","template":"t","source":{"key":"k","index":1,"attempt":2,"cell":"c"},"style":{},"model":"m",)"
      R"("origin":"model","history":[],"frames":[],"kind":"out_of_scope","language":"en","text":"t","id":"i","repairs":[]})");
  ASSERT_TRUE(row) << row.error().message;
  EXPECT_EQ(row->kind, Kind::out_of_scope);
  EXPECT_EQ(row->source.cell, "c");
  EXPECT_EQ(row->source.attempt, 2U);
}

TEST(Row, NothingIsNoRow) {  // null, which must not reach simdjson: UBSan
  EXPECT_TRUE(error_of(std::string_view()).starts_with("a row must be JSON"));
}

TEST(Row, ErrorsSayWhereAndWhat) {
  const std::pair<std::string, const char*> cases[] = {
      {"", "a row must be JSON"},
      {"{", "a row must be JSON"},
      {std::string(kExample) + "x", "a row must be JSON"},
      {std::string(kExample.substr(0, kExample.size() - 1)), "a row must be JSON"},
      {"[]", "a row must be an object"},
      {"{}", "id: missing"},
      {changed(R"("id":"9f3a61c2e07b4d15",)", ""), "id: missing"},
      {changed(R"("id":"9f3a61c2e07b4d15")", R"("id":1)"), "id: must be a string"},
      {changed(R"("model":"qwen")", R"("model":null)"), "model: must be a string"},
      {changed(R"("model":"qwen")", R"("modle":"qwen")"), "modle: unknown key"},
      {changed(R"("model":"qwen")", R"("model":"qwen","model":"x")"), "model: stands there twice"},
      {changed(R"(,"split":"train")", R"(,"split":"train","more":1)"), "more: unknown key"},
      {changed(R"("in_scope","frames")", R"("identity","frames")"),
       "kind: `identity` is none of in_scope, out_of_scope, multi_intent"},
      {changed(R"("split":"train")", R"("split":"valid")"), "split: `valid` is none of train, dev, test"},
      {changed(R"("history":[])", R"("history":["x"])"), "history: must be an empty array"},
      {changed(R"("history":[])", R"("history":{})"), "history: must be an empty array"},
      {changed(R"("style":{"register":"口语","length":"7-12"})", R"("style":[])"),
       "style: must be an object"},
      {changed(R"("length":"7-12")", R"("length":7)"), "style.length: must be a string"},
      {changed(R"("repairs":["half_width","widened"])", R"("repairs":"widened")"),
       "repairs: must be an array"},
      {changed(R"("half_width")", "7"), "repairs: must be a string"},
      {changed(R"("attempt":7)", R"("attempt":-7)"),
       "source.attempt: must be a whole number from 0 to 18446744073709551615"},
      {changed(R"("index":3)", R"("index":4294967296)"),
       "source.index: must be a whole number from 0 to 4294967295"},
      {changed(R"("index":3)", R"("index":3.0)"),
       "source.index: must be a whole number from 0 to 4294967295"},
      {changed(R"("index":3,)", ""), "source.index: missing"},
      {changed(R"("index":3)", R"("index":3,"more":1)"), "source.more: unknown key"},
      {changed(R"("frames":[{)", R"("frames":[7,{)"), "frames[0]: must be an object"},
      {changed(R"("intent":"set_volume")", R"("intent":7)"), "frames[0].intent: must be a string"},
      {changed(R"("intent":"set_volume",)", ""), "frames[0].intent: missing"},
      {changed(R"("slots":[)", R"("slots":[null,)"), "frames[0].slots[0]: must be an object"},
      {changed(R"("value":"30",)", ""), "frames[0].slots[1].value: missing"},
      {changed(R"("start":7)", R"("start":"7")"),
       "frames[0].slots[1].start: must be a whole number from 0 to 4294967295"},
      {changed(R"("end":12)", R"("end":11)"),
       "frames[0].slots[1].text: `百分之三十` isn't what stands at 7 to 11 in the row's text"},
      {changed(R"("start":1,"end":3)", R"("start":2,"end":4)"),
       "frames[0].slots[0].text: `主屏` isn't what stands at 2 to 4 in the row's text"},
      {changed(R"("start":7,"end":12)", R"("start":100,"end":105)"),
       "frames[0].slots[1].text: `百分之三十` isn't what stands at 100 to 105 in the row's text"},
      {changed(R"("text":"主屏")", R"("text":"")"),
       "frames[0].slots[0].text: `` isn't what stands at 1 to 3 in the row's text"},
  };
  for (const auto& [json, message] : cases)
    EXPECT_TRUE(error_of(json).starts_with(message)) << error_of(json) << "\nnot\n" << message;
}

TEST(Row, EveryTruncationIsAnError) {
  for (std::size_t size = 0; size < kExample.size(); ++size)
    ASSERT_FALSE(parse_row(kExample.substr(0, size))) << size;
}

TEST(Row, BrokenUtf8IsRefusedAndNeverWritten) {
  std::string json(kExample);
  json[json.find("音")] = '\xFF';
  EXPECT_TRUE(error_of(json).starts_with("a row must be JSON")) << error_of(json);
  Row row = example();
  row.frames.clear();
  row.text = "a\xFF";
  const auto back = parse_row(write(row));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->text, "a\uFFFD");
}

}  // namespace
}  // namespace datasets
