#include "remote_model/key.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <functional>

#include "base/file.h"
#include "tests/support/scratch.h"

namespace remote_model {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kName = "SLOTMILL_KEY_TEST";
constexpr const char* kFileName = "SLOTMILL_KEY_TEST_FILE";
constexpr const char* kKey = "sk-from-a-file-1";

class KeyTest : public testing::Test {
 protected:
  void SetUp() override { TearDown(); }
  void TearDown() override {
    unsetenv(kName);
    unsetenv(kFileName);
  }
  std::string file(const std::string& text, mode_t mode = 0600) {
    const base::Path path = scratch_.path() / "key";
    EXPECT_TRUE(base::replace_file(path, text));
    EXPECT_EQ(::chmod(path.c_str(), mode), 0);
    setenv(kFileName, path.c_str(), 1);
    return path.string();
  }
  const testing_support::Scratch scratch_;
};

TEST_F(KeyTest, ComesFromTheVariableOrTheFileThatItsTwinNames) {
  EXPECT_EQ(read_key("m", "").value(), "");
  setenv(kName, " sk-1\n", 1);
  EXPECT_EQ(read_key("m", kName).value(), "sk-1");
  unsetenv(kName);
  for (const mode_t mode : {0600U, 0400U}) {
    file(std::string(kKey) + "\n", mode);
    EXPECT_EQ(read_key("m", kName).value(), kKey);
  }
}

TEST_F(KeyTest, SaysWhatIsWrongAndWhatToDo) {
  const struct {
    const char* what;
    std::function<void()> set_up;
    std::string message;
  } cases[] = {
      {"nothing", [] {}, "SLOTMILL_KEY_TEST is not set; set it to the key, for example with `export "},
      {"nothing, the file", [] {},
       "or SLOTMILL_KEY_TEST_FILE to the path of a file with the key, and run the"},
      {"empty", [] { setenv(kName, " ", 1); }, "SLOTMILL_KEY_TEST is empty"},
      {"both",
       [&] {
         file(kKey);
         setenv(kName, kKey, 1);
       },
       "SLOTMILL_KEY_TEST and SLOTMILL_KEY_TEST_FILE are both set; unset one"},
      {"both, one empty",
       [&] {
         file(kKey);
         setenv(kName, "", 1);
       },
       "are both set"},
      {"no path", [] { setenv(kFileName, "", 1); }, "SLOTMILL_KEY_TEST_FILE is empty"},
      {"missing", [&] { setenv(kFileName, (scratch_.path() / "none").c_str(), 1); },
       "which SLOTMILL_KEY_TEST_FILE names, cannot be opened: No such file or directory; put the key there"},
      {"too open", [&] { file(kKey, 0640); }, "is open to other users (mode 640); chmod 600 "},
      {"a world that writes", [&] { file(kKey, 0602); }, "(mode 602)"},
      {"an empty file", [&] { file("\n"); }, "is empty; write the key into it"},
      {"two lines", [&] { file("sk-from-a-file-1\nsk-another\n"); }, "has more than one line"},
      {"a long one", [&] { file(std::string(20000, 'x')); }, "is too large to be a key"},
      {"spaces", [&] { file("sk from a file"); }, "has spaces, line breaks or characters that are not ASCII"},
      {"binary", [&] { file(std::string("sk-\0x", 5)); }, "has spaces, line breaks or characters"},
      {"a folder", [&] { setenv(kFileName, scratch_.path().c_str(), 1); }, "is not a regular file"},
      {"a device", [] { setenv(kFileName, "/dev/null", 1); }, "is not a regular file"},
      {"a pipe",
       [&] {
         const base::Path path = scratch_.path() / "pipe";
         ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
         setenv(kFileName, path.c_str(), 1);
       },
       "is not a regular file"},
  };
  for (const auto& c : cases) {
    TearDown();
    c.set_up();
    const auto key = read_key("qwen", kName);
    ASSERT_FALSE(key) << c.what;
    EXPECT_EQ(key.error().kind, base::ErrorKind::bad_input) << c.what;
    EXPECT_THAT(key.error().message, HasSubstr("model qwen: ")) << c.what;
    EXPECT_THAT(key.error().message, HasSubstr(c.message)) << c.what;
    EXPECT_THAT(key.error().message, HasSubstr("and run the same command again")) << c.what;
    EXPECT_THAT(key.error().message, Not(HasSubstr("sk-"))) << c.what;
  }
}

}  // namespace
}  // namespace remote_model
