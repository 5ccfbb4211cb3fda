#include "base/crc32c.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace base {
namespace {

// RFC 3720, appendix B.4, and the check value of the catalogue of CRC algorithms.
TEST(Crc32c, KnownVectors) {
  std::string rising;
  for (int i = 0; i < 32; ++i) rising += static_cast<char>(i);
  const std::string falling(rising.rbegin(), rising.rend());
  const std::pair<std::string, std::uint32_t> cases[] = {
      {"", 0},
      {"123456789", 0xE3069283},
      {std::string(32, '\0'), 0x8A9136AA},
      {std::string(32, '\xFF'), 0x62A8AB43},
      {rising, 0x46DD794E},
      {falling, 0x113FDB5C},
  };
  for (const auto& [bytes, expected] : cases) {
    EXPECT_EQ(crc32c(bytes), expected) << bytes.size();
    EXPECT_EQ(crc32c_portable(bytes), expected) << bytes.size();
  }
}

TEST(Crc32c, BothFormsAgreeAtEveryLengthAndAlignment) {
  std::mt19937 random(1);
  std::string bytes;
  for (int i = 0; i < 300; ++i) bytes += static_cast<char>(random());
  for (std::size_t from = 0; from < 9; ++from)
    for (std::size_t size = 0; size + from <= bytes.size(); ++size) {
      const std::string_view part = std::string_view(bytes).substr(from, size);
      ASSERT_EQ(crc32c(part), crc32c_portable(part)) << from << " " << size;
    }
}

}  // namespace
}  // namespace base
