// A server that sends the key back wherever it can: no part of it may be found in anything that a run leaves.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>
#include <sys/stat.h>

#include <filesystem>

#include "base/text.h"
#include "tests/cli/workspace.h"
#include "tests/support/http_server.h"

namespace cli_testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testing_support::HttpAnswer;
using testing_support::HttpExchange;
using testing_support::HttpServer;

constexpr const char* kKey = "sk-ve/ry+Zx9Qsecret=4711";
constexpr const char* kCore = "Zx9Q";  // stands in every spelling of it below
constexpr const char* kSpellings =
    R"(sk-ve/ry+Zx9Qsecret=4711 sk-ve%2Fry%2BZx9Qsecret%3D4711 sk-ve\\/ry+Zx9Qsecret=4711 )"
    R"(sk-ve&#47;ry&#43;Zx9Qsecret=4711 \\u0073k-ve/ry\\u002bZx9Qsecret=4711)";

std::string reply() {
  return std::string(R"({"choices":[{"message":{"role":"assistant","content":"{\"utterances\":[\")") +
         kSpellings + R"(\"]}"},"finish_reason":"stop"}],"usage":{"prompt_tokens":5,"completion_tokens":5}})";
}

const std::string kHeaders = std::string("Content-Type: text/plain\r\nX-Echo: Bearer ") + kKey +
                             "\r\nSet-Cookie: id=" + kKey + "\r\nLocation: http://127.0.0.1/" + kKey +
                             "?token=Zx9Q\r\n";

void expect_no_key(const Workspace& workspace, const testing_support::Finished& finished) {
  EXPECT_THAT(finished.errors, Not(HasSubstr(kCore)));
  EXPECT_THAT(finished.output, Not(HasSubstr(kCore)));
  int files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(workspace.path("out"))) {
    if (!entry.is_regular_file()) continue;
    ++files;
    EXPECT_EQ(base::read_file(entry.path()).value().find(kCore), std::string::npos) << entry.path();
  }
  EXPECT_GT(files, 3);
}

struct Echo {
  const char* name;
  HttpAnswer answer;  // to every third request; the others get a reply that echoes
  int code;
};

void PrintTo(const Echo& echo, std::ostream* out) { *out << echo.name; }

class Secrets : public ::testing::TestWithParam<Echo> {};

TEST_P(Secrets, ThatAServerSendsBackGetNowhere) {
  int requests = 0;
  const HttpServer server([&](const HttpExchange& request) {
    EXPECT_THAT(request.head, HasSubstr(kKey));
    return ++requests % 3 == 0 ? GetParam().answer : HttpAnswer{200, reply(), kHeaders, false};
  });
  const Workspace workspace;
  workspace.write("job.yaml",
                  remote_job(server.base_url(), 4, "api_key_env: SLOTMILL_TEST_KEY, timeout: 5s"));
  workspace.write("key", std::string(kKey) + "\n");
  ASSERT_EQ(::chmod(workspace.path("key").c_str(), 0600), 0);
  std::filesystem::create_directories(workspace.path("out"));
  const std::string trace = workspace.path("out/trace.jsonl").string();
  const auto finished = workspace.slotmill({"run", "--trace", trace, workspace.path("job.yaml").string()},
                                           {{"SLOTMILL_TEST_KEY_FILE", workspace.path("key").string()},
                                            {"https_proxy", "http://me:Zx9Qpassword@127.0.0.1:1"}});
  EXPECT_EQ(finished.code, GetParam().code) << finished.errors;
  EXPECT_THAT(workspace.read("out/remote/journal/run.jsonl"), HasSubstr("***"));
  expect_no_key(workspace, finished);

  struct stat info {};
  ASSERT_EQ(::stat(trace.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  const std::string lines = workspace.read("out/trace.jsonl");
  EXPECT_THAT(lines, HasSubstr("{\"request\":1,"));
  EXPECT_THAT(lines, HasSubstr("\"Authorization: ***\""));
  EXPECT_THAT(lines, HasSubstr("\"X-Echo: Bearer ***\""));
  EXPECT_THAT(lines, HasSubstr("\"Set-Cookie: ***\""));
  EXPECT_THAT(lines, HasSubstr("{\"reply\":1,"));

  simdjson::dom::parser parser;
  for (const std::string_view line : base::split(base::trim(lines), '\n'))
    EXPECT_EQ(parser.parse(std::string(line)).error(), simdjson::SUCCESS) << line;

  const auto pinged =
      workspace.slotmill({"plan", "--ping", "--trace", trace, workspace.path("job.yaml").string()},
                         {{"SLOTMILL_TEST_KEY", kKey}});
  expect_no_key(workspace, pinged);
  EXPECT_GT(workspace.read("out/trace.jsonl").size(), lines.size());  // appended
  EXPECT_TRUE(workspace.read("out/trace.jsonl").starts_with(lines));
}

std::string error_json() {
  return std::string(R"({"error":{"message":"wrong key )") + kSpellings + R"(","type":")" + kKey +
         R"(","code":")" + kKey + "\"}}";
}

INSTANTIATE_TEST_SUITE_P(
    All, Secrets,
    ::testing::Values(Echo{"reply", {200, reply(), kHeaders, false}, 3},
                      Echo{"unauthorized", {401, error_json(), kHeaders, false}, 1},
                      Echo{"refused", {400, error_json(), kHeaders, false}, 3},
                      Echo{"plain", {403, std::string("no ") + kSpellings, kHeaders, false}, 1},
                      Echo{"moved", {307, kSpellings, kHeaders, false}, 1}),
    [](const auto& tested) { return tested.param.name; });

TEST(Trace, NeedsAFileAndPing) {
  const Workspace workspace;
  workspace.write("job.yaml", remote_job("http://127.0.0.1:9/v1", 4));
  const std::string job = workspace.path("job.yaml").string();
  EXPECT_EQ(workspace.slotmill({"plan", "--trace", workspace.path("t").string(), job}).code, 2);
  const auto finished = workspace.slotmill({"run", "--trace", workspace.path("").string(), job});
  EXPECT_NE(finished.code, 0);
  EXPECT_THAT(finished.errors, HasSubstr("cannot write"));
  EXPECT_FALSE(std::filesystem::exists(workspace.path("out")));
}

}  // namespace
}  // namespace cli_testing
