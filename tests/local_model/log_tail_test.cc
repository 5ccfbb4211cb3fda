#include "local_model/log_tail.h"

#include <gtest/gtest.h>

#include "tests/support/scratch.h"

namespace local_model {
namespace {

TEST(LogTail, IsFitForAMessage) {
  const testing_support::Scratch scratch;
  const base::Path log = scratch.path() / "log";
  const struct {
    std::string written;
    std::uint64_t from;
    std::string tail;
  } cases[] = {
      {"", 0, ""},
      {"\n\n", 0, ""},
      {"one\ntwo\n\nthree\nfour", 0, "    two\n    three\n    four"},
      {"before\nafter\n", 7, "    after"},
      {"\x1b[1;31mERROR\x1b[0m \x1b]it\x07", 0, "    ERROR ]it "},
      {"loading 10%\rloading 90%\rdone\r\n", 0, "    done"},
      {"caf\xC3\xA9 \xFF\xFE 会议", 0, "    café \xEF\xBF\xBD\xEF\xBF\xBD 会议"},
      {std::string(1000, 'x'), 0, "    " + std::string(300, 'x')},
      {"cut\x1b[", 0, "    cut"},
  };
  for (const auto& c : cases) {
    ASSERT_TRUE(base::replace_file(log, c.written));
    EXPECT_EQ(log_tail(log, c.from, 3), c.tail) << c.written;
  }
  EXPECT_EQ(log_tail(scratch.path() / "none", 0, 3), "");
}

}  // namespace
}  // namespace local_model
