#include "local_model/wire_grammar.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace local_model {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

model::Request request(model::Wire wire, std::vector<model::PlannedUtterance> utterances) {
  model::Request made;
  made.wire = wire;
  made.utterances = std::move(utterances);
  return made;
}

model::PlannedUtterance one(std::vector<model::PlannedSlot> slots) {
  return {{{"set_volume", std::move(slots)}}};
}

TEST(WireGrammar, ALineHasEachTagOnceInAnyOrder) {
  const std::string grammar =
      wire_grammar(request(model::Wire::line, {one({{"level", "三十"}, {"device", "主屏"}})}));
  EXPECT_EQ(grammar, R"(root ::= u0-3
u0-1 ::= text ("[level:三十]" text)
u0-2 ::= text ("[device:主屏]" text)
u0-3 ::= text ("[level:三十]" u0-2 | "[device:主屏]" u0-1)
text ::= [^\[\]\\\x00-\x1F\x7F]{0,96}
some ::= [^ \[\]\\\x00-\x1F\x7F] text
)");
}

TEST(WireGrammar, WithoutSlotsThereIsSomeText) {
  EXPECT_THAT(wire_grammar(request(model::Wire::line, {one({})})), StartsWith("root ::= some\n"));
}

TEST(WireGrammar, WithALexiconTextIsMadeOfIt) {
  const model::Request asked = request(model::Wire::line, {one({{"level", "三十"}, {"device", "主屏"}})});
  const Lexicon characters{U"把调", {"APP"}};
  EXPECT_EQ(wire_grammar(asked, &characters), R"(root ::= u0-3
u0-1 ::= inner ("[level:三十]" end)
u0-2 ::= inner ("[device:主屏]" end)
u0-3 ::= begin ("[level:三十]" u0-2 | "[device:主屏]" u0-1)
part ::= [ ，。？！、把调] | "APP"
begin ::= part{0,96}
inner ::= begin
end ::= begin
some ::= part begin
)");
  const Lexicon words{{}, {"play", "the"}};
  EXPECT_THAT(wire_grammar(asked, &words), HasSubstr(R"(
word ::= "play" | "the"
gap ::= [,.?!;:]? " "
more ::= (gap word){0,24}
begin ::= (word more gap)?
inner ::= "'s"? more gap
end ::= "'s"? more [.?!]?
some ::= word more [.?!]?
)"));
}

TEST(WireGrammar, AnEnvelopeHasAsManyUtterancesAsArePlanned) {
  const std::string grammar =
      wire_grammar(request(model::Wire::envelope, {one({{"level", "30"}}), one({}), one({{"level", "40"}})}));
  EXPECT_THAT(
      grammar,
      StartsWith(R"(root ::= "{\"utterances\": [" "\"" u0-1 "\"" ", \"" some "\"" ", \"" u2-1 "\"" "]}")"));
  EXPECT_THAT(grammar, HasSubstr("u2-1 ::= text (\"[level:40]\" text)"));
}

TEST(WireGrammar, EscapesOfTheTagsOfJsonAndOfTheGrammarItselfNest) {
  const struct {
    model::Wire wire;
    std::string value;
    std::string literal;
  } cases[] = {
      {model::Wire::line, R"(a"b)", R"("[v:a\"b]")"},
      {model::Wire::line, R"(a]b)", R"("[v:a\\]b]")"},
      {model::Wire::line, R"(a\b)", R"("[v:a\\\\b]")"},
      {model::Wire::envelope, R"(a"b)", R"("[v:a\\\"b]")"},
      {model::Wire::envelope, R"(a]b)", R"("[v:a\\\\]b]")"},
      {model::Wire::envelope, R"(a\b)", R"("[v:a\\\\\\\\b]")"},
  };
  for (const auto& test : cases)
    EXPECT_THAT(wire_grammar(request(test.wire, {one({{"v", test.value}})})), HasSubstr(test.literal))
        << test.value;
}

TEST(WireGrammar, TagsOfTwoFramesCarryTheFrame) {
  model::PlannedUtterance both;
  both.frames = {{"mute", {{"device", "主屏"}}}, {"light", {{"state", "关"}}}};
  const std::string grammar = wire_grammar(request(model::Wire::envelope, {both}));
  EXPECT_THAT(grammar, HasSubstr("[mute.device:主屏]"));
  EXPECT_THAT(grammar, HasSubstr("[light.state:关]"));
}

TEST(WireGrammar, ManyValuesDontMakeTheGrammarExplode) {
  std::vector<model::PlannedSlot> slots;
  for (int i = 0; i < 20; ++i) slots.push_back({"s" + std::to_string(i), "v"});
  const std::string grammar = wire_grammar(request(model::Wire::line, {one(slots)}));
  EXPECT_LT(grammar.size(), 1000U);
  EXPECT_THAT(grammar, HasSubstr("{19}"));
  EXPECT_THAT(grammar, Not(HasSubstr("u0-1 ")));
}

TEST(WireGrammar, ValuesAreOneToAsManyAsAreAsked) {
  EXPECT_EQ(wire_grammar(request(model::Wire::values, {{}, {}, {}})),
            R"(root ::= "{\"values\": [" value (", " value){0,2} "]}"
value ::= "\"" [^ \[\]\\"\x00-\x1F\x7F] [^\[\]\\"\x00-\x1F\x7F]{0,59} "\""
)");
}

TEST(WireGrammar, OpinionsAreOneForEachLine) {
  model::Request asked = request(model::Wire::votes, {{}, {}});
  asked.tags = {"intent", "slots"};
  EXPECT_EQ(wire_grammar(asked),
            R"(root ::= "{\"votes\": ["  "\"1 " opinion "\"" ", " "\"2 " opinion "\"" "]}"
opinion ::= "ok" | name (" " name){0,1}
name ::= "intent" | "slots"
)");
  asked.wire = model::Wire::readings;
  asked.tags = {"level"};
  EXPECT_EQ(wire_grammar(asked),
            R"(root ::= "{\"readings\": ["  "\"1 " opinion "\"" ", " "\"2 " opinion "\"" "]}"
opinion ::= [^\[\]\\"\x00-\x1F\x7F]{1,140} ("[" name ":" [^\[\]\\"\x00-\x1F\x7F]{1,60} "]" " "?){0,32}
name ::= "level"
)");
}

}  // namespace
}  // namespace local_model
