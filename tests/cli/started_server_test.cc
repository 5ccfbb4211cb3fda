// The whole program with a server that it starts itself (`start:`).
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <set>
#include <thread>

#include "base/text.h"
#include "tests/cli/workspace.h"
#include "tests/support/soon.h"

namespace cli_testing {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using testing_support::Process;
using testing_support::soon;

constexpr const char* kJournal = "out/remote/journal/run.jsonl";
constexpr const char* kLog = "out/remote/servers/loop.log";

class StartedServer : public ::testing::Test {
 protected:
  StartedServer() : port_(std::to_string(testing_support::unused_port())) {}

  /// A job whose server is the provider, with its process id in the file `pid`, behind the shell commands
  /// `before`.
  void write_job(int per_intent, const std::string& provider_options, const std::string& before = "") const {
    write_job_with(per_intent, before + "echo $$ > pid; exec " SLOTMILL_PROVIDER " --port " + port_ + " " +
                                   provider_options);
  }
  void write_job_with(int per_intent, const std::string& script) const {
    const std::string folder = workspace_.path("").string();
    const std::string keys =
        "limits: {in_flight: 8}, start: {command: [sh, -c, \"cd " + folder + "; " + script + "\"]}";
    workspace_.write("job.yaml", remote_job("http://127.0.0.1:" + port_ + "/v1", per_intent, keys));
  }
  std::vector<std::string> command() const { return {SLOTMILL, "run", workspace_.path("job.yaml").string()}; }
  testing_support::Finished run() const { return testing_support::run_program(command()); }

  std::string file(const std::string& name) const {
    const auto text = base::read_file(workspace_.path(name));
    return text ? *text : std::string();
  }
  pid_t process(const std::string& name) const {
    EXPECT_TRUE(soon([&] { return file(name).ends_with('\n'); })) << name;
    return std::stoi(file(name));
  }
  static bool is_gone(pid_t process) {
    return soon([=] { return ::kill(process, 0) != 0; });
  }
  std::size_t lines(const std::string& name) const { return base::split(file(name), '\n').size(); }
  std::size_t starts() const {
    std::size_t count = 0;
    const std::string log = file(kLog);
    for (const std::string_view line : base::split(log, '\n')) count += line.starts_with("--- ") ? 1 : 0;
    return count;
  }

  const Workspace workspace_;
  const std::string port_;
};

TEST_F(StartedServer, ServesTheRunAndIsGoneAfterIt) {
  write_job(20, "", "setsid sh -c 'sleep 1000 & echo $! > child; wait' & ");
  const auto finished = run();
  EXPECT_EQ(finished.code, 0) << finished.errors;
  EXPECT_EQ(workspace_.rows("out/remote").size(), 60U);
  EXPECT_THAT(finished.errors, AllOf(HasSubstr("starting the server sh of model loop; its log is "),
                                     HasSubstr("the server sh of model loop is ready after ")));
  EXPECT_NE(::kill(process("pid"), 0), 0);
  EXPECT_NE(::kill(process("child"), 0), 0);

  // With everything in the journal there is nothing to start it for.
  EXPECT_EQ(run().code, 0);
  EXPECT_EQ(starts(), 1U);
}

TEST_F(StartedServer, OneServesAllModelsWithTheSameStart) {
  write_job(20, "");
  std::string job = workspace_.read("job.yaml");
  const std::size_t first = job.find("  - {id: loop,");
  std::string second = job.substr(first, job.find('\n', first) + 1 - first);
  second.replace(second.find("test-model"), 10, "provider");
  job.insert(first, second.replace(second.find("loop"), 4, "more"));
  workspace_.write("job.yaml", job);
  const auto finished = run();
  EXPECT_EQ(finished.code, 0) << finished.errors;
  EXPECT_THAT(finished.errors, AllOf(HasSubstr("the server sh of model more, loop is ready"),
                                     HasSubstr("warning: model loop: the server lists no model test-model"),
                                     Not(HasSubstr("warning: model more"))));
}

TEST_F(StartedServer, KilledUnderLoadItComesBackAndNothingIsLostOrDoubled) {
  write_job(400, "--delay-ms 20");
  Process slotmill(command());
  for (const std::size_t replies : {20U, 60U}) {
    ASSERT_TRUE(soon([&] { return lines(kJournal) > replies; })) << slotmill.errors();
    ::kill(process("pid"), SIGKILL);
  }
  EXPECT_EQ(slotmill.wait(), 0) << slotmill.errors();
  EXPECT_EQ(workspace_.rows("out/remote").size(), 1200U);
  EXPECT_EQ(starts(), 3U);
  EXPECT_THAT(slotmill.errors(),
              HasSubstr("was killed by signal 9 (Killed); requests wait, starting it again in 1.0s"));
  std::set<std::string> keys;
  const std::string journal = file(kJournal);
  for (const std::string_view line : base::split(journal, '\n')) {
    const std::size_t at = line.find("\"key\":\"");
    if (at == std::string_view::npos) continue;
    EXPECT_TRUE(keys.insert(std::string(line.substr(at + 7, 32))).second) << line.substr(0, 80);
  }
  EXPECT_THAT(journal, Not(HasSubstr("\"failed\"")));
  EXPECT_THAT(slotmill.errors(), Not(HasSubstr("waiting for it"))) << "connections to it linger";
}

TEST_F(StartedServer, DiesWithASlotmillThatIsKilled) {
  write_job(400, "--delay-ms 20", "setsid sh -c 'sleep 1000 & echo $! > child; echo $$ > worker; wait' & ");
  Process slotmill(command());
  ASSERT_TRUE(soon([&] { return lines(kJournal) > 5; })) << slotmill.errors();
  slotmill.signal(SIGKILL);
  EXPECT_EQ(slotmill.wait(), 128 + SIGKILL);
  for (const char* name : {"pid", "worker", "child"}) EXPECT_TRUE(is_gone(process(name))) << name;
  // Neither its directory nor its port stays taken.
  const auto again = run();
  EXPECT_EQ(again.code, 0) << again.errors;
}

TEST_F(StartedServer, CtrlCWhileItStartsEndsAtOnce) {
  write_job_with(20, "trap '' TERM INT; echo $$ > pid; sleep 1000; sleep 1000");
  Process slotmill(command());
  const pid_t server = process("pid");
  const auto begin = std::chrono::steady_clock::now();
  slotmill.signal(SIGINT);
  EXPECT_EQ(slotmill.wait(), 130) << slotmill.errors();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
  EXPECT_NE(::kill(server, 0), 0);
}

TEST_F(StartedServer, ThatDiesAtTheStartIsExplained) {
  write_job_with(20, "echo CUDA out of memory >&2; exit 3");
  const auto finished = run();
  EXPECT_EQ(finished.code, 1);
  EXPECT_THAT(finished.errors,
              AllOf(HasSubstr("model loop (http://127.0.0.1:" + port_ +
                              "/v1, test-model): the server sh of model "
                              "loop exited with code 3 before it was ready; the end of "),
                    HasSubstr(":\nslotmill:     CUDA out of memory\n"), HasSubstr("attempts stay owed")));
}

}  // namespace
}  // namespace cli_testing
