#include "local_model/pattern_checks.h"

#include <gtest/gtest.h>

#include "pattern_testing.h"

namespace local_model {
namespace {

TEST(PatternChecks, Aliases) {
  EXPECT_EQ(load_error("%[x]\n  ~[plese?]a\n~[please]\n  p"),
            "2:3: unknown alias ~[plese]; did you mean ~[please]?");
  EXPECT_EQ(load_error("%[x]\n  打开~[zzzz]\n~[please]\n  p"), "2:5: unknown alias ~[zzzz]");
  EXPECT_EQ(load_error("%[x]\n  ~[a]\n~[a]\n  x\n  q~[b]\n~[b]\n  {x|~[a?]}"),
            "7:6: an alias that reaches itself: ~[a] -> ~[b] -> ~[a]");
  EXPECT_EQ(load_error("~[a]\n  x~[a]"), "2:4: an alias that reaches itself: ~[a] -> ~[a]");
  // The way names only the cycle, not how it was come upon.
  EXPECT_EQ(load_error("~[a]\n  ~[b]\n~[b]\n  ~[c]\n~[c]\n  ~[b]"),
            "6:3: an alias that reaches itself: ~[b] -> ~[c] -> ~[b]");
}

std::string chain(int length) {
  std::string patterns = "%[x]\n  ~[a1]\n";
  for (int i = 1; i < length; ++i) {
    patterns += "~[a" + std::to_string(i) + "]\n  ~[a" + std::to_string(i + 1) + "]\n";
  }
  return patterns + "~[a" + std::to_string(length) + "]\n  end\n";
}

TEST(PatternChecks, AliasesNestOnlySoDeep) {
  EXPECT_EQ(only(*loaded(chain(64)), one("x")), "end");
  EXPECT_EQ(load_error(chain(65)), "3:1: aliases nested deeper than 64");
  EXPECT_EQ(load_error(chain(100000)), "199873:1: aliases nested deeper than 64");
}

TEST(PatternChecks, MissingEntries) {
  EXPECT_EQ(load_error("%[set_volme]\n  a", {{"set_volume", {}, {}}}),
            "1:1: %[set_volume] is missing; did you mean %[set_volme]?");
  EXPECT_EQ(load_error("%[x]\n  a", {{"x", {}, {}}, {"out_of_scope_far", {}, {}}}),
            "1:1: %[out_of_scope_far] is missing");
  EXPECT_EQ(load_error("%[invite]\n  a\n%[invte#clause]\n  b"),
            "3:1: %[invte#clause] without %[invte]; did you mean %[invite]?");
}

TEST(PatternChecks, UnknownSlots) {
  const PatternDemand volume = {"set_volume", {"level", "device"}, {{"level"}}};
  EXPECT_EQ(load_error("%[set_volume]\n  音量@[levl]\n  @[level]", {volume}),
            "2:5: set_volume has no slot 'levl'; did you mean 'level'?");
  EXPECT_EQ(load_error("%[set_volume]\n  @[level]\n%[set_volume#clause]\n  {a|@[room+?]}", {volume}),
            "4:6: set_volume has no slot 'room'");
  EXPECT_EQ(load_error("%[multi_intent]\n  &[1]&[2]@[x]"), "2:11: multi_intent has no slot 'x'");
  EXPECT_EQ(load_error("%[out_of_scope_near]\n  a@[x]"), "2:4: out_of_scope_near has no slot 'x'");
  // An entry that the job doesn't speak of may say what it likes.
  EXPECT_TRUE(load_text("%[set_volume]\n  @[level]\n%[other]\n  @[anything]", "en", {volume}));
}

TEST(PatternChecks, AliasesMayBeShared) {
  const std::vector<PatternDemand> demands = {{"a", {"room"}, {{}, {"room"}}}, {"b", {}, {{}}}};
  const std::string patterns =
      "%[a]\n  a~[where?]\n%[b]\n  b~[where?]\n~[where]\n  ~[in]\n~[in]\n  @[room]\n";
  const auto model = loaded(patterns, "en", demands);
  EXPECT_EQ(only(*model, one("a", {{"room", "R"}})), "a[room:R]");
  EXPECT_EQ(only(*model, one("b")), "b");
  EXPECT_EQ(load_error(patterns + "  @[rom]", demands),
            "9:3: no intent that uses ~[in] has a slot 'rom'; did you mean 'room'?");
  // Somebody else may have it; nobody may use it.
  EXPECT_TRUE(load_text(patterns + "  @[rom]\n%[c]\n  ~[in]", "en", demands));
  EXPECT_TRUE(load_text(patterns + "~[unused]\n  @[rom]", "en", demands));
}

TEST(PatternChecks, DemandedSlotSets) {
  const std::string patterns = "// c\n\n%[set_volume]\n  音量@[level]\n";
  EXPECT_EQ(load_error(patterns, {{"set_volume", {"level", "device"}, {{"level"}, {"level", "device"}, {}}}}),
            "3:1: set_volume: no pattern takes exactly the slots {level, device}\n"
            "3:1: set_volume: no pattern does without slots");
  EXPECT_EQ(load_error("%[invite]\n  请@[person]", {{"invite", {"person"}, {{"person", "person"}}}}),
            "1:1: invite: no pattern takes exactly the slots {person, person}");
  EXPECT_EQ(load_error("%[multi_intent]\n  &[1]\n  &[2]", {{"multi_intent", {}, {}}}),
            "1:1: multi_intent: no pattern takes both &[1] and &[2]");
}

TEST(PatternChecks, Limits) {
  std::string sixteen = "%[x]\n  ";
  for (int i = 0; i < 16; ++i) sixteen += "@[s" + std::to_string(i) + "?]";
  const auto model = loaded(sixteen + "!", "en");
  EXPECT_EQ(only(*model, one("x", {{"s15", "B"}, {"s3", "A"}})), "[s3:A][s15:B]!");
  EXPECT_EQ(load_error(sixteen + "@[one_more]"), "1:1: %[x] uses 17 slots, more than 16");

  // 2^64 letters, and 3^16 ways to share sixteen slots between two halves.
  std::string doubling = "%[x]\n  ~[a1]\n";
  for (int i = 1; i < 64; ++i) {
    const std::string next = "~[a" + std::to_string(i + 1) + "]";
    doubling += "~[a" + std::to_string(i) + "]\n  " + next + next + "\n";
  }
  EXPECT_EQ(load_error(doubling + "~[a64]\n  a"), "1:1: %[x] makes utterances of more than 4096 bytes");
  std::string halves = "%[y]\n  a\n%[x]\n  ~[h]~[h]\n~[h]\n  ";
  for (int i = 0; i < 16; ++i) halves += "@[s" + std::to_string(i) + "?]";
  EXPECT_EQ(load_error(halves),
            "3:1: %[x]: too many combinations of optional slots; write fewer optional parts in one line");
}

}  // namespace
}  // namespace local_model
