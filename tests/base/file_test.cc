#include "base/file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <thread>

namespace base {
namespace {

using testing::HasSubstr;
using testing::Not;
namespace fs = std::filesystem;

class FileTest : public testing::Test {
 protected:
  void SetUp() override {
    directory_ = Path(testing::TempDir()) /
                 (std::string("file_test_") + testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::remove_all(directory_);
    fs::create_directories(directory_);
  }
  void TearDown() override { fs::remove_all(directory_); }
  Path path(const char* name = "file") const { return directory_ / name; }
  void put(const Path& at, std::string_view text) { ASSERT_TRUE(replace_file(at, text)); }
  static std::string get(const Path& at) {
    auto text = read_file(at);
    return text ? *text : "ERROR " + text.error().message;
  }

  Path directory_;
};

TEST_F(FileTest, ErrorsNameThePathTheReasonAndTheWayOut) {
  const std::tuple<int, const char*> cases[] = {{ENOSPC, "make room"},
                                                {EDQUOT, "make room"},
                                                {EFBIG, "make room"},
                                                {EACCES, "right to it"},
                                                {EROFS, "choose another directory"},
                                                {ENOENT, "No such file"}};
  for (const auto& [code, hint] : cases) {
    errno = code;
    const auto error = errno_error("write", "/a/b").value();
    EXPECT_EQ(error.kind, ErrorKind::failed);
    EXPECT_THAT(error.message, HasSubstr("cannot write /a/b: "));
    EXPECT_THAT(error.message, HasSubstr(hint));
  }
}

TEST_F(FileTest, ReadsWhatReplaceWrote) {
  for (const std::string& text : {std::string(), std::string("a\0\n\xff", 4), std::string(1 << 20, 'x')}) {
    put(path(), text);
    EXPECT_EQ(get(path()), text);
  }
}

TEST_F(FileTest, ReadFailures) {
  EXPECT_THAT(get(path("missing")), HasSubstr("missing: No such file"));
  EXPECT_THAT(get(directory_), HasSubstr("it is a directory"));
  put(path(), "x");
  EXPECT_THAT(get(path() / "below"), HasSubstr("Not a directory"));
}

TEST_F(FileTest, ReplaceLeavesNothingAsideWhenItFails) {
  fs::create_directories(path("taken") / "inside");
  auto status = replace_file(path("taken"), "x");
  ASSERT_FALSE(status);
  EXPECT_THAT(status.error().message, HasSubstr("cannot replace"));
  EXPECT_FALSE(fs::exists(path("taken.tmp")));
  EXPECT_FALSE(replace_file(path("nowhere") / "file", "x"));
}

// A reader must see one of the two texts whole, at any moment.
TEST_F(FileTest, ReplaceIsAtomic) {
  const std::string one(100000, '1');
  const std::string two(50000, '2');
  put(path(), one);
  std::atomic<bool> done = false;
  std::thread writer([&] {
    for (int i = 0; i < 100; ++i) ASSERT_TRUE(replace_file(path(), i % 2 == 0 ? two : one));
    done = true;
  });
  std::size_t reads = 0;
  std::size_t torn = 0;
  while (!done) {
    const std::string text = get(path());
    torn += text != one && text != two;
    ++reads;
  }
  writer.join();
  EXPECT_EQ(torn, 0U) << "of " << reads;
  EXPECT_FALSE(fs::exists(path("file.tmp")));
}

TEST_F(FileTest, ReplaceWorksInTheCurrentDirectory) {
  const Path before = fs::current_path();
  fs::current_path(directory_);
  const auto status = replace_file("bare", "x");
  fs::current_path(before);
  EXPECT_TRUE(status) << status.error().message;
  EXPECT_EQ(get(path("bare")), "x");
}

TEST_F(FileTest, Directories) {
  EXPECT_TRUE(make_directories(path("a") / "b" / "c"));
  EXPECT_TRUE(make_directories(path("a") / "b" / "c"));
  EXPECT_TRUE(sync_directory(path("a")));
  put(path(), "x");
  auto made = make_directories(path() / "below");
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().message, HasSubstr("cannot create the directory"));
  EXPECT_FALSE(sync_directory(path("missing")));
  EXPECT_FALSE(sync_directory(path())) << "a file is no directory";
}

TEST_F(FileTest, DescriptorOwnsItsNumber) {
  const int raw = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  const int other = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  {
    Descriptor first(raw);
    Descriptor second(std::move(first));
    EXPECT_FALSE(first.valid());  // NOLINT: what a moved-from one is
    EXPECT_EQ(second.get(), raw);
    second = Descriptor(other);
    EXPECT_EQ(::fcntl(raw, F_GETFD), -1) << "assignment closes what was held";
    EXPECT_EQ(second.get(), other);
  }
  EXPECT_EQ(::fcntl(other, F_GETFD), -1);
  EXPECT_FALSE(Descriptor().valid());
}

TEST_F(FileTest, RandomAccess) {
  put(path(), "0123456789");
  auto file = RandomAccessFile::open(path());
  ASSERT_TRUE(file);
  EXPECT_EQ(file->size(), 10U);
  std::string out = "stale";
  EXPECT_TRUE(file->read(3, 4, out));
  EXPECT_EQ(out, "3456");
  EXPECT_TRUE(file->read(10, 0, out));
  EXPECT_EQ(out, "");
  auto beyond = file->read(8, 3, out);
  ASSERT_FALSE(beyond);
  EXPECT_THAT(beyond.error().message, HasSubstr("it ends before byte 11"));
  EXPECT_FALSE(RandomAccessFile::open(path("missing")));
}

TEST_F(FileTest, AppendContinuesAndCuts) {
  {
    auto file = AppendFile::open(path());
    ASSERT_TRUE(file);
    EXPECT_EQ(file->size(), 0U);
    EXPECT_TRUE(file->append("one\n"));
    EXPECT_TRUE(file->append(""));
    EXPECT_TRUE(file->sync());
  }
  auto file = AppendFile::open(path());
  ASSERT_TRUE(file);
  EXPECT_EQ(file->size(), 4U);
  EXPECT_TRUE(file->append("two\n"));
  EXPECT_EQ(file->size(), 8U);
  EXPECT_TRUE(file->truncate(6));
  EXPECT_TRUE(file->append("!"));
  EXPECT_EQ(file->size(), 7U);
  EXPECT_EQ(get(path()), "one\ntw!");
  EXPECT_FALSE(AppendFile::open(directory_));
}

TEST_F(FileTest, FullDiskIsSaid) {
  auto append = AppendFile::open("/dev/full");
  ASSERT_TRUE(append);
  auto status = append->append("x");
  ASSERT_FALSE(status);
  EXPECT_THAT(status.error().message,
              HasSubstr("cannot write /dev/full: No space left on device; make room"));
  EXPECT_EQ(append->size(), 0U);

  auto buffered = BufferedFile::create("/dev/full");
  ASSERT_TRUE(buffered);
  EXPECT_TRUE(buffered->write("x")) << "small writes are collected";
  status = buffered->finish(true);
  ASSERT_FALSE(status);
  EXPECT_THAT(status.error().message, HasSubstr("No space left"));
  auto large = BufferedFile::create("/dev/full");
  ASSERT_TRUE(large);
  EXPECT_FALSE(large->write(std::string(1 << 20, 'x')));
}

// The kernel takes a part of the bytes and then no more, as on a disk that fills up.
TEST_F(FileTest, HalfAnAppendIsCutBack) {
  auto file = AppendFile::open(path());
  ASSERT_TRUE(file);
  ASSERT_TRUE(file->append("whole\n"));
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit tight{10, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &tight), 0);
  const auto status = file->append("a longer line\n");
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  ASSERT_FALSE(status);
  EXPECT_THAT(status.error().message, HasSubstr("File too large; make room"));
  EXPECT_EQ(file->size(), 6U);
  EXPECT_EQ(get(path()), "whole\n");
  EXPECT_TRUE(file->append("next\n"));
  EXPECT_EQ(get(path()), "whole\nnext\n");
}

TEST_F(FileTest, BufferedWritesArriveInOrder) {
  put(path(), "an older and longer text");
  auto file = BufferedFile::create(path());
  ASSERT_TRUE(file);
  std::string expected;
  for (int i = 0; i < 100000; ++i) {
    const std::string piece = std::to_string(i) + "\n";
    ASSERT_TRUE(file->write(piece));
    expected += piece;
  }
  ASSERT_TRUE(file->finish(true));
  EXPECT_EQ(get(path()), expected);
  EXPECT_FALSE(BufferedFile::create(path("missing") / "file"));
}

TEST_F(FileTest, LockHasOneHolder) {
  {
    auto first = FileLock::acquire(path("lock"));
    ASSERT_TRUE(first);
    auto second = FileLock::acquire(path("lock"));
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().message, directory_.string() + " is in use by process " +
                                          std::to_string(::getpid()) + "; wait for it, or stop it");
    auto moved = std::move(*first);
    EXPECT_FALSE(FileLock::acquire(path("lock"))) << "moving must not let go";
  }
  EXPECT_TRUE(FileLock::acquire(path("lock")));
  EXPECT_FALSE(FileLock::acquire(path("missing") / "lock"));
}

TEST_F(FileTest, LockOfAnotherProcessDiesWithIt) {
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const auto lock = FileLock::acquire(path("lock"));
    const char answer = lock ? 'y' : 'n';
    if (::write(ready[1], &answer, 1) != 1) ::_exit(1);
    for (;;) ::pause();
  }
  char answer = '?';
  ASSERT_EQ(::read(ready[0], &answer, 1), 1);
  EXPECT_EQ(answer, 'y');
  auto refused = FileLock::acquire(path("lock"));
  EXPECT_FALSE(refused);
  if (!refused) {
    EXPECT_THAT(refused.error().message, HasSubstr("in use by process " + std::to_string(child) + ";"));
  }
  ::kill(child, SIGKILL);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(FileLock::acquire(path("lock")));
  EXPECT_EQ(get(path("lock")), std::to_string(::getpid()));
  ::close(ready[0]);
  ::close(ready[1]);
}

}  // namespace
}  // namespace base
