// Files: reading, replacing, appending, locking. Every error names the path and what the kernel said.
//
// A reader of a replaced file sees the old bytes or the new ones, never a part: the new file is
// written aside, fsynced, renamed, and its directory fsynced.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace base {

using Path = std::filesystem::path;

/// The error of a failed call on `path`, from errno: `cannot ACTION PATH: REASON`, with a way out
/// where there is one (disk full, no permission).
tl::unexpected<Error> errno_error(std::string_view action, const Path& path);

Result<std::string> read_file(const Path& path);
Status replace_file(const Path& path, std::string_view contents);
Status make_directories(const Path& path);
Status sync_directory(const Path& path);

/// A file descriptor that closes itself.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor();
  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }
  int release();

 private:
  int fd_ = -1;
};

/// Calls `visit` with each line of the file, without its newline, and the line's number from 1; a last
/// line may lack its newline. Stops at the first error. Reads in chunks, so memory is one line.
Status for_each_line(const Path& path,
                     const std::function<Status(std::uint64_t number, std::string_view line)>& visit);

/// A file opened for reading at any offset; any thread.
class RandomAccessFile {
 public:
  static Result<RandomAccessFile> open(const Path& path);
  /// Fills `out` with `size` bytes from `offset`; fewer is an error.
  Status read(std::uint64_t offset, std::size_t size, std::string& out) const;
  std::uint64_t size() const { return size_; }

 private:
  Descriptor fd_;
  Path path_;
  std::uint64_t size_ = 0;
};

/// Appends at the end of a file, one write(2) per call, so that what is appended survives the death
/// of the process. One thread. If a write fails half way (disk full), the file is cut back to where
/// it was: nothing half-written stays.
class AppendFile {
 public:
  static Result<AppendFile> open(const Path& path);
  Status append(std::string_view bytes);
  /// fdatasync: survives the loss of power.
  Status sync();
  Status truncate(std::uint64_t size);
  std::uint64_t size() const { return size_; }

 private:
  Descriptor fd_;
  Path path_;
  std::uint64_t size_ = 0;
};

/// Collects small writes into large ones. One thread. finish() must be called; without it the file is
/// only a scratch file that somebody forgot.
class BufferedFile {
 public:
  static Result<BufferedFile> create(const Path& path);
  Status write(std::string_view bytes);
  /// Flushes, and fsyncs if `durable`.
  Status finish(bool durable);

 private:
  Status flush();
  Descriptor fd_;
  Path path_;
  std::string buffer_;
};

/// Holds an advisory lock (flock) on a file until destroyed; the kernel drops it when the process
/// dies. A second holder gets an error that names the first one's process id.
class FileLock {
 public:
  static Result<FileLock> acquire(const Path& path);

 private:
  Descriptor fd_;
};

}  // namespace base
