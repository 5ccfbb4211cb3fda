#include "base/record_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <string>
#include <vector>

namespace base {
namespace {

using testing::HasSubstr;

struct Seen {
  std::uint64_t offset;
  std::string line;
  bool operator==(const Seen&) const = default;
};

class RecordLogTest : public testing::Test {
 protected:
  void SetUp() override {
    path_ = Path(testing::TempDir()) /
            (std::string("record_log_") + testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::remove_all(path_);
  }
  void TearDown() override { std::filesystem::remove_all(path_); }

  void write(std::string_view bytes) {
    std::filesystem::remove(path_);  // file systems flush a file that is cut and written again
    auto file = BufferedFile::create(path_);
    ASSERT_TRUE(file);
    ASSERT_TRUE(file->write(bytes));
    ASSERT_TRUE(file->finish(false));
  }

  Result<RecordLogScan> scan() {
    seen_.clear();
    return scan_record_log(path_, [&](std::uint64_t offset, std::string_view line) -> Status {
      seen_.push_back({offset, std::string(line)});
      return {};
    });
  }

  Path path_;
  std::vector<Seen> seen_;
};

const char* const kRecords[] = {
    R"({"journal":1,"job":"会议室"})",
    R"({"reply":{"key":"00","body":"{\"sync\":{}} in a text"}})",
    R"({"sync":{}})",
    R"({"failed":{"key":"01","reason":"deadline"}})",
    R"({"sync":{}})",
    R"({"reply":{"key":"02","body":"x"}})",
    R"({"reply":{"key":"03","body":"{\"sync\":{}}"}})",
};
constexpr std::size_t kCount = std::size(kRecords);
constexpr std::size_t kLastSync = 4;

// The log of kRecords and where each line begins; one more for the end.
struct Log {
  std::string bytes;
  std::vector<std::size_t> starts;
  std::vector<Seen> lines;

  Log() {
    for (const char* record : kRecords) {
      starts.push_back(bytes.size());
      lines.push_back({bytes.size(), seal_record(record)});
      bytes += lines.back().line + "\n";
    }
    starts.push_back(bytes.size());
  }
  // The line that byte `at` belongs to; its newline is the last of its bytes.
  std::size_t line_of(std::size_t at) const {
    std::size_t line = 0;
    while (starts[line + 1] <= at) ++line;
    return line;
  }
  std::vector<Seen> first(std::size_t count) const {
    return {lines.begin(), lines.begin() + static_cast<long>(count)};
  }
};

TEST(Record, SealedLineIsJsonWithItsChecksumLast) {
  // The example of docs/formats.md, for whoever writes another reader.
  EXPECT_EQ(seal_record(R"({"sync":{}})"), R"({"sync":{},"crc":"51c4fd8b"})");
  simdjson::dom::parser parser;
  for (const char* record : kRecords) {
    const std::string line = seal_record(record);
    simdjson::dom::object object;
    ASSERT_EQ(parser.parse(line).get(object), simdjson::SUCCESS) << line;
    std::string_view checksum;
    ASSERT_EQ(object["crc"].get(checksum), simdjson::SUCCESS);
    EXPECT_EQ(checksum, line.substr(line.size() - 10, 8));
    EXPECT_EQ(std::string(open_record(line)) + "}", record);
  }
}

TEST(Record, EveryFlippedBitIsSeen) {
  const std::string line = seal_record(kRecords[0]);
  for (std::size_t at = 0; at < line.size(); ++at)
    for (int bit = 0; bit < 8; ++bit) {
      std::string damaged = line;
      damaged[at] = static_cast<char>(damaged[at] ^ (1 << bit));
      ASSERT_TRUE(open_record(damaged).empty()) << at << " " << bit;
    }
  for (std::size_t size = 0; size < line.size(); ++size)
    ASSERT_TRUE(open_record(line.substr(0, size)).empty());
  EXPECT_TRUE(open_record(line + "\r").empty());
  EXPECT_TRUE(open_record(R"({"a":1})").empty()) << "no checksum at all";
}

TEST_F(RecordLogTest, MissingAndEmptyFilesAreEmptyLogs) {
  for (const bool empty_file : {false, true}) {
    if (empty_file) write("");
    const auto scanned = scan();
    ASSERT_TRUE(scanned);
    EXPECT_EQ(scanned->end, 0U);
    EXPECT_EQ(scanned->cut, 0U);
    EXPECT_EQ(scanned->records, 0U);
  }
}

TEST_F(RecordLogTest, WholeLog) {
  const Log log;
  write(log.bytes);
  const auto scanned = scan();
  ASSERT_TRUE(scanned);
  EXPECT_EQ(seen_, log.lines);
  EXPECT_EQ(scanned->records, kCount);
  EXPECT_EQ(scanned->end, log.bytes.size());
  EXPECT_EQ(scanned->cut, 0U);
}

// A kill or a power cut may end the file anywhere: all whole lines are read, the rest is cut.
TEST_F(RecordLogTest, TruncatedAtEveryByte) {
  const Log log;
  for (std::size_t size = 0; size < log.bytes.size(); ++size) {
    write(log.bytes.substr(0, size));
    const auto scanned = scan();
    ASSERT_TRUE(scanned) << size << " " << scanned.error().message;
    const std::size_t whole = log.line_of(size);
    ASSERT_EQ(seen_, log.first(whole)) << size;
    ASSERT_EQ(scanned->records, whole);
    ASSERT_EQ(scanned->end, log.starts[whole]);
    ASSERT_EQ(scanned->cut, size - log.starts[whole]);
  }
}

TEST_F(RecordLogTest, FlippedByteAtEveryPosition) {
  const Log log;
  for (std::size_t at = 0; at < log.bytes.size(); ++at)
    for (const int mask : {0x01, 0x20, 0x28, 0x80, 0xFF}) {  // 0x28 makes a newline of a quote
      std::string bytes = log.bytes;
      bytes[at] = static_cast<char>(bytes[at] ^ mask);
      write(bytes);
      const auto scanned = scan();
      const std::size_t line = log.line_of(at);
      ASSERT_EQ(seen_, log.first(line)) << at;
      if (line < kLastSync) {
        ASSERT_FALSE(scanned) << at << " " << mask;
        ASSERT_THAT(scanned.error().message,
                    HasSubstr(path_.string() + ": damaged at byte " + std::to_string(log.starts[line]) +
                              " (line " + std::to_string(line + 1) + ")"));
        ASSERT_THAT(scanned.error().message,
                    HasSubstr("truncate -s " + std::to_string(log.starts[line]) + " "));
      } else {
        ASSERT_TRUE(scanned) << at << " " << mask;
        ASSERT_EQ(scanned->end, log.starts[line]);
        ASSERT_EQ(scanned->cut, log.bytes.size() - log.starts[line]);
      }
    }
}

TEST_F(RecordLogTest, BytesInsertedAndRemovedAreSeen) {
  const Log log;
  for (std::size_t at = 0; at < log.starts[kLastSync]; ++at) {
    write(std::string(log.bytes).erase(at, 1));
    ASSERT_FALSE(scan()) << at;
    write(std::string(log.bytes).insert(at, 1, '\n'));
    ASSERT_FALSE(scan()) << at;
  }
}

// After a power cut the end of a file may read as zeros.
TEST_F(RecordLogTest, ZerosAtTheEndAreCut) {
  const Log log;
  write(log.bytes + std::string(5000, '\0'));
  const auto scanned = scan();
  ASSERT_TRUE(scanned);
  EXPECT_EQ(scanned->records, kCount);
  EXPECT_EQ(scanned->cut, 5000U);
}

// Two sync records that a lost newline has joined: the second one still proves what was before it.
TEST_F(RecordLogTest, SyncBehindADamagedSyncCounts) {
  const std::string sync = seal_record(R"({"sync":{}})");
  write(seal_record(R"({"a":1})") + "\n" + sync + "x" + sync + "\n" + seal_record(R"({"b":2})") + "\n");
  EXPECT_FALSE(scan());
}

TEST_F(RecordLogTest, VisitorMayRefuse) {
  const Log log;
  write(log.bytes);
  int visited = 0;
  const auto scanned = scan_record_log(path_, [&](std::uint64_t, std::string_view) -> Status {
    if (++visited == 2) return bad_input("too new");
    return {};
  });
  ASSERT_FALSE(scanned);
  EXPECT_EQ(scanned.error().message, "too new");
  EXPECT_EQ(visited, 2);
}

TEST_F(RecordLogTest, DirectoryIsNoLog) {
  std::filesystem::create_directories(path_);
  const auto scanned = scan();
  ASSERT_FALSE(scanned);
  EXPECT_THAT(scanned.error().message, HasSubstr("it is a directory"));
}

}  // namespace
}  // namespace base
