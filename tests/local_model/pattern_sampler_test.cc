#include "local_model/pattern_sampler.h"

#include <gtest/gtest.h>

#include <cmath>

#include "pattern_testing.h"

namespace local_model {
namespace {

// Seeds are fixed, so these are the same numbers on every run; the tolerance is five standard
// deviations of a fair draw, far less than any wrong weight makes.
void expect_shares(PatternModel& model, const model::PlannedUtterance& plan,
                   const std::map<std::string, double>& shares) {
  constexpr int kDraws = 40000;
  const auto counts = said(model, plan, kDraws);
  for (const auto& [text, share] : shares) {
    const auto found = counts.find(text);
    const double count = found == counts.end() ? 0 : found->second;
    EXPECT_NEAR(count / kDraws, share, 5 * std::sqrt(share * (1 - share) / kDraws)) << text;
  }
  EXPECT_EQ(counts.size(), shares.size());
}

TEST(PatternSampler, FollowsTheWeights) {
  const auto model = loaded("%[x]\n  *[6] a\n  *[3] b\n  c\n", "en");
  expect_shares(*model, one("x"), {{"a", 0.6}, {"b", 0.3}, {"c", 0.1}});
}

TEST(PatternSampler, AWeightCountsAmongItsSiblings) {
  const auto model = loaded("%[x]\n  *[3] ~[many]\n  b\n~[many]\n  {p|q|r}{1|2|3}\n", "en");
  std::map<std::string, double> shares = {{"b", 0.25}};
  for (const char* text : {"p1", "p2", "p3", "q1", "q2", "q3", "r1", "r2", "r3"}) shares[text] = 0.75 / 9;
  expect_shares(*model, one("x"), shares);
}

TEST(PatternSampler, OptionalPartsAreTakenInHalfOfTheCases) {
  const auto model = loaded("%[x]\n  a{b}?~[c?]\n~[c]\n  *[3] c\n  d\n", "en");
  expect_shares(
      *model, one("x"),
      {{"a", 0.25}, {"ab", 0.25}, {"ac", 0.1875}, {"ad", 0.0625}, {"abc", 0.1875}, {"abd", 0.0625}});
}

// As if utterances were drawn until one has exactly the planned slots.
TEST(PatternSampler, IsConditionedOnTheSlots) {
  const auto model = loaded("%[x]\n  a@[s?]{@[t]|b}\n  *[2] c{@[s]|@[t]|d}\n", "en");
  const Values s = {{"s", "S"}};
  const Values t = {{"t", "T"}};
  expect_shares(*model, one("x"), {{"ab", 0.25 / (0.25 + 2.0 / 3)}, {"cd", 2.0 / 3 / (0.25 + 2.0 / 3)}});
  expect_shares(*model, one("x", s), {{"a[s:S]b", 3.0 / 11}, {"c[s:S]", 8.0 / 11}});
  expect_shares(*model, one("x", t), {{"a[t:T]", 3.0 / 11}, {"c[t:T]", 8.0 / 11}});
  expect_shares(*model, one("x", {{"t", "T"}, {"s", "S"}}), {{"a[s:S][t:T]", 1}});
}

// Where the slots may be divided among the parts in several ways, each way has its weight.
TEST(PatternSampler, DividesTheSlotsAmongTheParts) {
  const auto model = loaded("%[x]\n  ~[p]-~[p]{!}?\n~[p]\n  *[2] @[s]\n  @[t]\n  n\n  @[s?]@[t]\n", "en");
  const Values both = {{"s", "S"}, {"t", "T"}};
  // p: s 2/5, t 1/5 + 1/10, n 1/5, st 1/10.
  const double total = 2 * (0.4 * 0.3 + 0.1 * 0.2);
  std::map<std::string, double> shares;
  for (const char* end : {"", "!"}) {
    shares[std::string("[s:S]-[t:T]") + end] = 0.12 / total / 2;
    shares[std::string("[t:T]-[s:S]") + end] = 0.12 / total / 2;
    shares[std::string("[s:S][t:T]-n") + end] = 0.02 / total / 2;
    shares[std::string("n-[s:S][t:T]") + end] = 0.02 / total / 2;
  }
  expect_shares(*model, one("x", both), shares);
}

TEST(PatternSampler, UsesExactlyThePlannedSlots) {
  const auto model = loaded("%[x]\n  @[a?]k@[b?]{@[c]|m}@[a?]\n  @[a]@[a]\n  @[d]@[a?]\n");
  for (unsigned set = 0; set < 16; ++set) {
    model::PlannedFrame frame = {"x", {}};
    for (unsigned i = 0; i < 4; ++i)
      if ((set >> i & 1) != 0) frame.slots.push_back({std::string(1, static_cast<char>('a' + i)), "V"});
    const auto texts = said(*model, {{frame}}, 200);
    // d stands in a line of its own, beside nothing but a.
    EXPECT_EQ(texts.empty(), (set & 8) != 0 && (set & 6) != 0) << set;
    for (const auto& [text, count] : texts) {
      for (unsigned i = 0; i < 4; ++i) {
        const std::string tag = std::string("[") + static_cast<char>('a' + i) + ":V]";
        const auto at = text.find(tag);
        EXPECT_EQ(at != std::string::npos, (set >> i & 1) != 0) << text;
        if (at == std::string::npos) continue;
        EXPECT_EQ(text.find(tag, at + 1), std::string::npos) << text;
      }
    }
  }
  EXPECT_EQ(only(*model, one("x", {{"unheard", "V"}})), "");
}

TEST(PatternSampler, Lists) {
  const std::string patterns = "%[x]\n  请@[p]来\n  叫 @[p+] 来@[q?]\n";
  const auto zh = loaded(patterns);
  const auto en = loaded("%[x]\n  ask @[p+]\n", "en");
  const Values one_value = {{"p", "甲"}};
  EXPECT_EQ(only(*zh, one("x", one_value)), "叫[p:甲]来 / 请[p:甲]来");
  EXPECT_EQ(only(*zh, one("x", {{"p", "甲"}, {"p", "乙"}})), "叫[p:甲]和[p:乙]来");
  EXPECT_EQ(only(*zh, one("x", {{"p", "甲"}, {"q", "吧"}, {"p", "乙"}, {"p", "Tom"}, {"p", "丁"}})),
            "叫[p:甲]、[p:乙]、[p:Tom]和[p:丁]来[q:吧]");
  EXPECT_EQ(only(*zh, one("x", {{"q", "吧"}, {"q", "呀"}, {"p", "乙"}})), "");
  EXPECT_EQ(only(*en, one("x", {{"p", "A"}})), "ask [p:A]");
  EXPECT_EQ(only(*en, one("x", {{"p", "A"}, {"p", "B"}})), "ask [p:A] and [p:B]");
  EXPECT_EQ(only(*en, one("x", {{"p", "A"}, {"p", "B"}, {"p", "C"}})), "ask [p:A], [p:B] and [p:C]");
  EXPECT_EQ(only(*en, one("x", {{"p", "小明"}, {"p", "B"}})), "ask [p:小明] and [p:B]");
}

TEST(PatternSampler, AListIsOnePartAmongOthers) {
  const auto model = loaded("%[x]\n  @[p+?]a@[p+?]@[q+?]\n");
  EXPECT_EQ(only(*model, one("x", {{"p", "1"}, {"q", "3"}, {"p", "2"}, {"q", "4"}})),
            "[p:1]和[p:2]a[q:3]和[q:4] / a[p:1]和[p:2][q:3]和[q:4]");
}

TEST(PatternSampler, TwoIntents) {
  const auto model = loaded(
      "%[a]\n  请做a@[s?]\n"
      "%[a#clause]\n  a@[s]\n"
      "%[b]\n  b@[s+?]\n"
      "%[multi_intent]\n  先&[1]，再 &[2]\n");
  EXPECT_EQ(only(*model, two("a", {{"s", "1"}}, "b", {{"s", "2"}})), "先a[a.s:1]，再b[b.s:2]");
  EXPECT_EQ(only(*model, two("b", {}, "a", {{"s", "1"}})), "先b，再a[a.s:1]");
  EXPECT_EQ(only(*model, two("b", {{"s", "1"}, {"s", "2"}}, "b", {{"s", "3"}})),
            "先b[b.s:1]和[b.s:2]，再b[b.s:3]");
  // The clause has nothing for this slot set, the intent has.
  EXPECT_EQ(only(*model, two("a", {}, "b", {})), "先请做a，再b");
  EXPECT_EQ(only(*model, two("a", {{"s", "1"}, {"s", "2"}}, "b", {})), "");
  // Alone, an intent is said in its own words.
  EXPECT_EQ(only(*model, one("a", {{"s", "1"}})), "请做a[s:1]");
}

TEST(PatternSampler, TheSecondIntentMayComeFirst) {
  const auto model = loaded(
      "%[a]\n  do a\n%[b]\n  do b\n%[multi_intent]\n  *[3] &[1] and &[2]\n  &[2], but first &[1]\n", "en");
  expect_shares(*model, two("a", {}, "b", {}), {{"do a and do b", 0.75}, {"do b, but first do a", 0.25}});
}

struct CountCase {
  const char* patterns;
  std::vector<std::string> slots;
  std::uint64_t wordings;
};

TEST(PatternSampler, CountsWordings) {
  const std::vector<CountCase> cases = {
      {"%[x]\n  a\n  b", {}, 2},
      {"%[x]\n  a\n  {a|A}{!}?", {}, 1},  // derivations that are the same after all
      {"%[x]\n  {a|b}{c}?@[s]\n  d@[s?]", {"s"}, 5},
      {"%[x]\n  {a|b}{c}?@[s]\n  d@[s?]", {}, 1},
      {"%[x]\n  {a|b}{c}?@[s]\n  d@[s?]", {"t"}, 0},
      {"%[x]\n  @[s]\n  a@[s+]\n  b@[s+]", {"s", "s"}, 2},
      {"%[x]\n  @[s]a@[t]\n  @[t]a@[s]", {"t", "s"}, 2},
      {"%[x]\n  {1|2|3}{1|2|3}{1|2|3}{1|2|3}", {}, 81},
      {"%[x]\n  {1|2|3}{1|2|3}{1|2|3}{1|2|3}{1|2|3}{1|2|3}{1|2|3}{1|2|3}", {}, 1000},
      {"%[x]\n  {1|2|3}{{1|2|3}{1|2|3}|{1|2|3}{1|2|3}4|5}{6|{7|8|{9|0}}}", {}, 3 * 19 * 5},
  };
  for (const auto& [patterns, slots, wordings] : cases) {
    EXPECT_EQ(loaded(patterns, "en")->count_wordings("x", slots, 1000), wordings) << patterns;
  }
  const auto model = loaded("%[x]\n  a\n  b\n  c\n%[y]\n  d\n%[multi_intent]\n  &[1]&[2]\n  &[2]&[1]\n");
  EXPECT_EQ(model->count_wordings("x", {}, 2), 2u);
  EXPECT_EQ(model->count_wordings("x", {}, 0), 0u);
  EXPECT_EQ(model->count_wordings("z", {}, 10), 0u);
  EXPECT_EQ(model->count_wordings("multi_intent", {}, 10), 2u);
}

TEST(PatternSampler, CountingSaturates) {
  std::string patterns = "%[x]\n  ";
  for (int i = 0; i < 100; ++i) patterns += "{a|b}";
  EXPECT_EQ(loaded(patterns)->count_wordings("x", {}, 1u << 30), 1u << 30);
}

}  // namespace
}  // namespace local_model
