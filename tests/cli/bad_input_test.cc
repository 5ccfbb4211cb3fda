// What users get wrong, and what machines do to them: a message that names the place and the way out,
// the right exit code, and nothing lost.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <ostream>

#include "base/record_log.h"
#include "base/text.h"
#include "tests/cli/workspace.h"

namespace cli_testing {
namespace {

using ::testing::HasSubstr;

constexpr const char* kPatterns = "%[greet]\n    {你好|大家好|您好|嗨}@[name]{呀|啊}?\n";

std::string greeting_job(const std::string& extra = "", const std::string& rows = "{per_intent: 12}") {
  return "slotmill: 1\nname: greetings\nlanguage: zh-Hans\nseed: 1\nintents:\n  greet:\n    description: "
         "打招呼\n"
         "    slots: {name: required}\nslot_types:\n  name: {values: [王工, 李总, 赵敏, 钱多, 孙行, 周正, "
         "吴用, "
         "郑和, 冯唐, 陈实]}\nrows: " +
         rows + "\nmodels: [{id: p, patterns: patterns.txt}]\n" + extra;
}

struct BadJob {
  const char* name;
  std::string yaml;
  std::string patterns;
  std::string message;  // after the job's path
};

void PrintTo(const BadJob& job, std::ostream* out) { *out << job.name; }

class BadInput : public ::testing::TestWithParam<BadJob> {};

TEST_P(BadInput, IsRefusedWithItsPlaceAndExitCode2) {
  const BadJob& bad = GetParam();
  const Workspace workspace;
  workspace.write("job.yaml", bad.yaml);
  workspace.write("patterns.txt", bad.patterns);
  const auto finished = workspace.slotmill({"run", workspace.path("job.yaml").string()});
  EXPECT_EQ(finished.code, 2) << finished.errors;
  EXPECT_THAT(finished.errors, HasSubstr(bad.message));
  EXPECT_EQ(finished.output, "");
  EXPECT_FALSE(std::filesystem::exists(workspace.path("out")));
}

INSTANTIATE_TEST_SUITE_P(
    All, BadInput,
    ::testing::Values(BadJob{"empty", "", kPatterns, "job.yaml:"},
                      BadJob{"not_yaml", "slotmill: [1", kPatterns, "job.yaml:1:"},
                      BadJob{"duplicate_key", greeting_job("seed: 2\n"), kPatterns, "job.yaml:13:1: "},
                      BadJob{"unknown_key", greeting_job("modles: []\n"), kPatterns, "did you mean models"},
                      BadJob{"not_yet_built", greeting_job("identity: {name: x}\n"), kPatterns,
                             "job.yaml:13:1: identity: not yet built"},
                      BadJob{"alias_cycle", greeting_job(),
                             "%[greet]\n    ~[a]@[name]\n~[a]\n    你~[b]\n~[b]\n    好~[a]\n",
                             "patterns.txt:6:6: an alias that reaches itself: ~[a] -> ~[b] -> ~[a]"},
                      BadJob{"pattern_without_slot", greeting_job(), "%[greet]\n    你好\n",
                             "no pattern takes exactly the slots {name}"},
                      BadJob{"unknown_slot_in_example",
                             [] {
                               std::string yaml = greeting_job();
                               yaml.insert(yaml.find("slot_types:"), "    examples: [\"你好[nam:王工]\"]\n");
                               return yaml;
                             }(),
                             kPatterns, "job.yaml:9:"},
                      BadJob{"quota_beyond_wordings", greeting_job("", "{per_intent: 5000}"), kPatterns,
                             "can't be met"},
                      BadJob{"missing_patterns",
                             [] {
                               std::string yaml = greeting_job();
                               return yaml.replace(yaml.find("patterns.txt"), 12, "nowhere.txt");
                             }(),
                             kPatterns, "nowhere.txt"},
                      BadJob{"control_character_in_value",
                             [] {
                               std::string yaml = greeting_job();
                               return yaml.replace(yaml.find("王工"), 6, "\"王\\u0007工\"");
                             }(),
                             kPatterns, "job.yaml:10:"}),
    [](const auto& tested) { return tested.param.name; });

class RunDirectory : public ::testing::Test {
 protected:
  RunDirectory() {
    workspace_.write("job.yaml", greeting_job());
    workspace_.write("patterns.txt", kPatterns);
  }
  testing_support::Finished run() { return workspace_.slotmill({"run", job()}); }
  std::string job() const { return workspace_.path("job.yaml").string(); }
  std::string journal() const { return "out/greetings/journal/run.jsonl"; }

  Workspace workspace_;
};

TEST_F(RunDirectory, ValuesWithBracketsAreKeptWhole) {
  std::string yaml = greeting_job();
  yaml.replace(yaml.find("王工"), 6, "'[王]工'");
  workspace_.write("job.yaml", yaml);
  const auto finished = run();
  EXPECT_EQ(finished.code, 0) << finished.errors;
  bool seen = false;
  for (const datasets::Row& row : workspace_.rows("out/greetings"))
    seen = seen || row.frames[0].slots[0].text == "[王]工";
  EXPECT_TRUE(seen);
}

TEST_F(RunDirectory, AMissingJobIsBadInput) {
  const auto finished = workspace_.slotmill({"run", workspace_.path("nowhere.yaml").string()});
  EXPECT_EQ(finished.code, 2);
  EXPECT_THAT(finished.errors, HasSubstr("nowhere.yaml: No such file or directory"));
}

TEST_F(RunDirectory, ACommandLineThatMeansNothingIsBadInput) {
  EXPECT_EQ(workspace_.slotmill({"runn", job()}).code, 2);
  EXPECT_EQ(workspace_.slotmill({"run"}).code, 2);
  EXPECT_EQ(workspace_.slotmill({"run", "--threads", "0", job()}).code, 2);
  EXPECT_EQ(workspace_.slotmill({"--help"}).code, 0);
}

TEST_F(RunDirectory, ThatCantBeMadeIsNamed) {
  workspace_.write("out", "a file where the directory should be");
  EXPECT_EQ(run().code, 2);
  EXPECT_THAT(run().errors, HasSubstr("out is not a directory; choose another"));
  std::filesystem::remove(workspace_.path("out"));
  workspace_.write("out/greetings", "here too");
  EXPECT_EQ(run().code, 1);
  EXPECT_THAT(run().errors, HasSubstr("cannot create the directory"));
}

TEST_F(RunDirectory, ASecondRunIsKeptOut) {
  ASSERT_EQ(run().code, 0);
  const auto lock = base::FileLock::acquire(workspace_.path("out/greetings/.lock"));
  ASSERT_TRUE(lock);
  const auto finished = run();
  EXPECT_EQ(finished.code, 1);
  EXPECT_THAT(finished.errors, HasSubstr("is in use by process " + std::to_string(::getpid())));
}

TEST_F(RunDirectory, AJournalOfANewerVersionIsLeftAlone) {
  const std::string line = base::seal_record("{\"journal\":9,\"job\":\"greetings\"}") + "\n";
  workspace_.write(journal(), line);
  const auto finished = run();
  EXPECT_EQ(finished.code, 1);
  EXPECT_THAT(finished.errors,
              HasSubstr("written by a newer slotmill (journal version 9, this one reads 1)"));
  EXPECT_EQ(workspace_.read(journal()), line);
}

TEST_F(RunDirectory, AJournalDamagedInTheMiddleIsRefusedWithTheOffset) {
  ASSERT_EQ(run().code, 0);
  std::string text = workspace_.read(journal());
  const std::size_t at = text.find("{\"reply\"");
  text[at + 30] ^= 1;
  workspace_.write(journal(), text);
  const auto finished = run();
  EXPECT_EQ(finished.code, 1);
  EXPECT_THAT(finished.errors, HasSubstr("damaged at byte " + std::to_string(at)));
  EXPECT_EQ(workspace_.read(journal()), text);
}

TEST_F(RunDirectory, AJournalTornAtItsEndIsCutAndGoneOnWith) {
  ASSERT_EQ(run().code, 0);
  const auto before = workspace_.results("out/greetings");
  std::string text = workspace_.read(journal());
  const std::size_t last_sync = text.rfind("{\"sync\"");
  text.resize(text.rfind("{\"reply\"", last_sync) + 50);  // no sync vouches for what is torn
  workspace_.write(journal(), text);
  const auto finished = run();
  EXPECT_EQ(finished.code, 0) << finished.errors;
  EXPECT_THAT(finished.errors, HasSubstr("cut off 50 torn bytes"));
  EXPECT_TRUE(workspace_.results("out/greetings") == before);
}

TEST_F(RunDirectory, AFullDiskEndsTheRunAndLosesNothing) {
  // RLIMIT_FSIZE stands in for the full disk: the kernel refuses the write in the middle of the run.
  const std::string script = "ulimit -f 1; exec \"$0\" run \"$1\"";
  const auto finished = testing_support::run_program({"/bin/bash", "-c", script, SLOTMILL, job()});
  EXPECT_EQ(finished.code, 1);
  EXPECT_THAT(finished.errors, HasSubstr("make room and run the same command again"));
  const auto again = run();
  EXPECT_EQ(again.code, 0) << again.errors;
  EXPECT_EQ(workspace_.rows("out/greetings").size(), 12U);
}

TEST_F(RunDirectory, AShortRunSaysWhyAndWhatToChange) {
  // Two models may serve the lane, so the quota isn't refused; the patterns can't fill it all the same.
  workspace_.write(
      "job.yaml",
      greeting_job("duplicates: {per_template: 1}\nbudget: {candidates_per_row: 2}\n", "{per_intent: 12}"));
  const auto finished = run();
  EXPECT_EQ(finished.code, 3) << finished.errors;
  EXPECT_THAT(finished.errors, HasSubstr("short of their quota:"));
  EXPECT_THAT(finished.errors, HasSubstr("greet|name|zh-Hans|in_scope: "));
  EXPECT_THAT(finished.errors, HasSubstr("% template_repeated: "));
  EXPECT_THAT(workspace_.read("out/greetings/releases/latest/dataset.json"), HasSubstr("\"complete\":false"));
}

}  // namespace
}  // namespace cli_testing
