#include "datasets/release.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>
#include <sys/resource.h>

#include <csignal>
#include <fstream>
#include <map>
#include <set>

#include "base/hash.h"

namespace datasets {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

class ReleaseTest : public testing::Test {
 protected:
  void SetUp() override {
    run_ = base::Path(testing::TempDir()) /
           (std::string("release_test_") + testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::remove_all(run_);
    fs::create_directories(run_);
    info_.job_name = "meeting-room";
    info_.language = "zh-Hans";
    info_.seed = 7;
  }
  void TearDown() override { fs::remove_all(run_); }

  static Row row(int number, Split split) {
    Row out;
    out.id = base::to_hex(base::hash64(std::to_string(number)));
    out.text = "把音量调到" + std::to_string(number);
    out.language = "zh-Hans";
    const auto end = static_cast<std::uint32_t>(5 + std::to_string(number).size());
    out.frames = {{"set_volume", {{"level", std::to_string(number), std::to_string(number), 5, end}}}};
    out.model = "qwen";
    out.split = split;
    return out;
  }
  // Train, dev and test by turns.
  static std::vector<Row> rows(int count) {
    std::vector<Row> out;
    for (int i = 0; i < count; ++i) out.push_back(row(i, static_cast<Split>(i % 3)));
    return out;
  }

  base::Path rows_file() const { return run_ / "rows.jsonl"; }
  base::Path releases() const { return run_ / "releases"; }
  static void write(const base::Path& path, const std::string& text) {
    ASSERT_TRUE(base::replace_file(path, text));
  }
  void write_rows(const std::vector<Row>& from) {
    std::string text;
    for (const Row& each : from) {
      append_row(each, text);
      text += '\n';
    }
    write(rows_file(), text);
  }
  static std::string read(const base::Path& path) {
    auto text = base::read_file(path);
    return text ? *text : "ERROR " + text.error().message;
  }

  static ReleaseFormat text_format(std::string name) {
    return {std::move(name),
            [](const Row& from, std::string& out) { out += "{\"t\":\"" + from.text + "\"}"; }};
  }
  base::Result<PublishedRelease> publish() { return publish_release(run_, info_, {text_format("swift")}); }
  PublishedRelease published() {
    auto result = publish();
    EXPECT_TRUE(result) << result.error().message;
    return result ? *result : PublishedRelease{};
  }
  std::string error() {
    auto result = publish();
    return result ? "no error" : result.error().message;
  }
  std::set<std::string> names(const base::Path& directory) const {
    std::set<std::string> out;
    for (const auto& entry : fs::directory_iterator(directory)) out.insert(entry.path().filename().string());
    return out;
  }

  base::Path run_;
  ReleaseInfo info_;
};

TEST_F(ReleaseTest, FilesAndCard) {
  std::vector<Row> all = rows(4);
  all[1].kind = Kind::multi_intent;
  all[1].frames.push_back({"mute", {}});
  all[2].kind = Kind::out_of_scope;
  all[2].frames.clear();
  all[3].model = "local";
  write_rows(all);
  const auto result = publish_release(run_, info_, {text_format("swift"), text_format("plain")});
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_TRUE(result->published);
  EXPECT_EQ(result->directory, releases() / "0001");
  EXPECT_EQ(result->rows, 4U);
  EXPECT_EQ(result->train, 2U);
  EXPECT_EQ(result->dev, 1U);
  EXPECT_EQ(result->test, 1U);
  EXPECT_EQ(
      names(result->directory),
      (std::set<std::string>{"train.swift.jsonl", "dev.swift.jsonl", "test.swift.jsonl", "train.plain.jsonl",
                             "dev.plain.jsonl", "test.plain.jsonl", "dataset.json", "README.md"}));
  EXPECT_EQ(read(result->directory / "train.swift.jsonl"),
            "{\"t\":\"把音量调到0\"}\n{\"t\":\"把音量调到3\"}\n");
  EXPECT_EQ(read(result->directory / "dev.plain.jsonl"), "{\"t\":\"把音量调到1\"}\n");
  EXPECT_EQ(fs::read_symlink(releases() / "latest"), "0001");

  const std::string one_line = "\"bytes\":25,\"xxh128\":";
  const auto file = [&](const char* name) {
    return base::to_hex(base::hash128(read(result->directory / name)));
  };
  const auto line = [&](const char* name) {
    return "\"" + std::string(name) + "\":{\"rows\":1," + one_line + "\"" + file(name) + "\"}";
  };
  const auto train = [&](const char* name) {
    return "\"" + std::string(name) + "\":{\"rows\":2,\"bytes\":50,\"xxh128\":\"" + file(name) + "\"}";
  };
  EXPECT_EQ(read(result->directory / "dataset.json"),
            R"({"dataset":1,"name":"meeting-room","language":"zh-Hans","seed":7,"complete":true,"rows":4,)"
            R"("splits":{"train":2,"dev":1,"test":1},"intents":{"mute":{"train":0,"dev":1,"test":0},)"
            R"("none":{"train":0,"dev":0,"test":1},"set_volume":{"train":2,"dev":1,"test":0}},)"
            R"("kinds":{"in_scope":2,"multi_intent":1,"out_of_scope":1},"models":{"local":1,"qwen":3},)"
            R"("slots":{"level":{"spans":3,"values":3}},"formats":["swift","plain"],"files":{)" +
                line("dev.plain.jsonl") + "," + line("dev.swift.jsonl") + "," + line("test.plain.jsonl") +
                "," + line("test.swift.jsonl") + "," + train("train.plain.jsonl") + "," +
                train("train.swift.jsonl") + "}}\n");

  const std::string readme = read(result->directory / "README.md");
  EXPECT_THAT(readme, HasSubstr("# meeting-room\n"));
  EXPECT_THAT(readme, HasSubstr("| set_volume | 2 | 1 | 0 |"));
  EXPECT_THAT(readme, HasSubstr("| all rows | 2 | 1 | 1 |"));
  EXPECT_THAT(readme, HasSubstr("| level | 3 | 3 |"));
  EXPECT_THAT(readme, HasSubstr("counts for both"));
  EXPECT_THAT(readme, HasSubstr("--dataset train.swift.jsonl --val_dataset dev.swift.jsonl\n"));
  EXPECT_THAT(readme, Not(HasSubstr("not all met")));
}

TEST_F(ReleaseTest, IncompleteIsSaid) {
  write_rows(rows(1));
  info_.complete = false;
  const auto result = published();
  EXPECT_THAT(read(result.directory / "dataset.json"), HasSubstr("\"complete\":false"));
  EXPECT_THAT(read(result.directory / "README.md"), HasSubstr("quotas were not all met"));
}

// ms-swift refuses to load an empty file.
TEST_F(ReleaseTest, ASplitWithoutRowsHasNoFile) {
  write_rows({row(1, Split::dev)});
  const auto result = published();
  EXPECT_EQ(names(result.directory), (std::set<std::string>{"dev.swift.jsonl", "dataset.json", "README.md"}));
  EXPECT_THAT(read(result.directory / "README.md"), Not(HasSubstr("swift sft"))) << "nothing to train on";
}

TEST_F(ReleaseTest, EqualBytesAreNotPublishedAgain) {
  write_rows(rows(9));
  ASSERT_TRUE(published().published);
  const auto again = published();
  EXPECT_FALSE(again.published);
  EXPECT_EQ(again.directory, releases() / "0001");
  EXPECT_EQ(again.rows, 9U);
  EXPECT_EQ(again.train, 3U);
  EXPECT_EQ(names(releases()), (std::set<std::string>{"0001", "latest"}));
}

TEST_F(ReleaseTest, EveryChangeIsANewRelease) {
  write_rows(rows(9));
  published();
  const std::string first = read(releases() / "0001" / "train.swift.jsonl");
  write_rows(rows(10));
  EXPECT_EQ(published().directory, releases() / "0002");
  EXPECT_EQ(fs::read_symlink(releases() / "latest"), "0002");
  EXPECT_EQ(read(releases() / "0001" / "train.swift.jsonl"), first);
  info_.complete = false;
  EXPECT_EQ(published().directory, releases() / "0003");
  const auto more = publish_release(run_, info_, {text_format("swift"), text_format("plain")});
  ASSERT_TRUE(more);
  EXPECT_EQ(more->directory, releases() / "0004");
  write_rows(rows(9));
  info_.complete = true;
  EXPECT_EQ(published().directory, releases() / "0005") << "only the latest one is compared";
}

TEST_F(ReleaseTest, ADamagedLatestIsNotTakenForEqual) {
  write_rows(rows(9));
  published();
  fs::resize_file(releases() / "0001" / "dev.swift.jsonl", 3);
  EXPECT_EQ(published().directory, releases() / "0002");
  fs::remove(releases() / "0002" / "test.swift.jsonl");
  EXPECT_EQ(published().directory, releases() / "0003");
  fs::remove(releases() / "0003" / "dataset.json");
  EXPECT_EQ(published().directory, releases() / "0004");
}

// What a publish leaves that was killed at one of its steps.
TEST_F(ReleaseTest, TheNextPublishTidiesUp) {
  write_rows(rows(9));
  published();
  fs::remove(releases() / "latest");
  auto result = published();
  EXPECT_FALSE(result.published);
  EXPECT_EQ(fs::read_symlink(releases() / "latest"), "0001") << "killed between the rename and the link";

  fs::create_directories(releases() / ".0002.tmp" / "deep");
  write(releases() / ".0002.tmp" / "train.swift.jsonl", "half");
  fs::create_symlink("0009", releases() / ".latest.tmp");
  write_rows(rows(10));
  result = published();
  EXPECT_EQ(result.directory, releases() / "0002");
  EXPECT_EQ(names(releases()), (std::set<std::string>{"0001", "0002", "latest"}));
  EXPECT_EQ(names(result.directory),
            (std::set<std::string>{"train.swift.jsonl", "dev.swift.jsonl", "test.swift.jsonl", "dataset.json",
                                   "README.md"}));
}

TEST_F(ReleaseTest, ForeignNamesStayAndDoNotCount) {
  const char* const foreign[] = {"12",        "00013",       "backup",  "0x10",
                                 "notes.txt", ".hidden.tmp", ".12.tmp", "0000"};
  for (const char* name : foreign) fs::create_directories(releases() / name);
  write_rows(rows(3));
  EXPECT_EQ(published().directory, releases() / "0001");
  for (const char* name : foreign) EXPECT_TRUE(fs::exists(releases() / name)) << name;
}

TEST_F(ReleaseTest, NumbersGoOnAfterTheHighest) {
  fs::create_directories(releases() / "0041");
  fs::create_directories(releases() / "9999");
  write_rows(rows(3));
  EXPECT_EQ(published().directory, releases() / "10000");
  write_rows(rows(4));
  EXPECT_EQ(published().directory, releases() / "10001");
}

TEST_F(ReleaseTest, TheLatestLinkIsReplacedWhateverItPointsTo) {
  write_rows(rows(3));
  fs::create_directories(releases());
  fs::create_symlink("nowhere", releases() / "latest");
  published();
  EXPECT_EQ(fs::read_symlink(releases() / "latest"), "0001");
}

TEST_F(ReleaseTest, ADamagedLineIsNamed) {
  std::string good;
  append_row(row(1, Split::train), good);
  const std::tuple<std::string, const char*> cases[] = {
      {good + "\n\n" + good + "\n", "rows.jsonl:2: a row must be JSON"},
      {good + "\n" + good + "\n" + good.substr(0, 100), "rows.jsonl:3: a row must be JSON"},
      {good + "\n{}\n", "rows.jsonl:2: id: missing"},
      {"\n", "rows.jsonl:1: a row must be JSON"},
      {good + good + "\n", "rows.jsonl:1: a row must be JSON"},
  };
  for (const auto& [text, message] : cases) {
    write(rows_file(), text);
    EXPECT_THAT(error(), HasSubstr(message));
    EXPECT_THAT(error(), HasSubstr("; the file is rebuilt when the job is run again"));
    EXPECT_TRUE(names(releases()).empty()) << "nothing half-made stays";
  }
}

TEST_F(ReleaseTest, TruncatedAtEveryByte) {
  std::string one;
  append_row(row(1, Split::train), one);
  std::string both = one + "\n";
  append_row(row(2, Split::train), both);
  both += '\n';
  for (std::size_t size = 0; size <= both.size(); ++size) {
    fs::remove(rows_file());
    std::ofstream(rows_file()) << both.substr(0, size);
    const auto result = publish();
    const bool whole = size == one.size() || size == one.size() + 1 || size + 1 >= both.size();
    ASSERT_EQ(result.has_value(), whole) << size;
    if (whole) {
      ASSERT_EQ(result->rows, size < both.size() - 1 ? 1U : 2U) << size;
    }
  }
}

TEST_F(ReleaseTest, NothingToPublish) {
  EXPECT_THAT(error(), HasSubstr("rows.jsonl: No such file"));
  write(rows_file(), "");
  EXPECT_THAT(error(), HasSubstr("has no rows"));
  EXPECT_TRUE(names(releases()).empty());
  fs::remove_all(releases());
  write(releases(), "a file");
  EXPECT_THAT(error(), HasSubstr("cannot create the directory"));
}

TEST_F(ReleaseTest, TwoFormatsOfOneName) {
  write_rows(rows(3));
  const auto result = publish_release(run_, info_, {text_format("swift"), text_format("swift")});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, base::ErrorKind::bad_input);
  EXPECT_THAT(result.error().message, HasSubstr("two output formats are called `swift`"));
}

TEST_F(ReleaseTest, AFullDiskLeavesTheOldRelease) {
  write_rows(rows(3));
  published();
  write_rows(rows(3000));
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit tight{10000, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &tight), 0);
  const std::string message = error();
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_THAT(message, HasSubstr(".0002.tmp/train.swift.jsonl: File too large; make room"));
  EXPECT_EQ(names(releases()), (std::set<std::string>{"0001", "latest"}));
  EXPECT_EQ(fs::read_symlink(releases() / "latest"), "0001");
  EXPECT_EQ(published().directory, releases() / "0002");
}

// Lines and characters lie across the borders of what is read at once.
TEST_F(ReleaseTest, LargeFilesComeThroughWhole) {
  std::vector<Row> all = rows(20000);
  all[10000].text += std::string(9 << 20, 'x');  // a line longer than several reads
  write_rows(all);
  ASSERT_GT(fs::file_size(rows_file()), 15U << 20);
  std::map<Split, std::string> expected;
  for (const Row& each : all) expected[each.split] += "{\"t\":\"" + each.text + "\"}\n";
  const auto result = published();
  EXPECT_EQ(result.rows, all.size());
  for (const auto& [split, text] : expected)
    EXPECT_TRUE(read(result.directory / (std::string(split_name(split)) + ".swift.jsonl")) == text)
        << split_name(split);
}

TEST_F(ReleaseTest, BytesDoNotDependOnPlaceOrNumber) {
  write_rows(rows(30));
  const auto here = published();
  const base::Path elsewhere = run_ / "elsewhere";
  fs::create_directories(elsewhere / "releases" / "0007");
  fs::copy_file(rows_file(), elsewhere / "rows.jsonl");
  const auto there = publish_release(elsewhere, info_, {text_format("swift")});
  ASSERT_TRUE(there);
  EXPECT_EQ(there->directory.filename(), "0008");
  for (const std::string& name : names(here.directory))
    EXPECT_EQ(read(here.directory / name), read(there->directory / name)) << name;
}

}  // namespace
}  // namespace datasets
