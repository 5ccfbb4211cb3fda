#include "local_model/pattern_file.h"

#include <gtest/gtest.h>

#include "pattern_testing.h"

namespace local_model {
namespace {

struct SyntaxCase {
  const char* patterns;  // of %[x]
  const char* said;      // by all draws of x {s: V}, different ones joined by ` / `
};

TEST(PatternFile, Syntax) {
  const std::vector<SyntaxCase> cases = {
      {"%[x]\n  a@[s]", "a[s:V]"},
      {"%[x]\n\ta@[s]", "a[s:V]"},
      {"%[x]\n\xE3\x80\x80"
       "a@[s]",
       "a[s:V]"},
      {"\xEF\xBB\xBF%[x]\r\n  a@[s]  \r\n\r\n", "a[s:V]"},
      {"// one\n# two\n%[x]\n  // three\n  # four\n  a@[s]\n", "a[s:V]"},
      {"%[x]\n  {a|b}@[s]", "a[s:V] / b[s:V]"},
      {"%[x]\n  {a}?@[s]", "[s:V] / a[s:V]"},
      {"%[x]\n  a@[s?]", "a[s:V]"},
      {"%[x]\n  a@[s+]b", "a[s:V]b"},
      {"%[x]\n  a@[s+?]b", "a[s:V]b"},
      {"%[x]\n  {a|{b|c@[s]}d}e", "c[s:V]de"},
      {"%[x]\n  {a{b}?|c}@[s]", "a[s:V] / ab[s:V] / c[s:V]"},
      {"%[x]\n  ~[p]@[s]~[p?]\n~[p]\n  q", "q[s:V] / q[s:V]q"},
      {"~[p]\n  @[s]\n%[x]\n  *[1000] ~[p]", "[s:V]"},
      {"%[x]\n  go?@[s]", "go?[s:V]"},
      {"%[x]\n  50% of @[s] & a*b #1 ~c @d / e?", "50% of [s:V] & a*b #1 ~c @d / e?"},
      {R"(%[x])"
       "\n"
       R"(  \%\~\@\&\{\}\|\?\[\]\*\\\#\/@[s])",
       R"(%~@&{}|?\[\]*\\#/[s:V])"},
      {"%[x]\n  \\# no comment @[s]", "# no comment [s:V]"},
      {"%[x]\n  \\// no comment @[s]", "// no comment [s:V]"},
      {"%[x]\n  {\\|a\\}}@[s]", "|a}[s:V]"},
      {"%[x]\n  {a}\\?@[s]", "a?[s:V]"},
  };
  for (const auto& [patterns, expected] : cases) {
    const auto model = loaded(patterns, "en");
    EXPECT_EQ(only(*model, one("x", {{"s", "V"}})), expected) << patterns;
  }
}

TEST(PatternFile, NamesMayBeOfAnyScript) {
  const auto model = loaded("%[设音量]\n  ~[请-1.a]@[音_量]\n~[请-1.a]\n  请");
  EXPECT_EQ(only(*model, one("设音量", {{"音_量", "三十"}})), "请[音_量:三十]");
}

struct ErrorCase {
  const char* patterns;
  const char* error;
};

TEST(PatternFile, ErrorsNameTheirPlace) {
  const std::vector<ErrorCase> cases = {
      {"  a\n  b\n%[x]\n  c", "1:3: a pattern before the first %[intent] or ~[alias]"},
      {"x\n  a\n%[x]\n  c", "1:1: neither %[intent] nor ~[alias]; a pattern line is indented"},
      {"%[x]\n  a\n@[s]", "3:1: neither %[intent] nor ~[alias]; a pattern line is indented"},
      {"%[x\n  a", "1:2: unclosed bracket"},
      {"%[x] a\n  b", "1:6: text behind a header; patterns stand in indented lines below it"},
      {"%[]\n  a", "1:3: a name is missing"},
      {"%[a b]\n  a", "1:3: 'a b' is not a name: letters, digits, _, - and ."},
      {"~[a#clause]\n  a", "1:3: 'a#clause' is not a name: letters, digits, _, - and ."},
      {"%[x]\n  a\n%[x#short]\n  a", "3:4: the only variant of an intent is #clause"},
      {"%[x]\n\n%[y]\n  a", "1:1: %[x] has no patterns below it"},
      {"%[x]\n  a\n~[y]", "3:1: ~[y] has no patterns below it"},
      {"%[x]\n  a\n%[y]\n  b\n%[x]\n  c", "5:1: %[x] is defined twice, first in line 1"},
      {"~[x]\n  a\n~[x]\n  c\n%[x]\n  ~[x]", "3:1: ~[x] is defined twice, first in line 1"},
      {"%[x]\n  *[0] a", "2:3: a weight is a whole number from 1 to 1000"},
      {"%[x]\n  *[1001] a", "2:3: a weight is a whole number from 1 to 1000"},
      {"%[x]\n  *[2.5] a", "2:3: a weight is a whole number from 1 to 1000"},
      {"%[x]\n  *[] a", "2:3: a weight is a whole number from 1 to 1000"},
      {"%[x]\n  *[two] a", "2:3: a weight is a whole number from 1 to 1000"},
      {"%[x]\n  *[2]", "2:3: a weight without a pattern"},
      {"%[x]\n  *[2 a", "2:4: unclosed bracket"},
      {"%[x]\n  打开{*[2] a|b}", "2:6: a weight stands only at the start of a line"},
      {"%[x]\n  a %[y]", "2:5: %[…] stands only at the start of a line that is not indented"},
      {"%[x]\n  打开@[屏", "2:6: unclosed bracket"},
      {"%[x]\n  打开@[屏 ~[a]", "2:6: unclosed bracket"},
      {"%[x]\n  打开{主屏|副屏", "2:5: unclosed brace"},
      {"%[x]\n  a{b{c|d}", "2:4: unclosed brace"},
      {"%[x]\n  a@[]", "2:6: a name is missing"},
      {"%[x]\n  a@[?]", "2:6: a name is missing"},
      {"%[x]\n  a~[b c]", "2:6: 'b c' is not a name: letters, digits, _, - and ."},
      {"%[x]\n  a~[b+]", "2:6: 'b+' is not a name: letters, digits, _, - and ."},
      {"%[x]\n  a{}", "2:5: empty alternative; what may be left out is written {…}?"},
      {"%[x]\n  a{b|}", "2:7: empty alternative; what may be left out is written {…}?"},
      {"%[x]\n  a{ |b}", "2:5: empty alternative; what may be left out is written {…}?"},
      {"%[x]\n  a]", "2:4: a bracket that belongs to nothing; write \\] for the character itself"},
      {"%[x]\n  看［a：b］", "2:4: a full-width bracket may be taken for a slot's; write \\[ for a bracket"},
      {"%[x]\n  a[b", "2:4: a bracket that belongs to nothing; write \\[ for the character itself"},
      {"%[x]\n  a}", "2:4: } without {; write \\} for the character itself"},
      {"%[x]\n  a|b", "2:4: | outside {…}; write \\| for the character itself"},
      {"%[x]\n  a\\n", "2:4: a backslash before nothing that needs one; write \\\\ for the character itself"},
      {"%[x]\n  a\\", "2:4: a backslash before nothing that needs one; write \\\\ for the character itself"},
      {"%[x]\n  &[1] a", "2:3: &[1] stands only in %[multi_intent]"},
      {"~[x]\n  a&[2]", "2:4: &[2] stands only in %[multi_intent]"},
      {"%[multi_intent]\n  &[1]&[2]\n  &[3]", "3:3: only &[1] and &[2] stand for planned intents"},
      {"%[x]\n  打\xFF开", "2:4: bytes that are not UTF-8; save the file as UTF-8"},
      {"%[x]\n  // \xE4\xBD\n  a", "2:6: bytes that are not UTF-8; save the file as UTF-8"},
      {"%[x]\n  打开\x07啊", "2:5: control character U+0007"},
      {"%[x]\n  a\xE2\x80\x8B"
       "b",
       "2:4: control character U+200B"},
      {"%[x]\n  {{{{{{{{{{{{{{{{{a}}}}}}}}}}}}}}}}}", "2:19: braces nested deeper than 16; use an alias"},
  };
  for (const auto& [patterns, error] : cases) EXPECT_EQ(load_error(patterns), error) << patterns;
}

TEST(PatternFile, ReportsEverythingInTheOrderOfTheFile) {
  EXPECT_EQ(load_error("%[x]\n  ~[no] a{b\n  c}\n  *[x] d\n%[x]\n  e\n~[f]"),
            "2:3: unknown alias ~[no]\n"
            "2:10: unclosed brace\n"
            "3:4: } without {; write \\} for the character itself\n"
            "4:3: a weight is a whole number from 1 to 1000\n"
            "5:1: %[x] is defined twice, first in line 1\n"
            "7:1: ~[f] has no patterns below it");
}

TEST(PatternFile, StopsReportingAfterAHundred) {
  std::string patterns = "%[x]\n";
  for (int i = 0; i < 150; ++i) patterns += "  }\n";
  const std::string error = load_error(patterns);
  EXPECT_EQ(std::count(error.begin(), error.end(), '\n'), 100);
  EXPECT_TRUE(error.ends_with("\n and 50 more")) << error;
}

TEST(PatternFile, SurvivesHostileBytes) {
  std::uint32_t state = 1;
  const std::string_view alphabet = "%~@&{}|?[]*\\#/ \t\n\r1ax+\xE4\xBD\xA0\xFF";
  for (int round = 0; round < 2000; ++round) {
    std::string bytes = round % 2 == 0 ? "%[x]\n  " : "";
    for (int i = 0; i < 60; ++i) {
      state = state * 1664525 + 1013904223;
      bytes += alphabet[(state >> 16) % alphabet.size()];
    }
    PatternProblems problems;
    const PatternFile file = parse_patterns(bytes, problems);
    for (const auto& node : file.nodes) {
      for (const auto child : node.children) ASSERT_LT(child, file.nodes.size());
      if (node.kind != PatternNode::Kind::choice) continue;
      ASSERT_EQ(node.children.size(), node.weights.size());
    }
  }
}

}  // namespace
}  // namespace local_model
