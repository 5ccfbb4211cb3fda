// Server against real processes: the provider of the tests, and shells that misbehave.
#include "local_model/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <mutex>
#include <ostream>
#include <thread>

#include "base/text.h"
#include "local_model/health_check.h"
#include "tests/support/process.h"
#include "tests/support/scratch.h"
#include "tests/support/soon.h"

namespace local_model {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using testing_support::soon;
using State = model::Availability::State;

class ServerTest : public ::testing::Test {
 protected:
  ServerTest() : port_(std::to_string(testing_support::unused_port())) {
    spec_.models = {{"local", "provider", "http://127.0.0.1:" + port_ + "/v1"}};
    spec_.log = scratch_.path() / "servers" / "local.log";
    spec_.pause = 1ms;
    serve();
  }

  /// The provider, which says its process id in the file `pid`, behind the shell commands `before`.
  void serve(const std::string& before = "") {
    shell("cd " + scratch_.path().string() + "; " + before +
          "echo $$ > pid; exec " SLOTMILL_PROVIDER " --port " + port_);
  }
  void shell(const std::string& script) { spec_.command = {"/bin/sh", "-c", script}; }

  void start() {
    server_ = std::make_unique<Server>(spec_);
    server_->on_note([this](const std::string& note) {
      const std::lock_guard lock(mutex_);
      notes_.push_back(note);
    });
    server_->need();
  }
  void expect_up() {
    ASSERT_TRUE(soon([&] { return server_->state() != State::coming; }));
    ASSERT_EQ(server_->state(), State::up) << server_->why();
  }
  void expect_gone() {
    ASSERT_TRUE(soon([&] { return server_->state() == State::gone; }));
  }

  void kill_and_await_next() {
    expect_up();
    const std::string before = file("pid");
    ::kill(process("pid"), SIGKILL);
    ASSERT_TRUE(soon([&] { return file("pid") != before && file("pid").ends_with('\n'); }));
    expect_up();
  }

  std::string file(const std::string& name) const {
    const auto text = base::read_file(scratch_.path() / name);
    return text ? *text : std::string();
  }
  pid_t process(const std::string& name) const {
    EXPECT_TRUE(soon([&] { return file(name).ends_with('\n'); })) << name;
    return std::stoi(file(name));
  }
  static bool is_gone(pid_t process) {
    return soon([=] { return ::kill(process, 0) != 0; });
  }
  std::vector<std::string> notes() {
    const std::lock_guard lock(mutex_);
    return notes_;
  }

  const testing_support::Scratch scratch_;
  const std::string port_;
  ServerSpec spec_;
  std::mutex mutex_;
  std::vector<std::string> notes_;
  std::unique_ptr<Server> server_;
};

TEST_F(ServerTest, StartsWhenItIsNeededAndEndsWithTheRun) {
  spec_.environment = {{"SLOTMILL_TEST_WORD", "hello"}};
  serve("echo $SLOTMILL_TEST_WORD > word; ");
  {
    const Server never_needed(spec_);
    EXPECT_EQ(never_needed.state(), State::coming);
  }
  EXPECT_EQ(file("servers/local.log"), "");
  start();
  expect_up();
  EXPECT_EQ(file("word"), "hello\n");
  EXPECT_THAT(file("servers/local.log"),
              AllOf(HasSubstr("slotmill starts /bin/sh -c cd "), HasSubstr("listening")));
  EXPECT_THAT(notes(), Not(Contains(HasSubstr("warning"))));
  const pid_t provider = process("pid");
  server_->stop();
  server_->wait();
  EXPECT_NE(::kill(provider, 0), 0) << "still there";
  EXPECT_EQ(server_->state(), State::gone);
}

TEST_F(ServerTest, SaysWhichModelsThereAreWhenTheJobsIsNotOneOfThem) {
  spec_.models.push_back({"other", "qwen", spec_.models.front().base_url});
  start();
  expect_up();
  EXPECT_THAT(notes(), Contains("warning: model other: the server lists no model qwen; it lists provider"));
}

struct Failure {
  const char* name;
  std::vector<std::string> command;
  std::string message;
  double timeout = 20;
};
void PrintTo(const Failure& failure, std::ostream* out) { *out << failure.name; }

class ServerFails : public ServerTest, public ::testing::WithParamInterface<Failure> {};

TEST_P(ServerFails, WithTheReasonAndWhatItSaid) {
  spec_.command = GetParam().command;
  spec_.timeout_seconds = GetParam().timeout;
  start();
  expect_gone();
  EXPECT_THAT(server_->why(), HasSubstr("the server " + GetParam().command.front() + " of model local "));
  EXPECT_THAT(server_->why(), HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    All, ServerFails,
    ::testing::Values(
        Failure{
            "not_found", {"no-such-program"}, "can't be started: No such file or directory; is it installed"},
        Failure{"not_executable", {"/dev/null"}, "can't be started: Permission denied"},
        Failure{"dies",
                {"/bin/sh", "-c", "echo one; echo two >&2; exit 3"},
                "exited with code 3 before it was ready; the end of "},
        Failure{"says_why", {"/bin/sh", "-c", "echo one; echo two >&2; exit 3"}, ":\n    one\n    two"},
        Failure{"is_killed",
                {"/bin/sh", "-c", "kill -SEGV $$"},
                "was killed by signal 11 (Segmentation fault) before it was ready; it wrote nothing into "},
        Failure{"goes_into_the_background",
                {"/bin/true"},
                "exited with code 0 before it was ready (it has to stay"},
        Failure{"never_answers", {"/bin/sleep", "1000"}, "didn't answer http://127.0.0.1:", 0.2}),
    [](const auto& tested) { return tested.param.name; });

TEST_F(ServerTest, IsNotStartedWhereSomethingAnswersAlready) {
  const testing_support::Provider other;
  spec_.models.front().base_url = other.base_url();
  start();
  expect_gone();
  EXPECT_THAT(server_->why(), HasSubstr("something answers on 127.0.0.1:" + std::to_string(other.port()) +
                                        " already; stop it, or leave start: out to use it"));
  EXPECT_EQ(file("servers/local.log"), "");
}

TEST_F(ServerTest, ComesBackAndLeavesNothingOfItsOldSelf) {
  // A worker in a session of its own that SIGTERM doesn't end, and its child.
  serve(
      "test -e worker || setsid sh -c 'trap \"\" TERM; sleep 1000 & echo $! > child; echo $$ > worker; wait' "
      "& ");
  start();
  expect_up();
  const pid_t first = process("pid");
  const pid_t worker = process("worker");
  const pid_t child = process("child");
  ::kill(first, SIGKILL);
  ASSERT_TRUE(
      soon([&] { return server_->state() == State::up && file("pid") != std::to_string(first) + "\n"; }));
  EXPECT_TRUE(is_gone(worker));
  EXPECT_TRUE(is_gone(child));
  EXPECT_THAT(
      notes(),
      Contains(HasSubstr("was killed by signal 9 (Killed); requests wait, starting it again in 0.0s")));
}

TEST_F(ServerTest, GivesUpAfterFiveDeathsInARow) {
  start();
  for (int death = 1; death < kMostDeaths; ++death) kill_and_await_next();
  ::kill(process("pid"), SIGKILL);
  expect_gone();
  EXPECT_THAT(
      server_->why(),
      HasSubstr("was started 5 times and never served for 60 seconds; at last it was killed by signal 9"));
}

TEST_F(ServerTest, ForgetsDeathsAfterSteadyService) {
  spec_.steady = 0ms;
  start();
  for (int death = 0; death < kMostDeaths + 2; ++death) kill_and_await_next();
}

TEST_F(ServerTest, EndsWithItsWorkersWhateverSessionTheyAreIn) {
  serve("setsid sh -c 'sleep 1000 & echo $! > child; echo $$ > worker; wait' & ");
  start();
  expect_up();
  const pid_t worker = process("worker");
  const pid_t child = process("child");
  server_.reset();
  EXPECT_NE(::kill(worker, 0), 0);
  EXPECT_NE(::kill(child, 0), 0);
}

TEST_F(ServerTest, IsKilledWithoutGraceWhileItStarts) {
  shell("trap '' TERM; cd " + scratch_.path().string() + "; echo $$ > pid; sleep 1000; sleep 1000");
  start();
  const pid_t program = process("pid");
  const auto begin = std::chrono::steady_clock::now();
  server_.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
  EXPECT_NE(::kill(program, 0), 0);
}

TEST(HealthCheck, ReadsModelLists) {
  EXPECT_THAT(model_names(R"({"object":"list","data":[{"id":"a"},{"id":"b"},{"name":"c"}]})"),
              ElementsAre("a", "b"));
  for (const char* other : {"", "[]", "{}", R"({"data":{}})", "<html>", R"({"data":[1]})"})
    EXPECT_THAT(model_names(other), ElementsAre()) << other;
}

TEST(HealthCheck, NamesHostAndPort) {
  EXPECT_EQ(host_and_port("http://127.0.0.1:8000/v1"), "127.0.0.1:8000");
  EXPECT_EQ(host_and_port("http://localhost/health"), "localhost:80");
  EXPECT_EQ(host_and_port("https://gpu"), "gpu:443");
  EXPECT_EQ(host_and_port("http://[::1]:8000/v1"), "[::1]:8000");
  EXPECT_EQ(host_and_port("http://[::1]/v1"), "[::1]:80");
}

}  // namespace
}  // namespace local_model
