// What YAML allows and a job doesn't, and files that are no job at all.
#include <re2/re2.h>

#include "tests/prompts/job_fixture.h"

namespace prompts {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

using JobYamlTest = JobTest;

TEST_F(JobYamlTest, Yaml) {
  EXPECT_CASES(
      {{{15, "seed: 1\nname: again\nseed: 2"}},
       {"16:1: name: a second time, first at 2:1; keep one of them",
        "17:1: seed: a second time, first at 15:1; keep one of them"}},
      {{{12, "  room: {values: [a], values: [b]}"}},
       {"12:23: values: a second time, first at 12:10; keep one of them"}},
      {{{15, "---\nseed: 1"}},
       {"15:1: what is above ends here and a second document begins; a job is one map: remove ---, and "
        "indent its keys "
        "alike"}},
      {{{15, "\tseed: 1"}}, {"15:2: a tab as indentation; YAML allows spaces only"}},
      {{{15, "style: {register: [a, b}"}},
       {"15:24: this bracket closes another kind than was opened; make them match"}},
      {{{15, "style: {register: [a, b]"}},
       {"16:1: a { without its }; close it, and put text that contains { } or , in quotes"}},
      {{{15, "check: {forbid: [a, b"}},
       {"16:1: a [ without its ]; close it, and put text that contains [ ] or , in quotes"}},
      {{{15, "seed: '1"}}, {"15:1: the quote that is opened behind this is never closed; close it"}},
      {{{2, "name: 'lamp"}},
       {"8:17: this does not go on with what is above; indent alike, and look above for a quote that is not "
        "closed"}},
      {{{15, "seed: 1: 2"}},
       {"15:8: illegal map value; indent the keys of a map alike, and put text that contains ': ' in "
        "quotes"}},
      {{{15, "seed: @1"}}, {"15:7: text can't begin with this character; put it in quotes"}},
      {{{15, "seed: *one"}}, {"15:7: an alias without an anchor; put text that begins with * in quotes"}},
      {{{15, "seed: !!int 3"}},
       {"15:7: the tag 'tag:yaml.org,2002:int' is not supported; remove it, or put text that begins with ! "
        "in quotes"}},
      {{{15, "style: {<<: {a: [b]}}"}}, {"15:9: merge keys are not supported; write the keys out"}},
      {{{15, "? [a]\n: 1\n~: 2"}},
       {"15:3: a key must be text; put null and ~ in quotes",
        "17:1: a key must be text; put null and ~ in quotes"}},
      {{{15, "style: &s {a: [*s]}"}},
       {"15:16: an alias inside its own anchor stands for an endless text; write it out"}},
      {{{15, "check: {forbid: [\"\\d\"]}"}},
       {"15:21: unknown escape character: d; between double quotes \\ begins an escape: use single quotes"}},
      {{{15, "check: {forbid: [\"\\音\"]}"}},
       {"15:21: unknown escape character; between double quotes \\ begins an escape: use single quotes"}},
      {{{15, "seed: \"\\x\""}},
       {"16:1: not YAML (bad character found while scanning hex number); look at this line and the one "
        "above"}},
      {{{2, "name: la\x01mp"}}, {"2:9: control character U+0001; remove it"}},
      {{{6, "    description: 设\xFF"}}, {"6:19: not UTF-8; save the file as UTF-8"}});
}

TEST_F(JobYamlTest, AliasesStandForTheirText) {
  const Loaded loaded = load(edited({{7, "    slots: &s {level: required, room: optional}"},
                                     {9,
                                      "  turn_off: {description: &d Turn it off, slots: *s}\n"
                                      "  also_off: {description: *d}"}}));
  ASSERT_THAT(loaded.errors, IsEmpty());
  EXPECT_EQ(loaded.job->intents[1].slots.size(), 2u);
  EXPECT_EQ(loaded.job->intents[2].description, "Turn it off");
  // A problem inside is told once, where it stands; one of the alias where that stands.
  EXPECT_THAT(
      load(edited({{7, "    slots: &s {levl: required, room: optional}"},
                   {8, ""},
                   {9, "  turn_off: {description: *s, slots: *s}"}}))
          .errors,
      ElementsAre("job.yaml:7:16: intents.set_level.slots.levl: no slot type 'levl'; did you mean level?",
                  "job.yaml:7:16: intents.turn_off.slots.levl: no slot type 'levl'; did you mean level?",
                  "job.yaml:9:27: intents.turn_off.description: expected text, found a map"));
}

TEST_F(JobYamlTest, AliasBombsAreRefused) {
  std::string bomb = "style:\n  a: &a0 [x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i)
    bomb += fmt::format("  b{}: &a{} [*a{}, *a{}, *a{}, *a{}, *a{}, *a{}, *a{}, *a{}, *a{}]\n", i, i, i - 1,
                        i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
  const Loaded loaded = load(edited({{15, bomb}}));
  ASSERT_EQ(loaded.errors.size(), 1u);
  EXPECT_THAT(loaded.errors[0],
              testing::EndsWith("more than 500000 values with all aliases written out; put long lists "
                                "into a file:"));
  EXPECT_THAT(loaded.errors[0], testing::StartsWith("job.yaml:21:"));
}

TEST_F(JobYamlTest, DeepNestingIsRefused) {
  EXPECT_THAT(load(edited({{15, "style: " + std::string(20'000, '[')}})).errors,
              ElementsAre("job.yaml:15:40: nested deeper than 64 levels"));
  EXPECT_THAT(
      load(edited({{15, "style: " + std::string(63, '[') + std::string(63, ']')}})).errors,
      ElementsAre("job.yaml:15:8: style: expected a map such as {register: [casual, polite]}, found a list"));
}

TEST_F(JobYamlTest, FilesThatAreNoJob) {
  const std::string empty = "job.yaml:1:1: the file is empty; docs/job.md shows what a job looks like";
  EXPECT_THAT(load("").errors, ElementsAre(empty));
  EXPECT_THAT(load("# nothing\n\n").errors, ElementsAre(empty));
  EXPECT_THAT(load("---\n~\n").errors, ElementsAre(empty));
  EXPECT_THAT(load("\xEF\xBB\xBF").errors, ElementsAre(empty));
  EXPECT_THAT(
      load("- a\n").errors,
      ElementsAre("job.yaml:1:1: expected a map of keys such as name: and intents:, found something else"));
  EXPECT_THAT(
      load("text").errors,
      ElementsAre("job.yaml:1:1: expected a map of keys such as name: and intents:, found something else"));
  EXPECT_THAT(load("\xEF\xBB\xBF" + edited({})).errors, IsEmpty());
  EXPECT_THAT(load(edited({{15, "..."}})).errors, IsEmpty());
  std::string windows = edited({});
  RE2::GlobalReplace(&windows, "\n", "\r\n");
  EXPECT_THAT(load(windows).errors, IsEmpty());
}

TEST_F(JobYamlTest, FilesThatCannotBeRead) {
  EXPECT_THAT(load_path(directory_ / "none.yaml").errors,
              ElementsAre(testing::HasSubstr("cannot read none.yaml: No such file or directory")));
  EXPECT_THAT(load_path(directory_).errors, ElementsAre(testing::EndsWith("it is a directory")));
  EXPECT_THAT(load_path("/dev/zero").errors, ElementsAre("cannot read /dev/zero: it is not a regular file"));
  std::filesystem::create_symlink("loop.yaml", directory_ / "loop.yaml");
  EXPECT_THAT(load_path(directory_ / "loop.yaml").errors,
              ElementsAre(testing::HasSubstr("cannot read loop.yaml: Too many levels of symbolic links")));
  EXPECT_THAT(load(std::string((16u << 20) + 1, '#')).errors,
              ElementsAre("cannot read job.yaml: it is larger than 16 MiB"));
}

// Any cut or broken byte gives a job or messages with a place, never anything else.
TEST_F(JobYamlTest, DamagedFilesGiveMessages) {
  write(kMeetingRoomFiles);
  const std::string good = kMeetingRoom;
  for (std::size_t cut = 0; cut < good.size(); cut += 7) {
    const Loaded loaded = load(good.substr(0, cut));
    for (const std::string& error : loaded.errors)
      EXPECT_THAT(error, testing::MatchesRegex("[a-z/]+\\.[a-z]+:[0-9]+:.*"));
  }
  for (std::size_t at = 0; at < good.size(); at += 11) {
    std::string bad = good;
    bad[at] = "[]{}:-\"'&*\t\n\x01\xFF#!|>%@0a"[at % 23];
    const Loaded loaded = load(bad);
    for (const std::string& error : loaded.errors)
      EXPECT_THAT(error, testing::MatchesRegex("[a-z/]+\\.[a-z]+:[0-9]+:.*"));
  }
}

}  // namespace
}  // namespace prompts
