#include "base/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace base {
namespace {

constexpr std::size_t kBufferSize = std::size_t{1} << 18;
constexpr std::size_t kReadSize = std::size_t{1} << 20;

// write(2) until all is written; the number written so far is in `done` also when it fails.
bool write_all(int fd, std::string_view bytes, std::size_t& done) {
  done = 0;
  while (done < bytes.size()) {
    const ssize_t n = ::write(fd, bytes.data() + done, bytes.size() - done);
    if (n < 0) {
      if (errno == EINTR) continue;
      return false;
    }
    done += static_cast<std::size_t>(n);
  }
  return true;
}

}  // namespace

tl::unexpected<Error> errno_error(std::string_view action, const Path& path) {
  const int code = errno;
  std::string message = fmt::format("cannot {} {}: {}", action, path.string(), std::strerror(code));
  if (code == ENOSPC || code == EDQUOT || code == EFBIG)
    message += "; make room and run the same command again, nothing that was paid for is lost";
  if (code == EACCES || code == EPERM || code == EROFS)
    message += "; give the user who runs slotmill the right to it, or choose another directory";
  return failed(std::move(message));
}

Result<std::string> read_file(const Path& path) {
  const Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info {};
  if (!fd.valid() || ::fstat(fd.get(), &info) != 0) return errno_error("read", path);
  if (S_ISDIR(info.st_mode)) return failed(fmt::format("cannot read {}: it is a directory", path.string()));
  std::string contents;
  std::string chunk(kBufferSize, '\0');
  for (;;) {
    const ssize_t n = ::read(fd.get(), chunk.data(), chunk.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno_error("read", path);
    if (n == 0) return contents;
    contents.append(chunk, 0, static_cast<std::size_t>(n));
  }
}

Status sync_directory(const Path& path) {
  const Descriptor fd(::open(path.empty() ? "." : path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid() || ::fsync(fd.get()) != 0) return errno_error("sync", path);
  return {};
}

Status replace_file(const Path& path, std::string_view contents) {
  const Path aside = path.string() + ".tmp";
  auto file = BufferedFile::create(aside);
  if (!file) return pass(file);
  Status status = file->write(contents);
  if (status) status = file->finish(true);
  if (status && ::rename(aside.c_str(), path.c_str()) != 0) status = errno_error("replace", path);
  if (!status) {
    ::unlink(aside.c_str());  // on a full disk even this much room counts
    return status;
  }
  return sync_directory(path.parent_path());
}

Status make_directories(const Path& path) {
  std::error_code code;
  std::filesystem::create_directories(path, code);
  if (code) {
    errno = code.value();
    return errno_error("create the directory", path);
  }
  return {};
}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  if (this != &other) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = other.release();
  }
  return *this;
}

Descriptor::~Descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

int Descriptor::release() {
  const int fd = fd_;
  fd_ = -1;
  return fd;
}

Result<RandomAccessFile> RandomAccessFile::open(const Path& path) {
  RandomAccessFile file;
  file.path_ = path;
  file.fd_ = Descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info {};
  if (!file.fd_.valid() || ::fstat(file.fd_.get(), &info) != 0) return errno_error("read", path);
  file.size_ = static_cast<std::uint64_t>(info.st_size);
  return file;
}

Status RandomAccessFile::read(std::uint64_t offset, std::size_t size, std::string& out) const {
  out.resize(size);
  std::size_t done = 0;
  while (done < size) {
    const ssize_t n = ::pread(fd_.get(), out.data() + done, size - done, static_cast<off_t>(offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno_error("read", path_);
    if (n == 0)
      return failed(fmt::format("cannot read {}: it ends before byte {}", path_.string(), offset + size));
    done += static_cast<std::size_t>(n);
  }
  return {};
}

Status for_each_line(const Path& path,
                     const std::function<Status(std::uint64_t number, std::string_view line)>& visit) {
  const auto file = RandomAccessFile::open(path);
  if (!file) return pass(file);
  std::string chunk;
  std::string rest;  // of a line that began in an earlier chunk
  std::uint64_t number = 0;
  for (std::uint64_t offset = 0; offset < file->size(); offset += chunk.size()) {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(kReadSize, file->size() - offset));
    if (auto status = file->read(offset, size, chunk); !status) return status;
    std::string_view bytes = chunk;
    for (std::size_t end = bytes.find('\n'); end != std::string_view::npos; end = bytes.find('\n')) {
      std::string_view line = bytes.substr(0, end);
      bytes.remove_prefix(end + 1);
      if (!rest.empty()) line = rest += line;
      if (auto status = visit(++number, line); !status) return status;
      rest.clear();
    }
    rest += bytes;
  }
  return rest.empty() ? Status{} : visit(++number, rest);
}

Result<AppendFile> AppendFile::open(const Path& path) {
  AppendFile file;
  file.path_ = path;
  file.fd_ = Descriptor(::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644));
  struct stat info {};
  if (!file.fd_.valid() || ::fstat(file.fd_.get(), &info) != 0) return errno_error("write", path);
  file.size_ = static_cast<std::uint64_t>(info.st_size);
  return file;
}

Status AppendFile::append(std::string_view bytes) {
  std::size_t done = 0;
  if (!write_all(fd_.get(), bytes, done)) {
    auto error = errno_error("write", path_);
    // Cutting back can only fail if the disk is gone; the reader then cuts the torn line itself.
    if (done > 0 && ::ftruncate(fd_.get(), static_cast<off_t>(size_)) != 0) size_ += done;
    return error;
  }
  size_ += bytes.size();
  return {};
}

Status AppendFile::sync() {
  if (::fdatasync(fd_.get()) != 0) return errno_error("sync", path_);
  return {};
}

Status AppendFile::truncate(std::uint64_t size) {
  if (::ftruncate(fd_.get(), static_cast<off_t>(size)) != 0) return errno_error("cut", path_);
  size_ = size;
  return {};
}

Result<BufferedFile> BufferedFile::create(const Path& path) {
  BufferedFile file;
  file.path_ = path;
  file.fd_ = Descriptor(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!file.fd_.valid()) return errno_error("write", path);
  return file;
}

Status BufferedFile::write(std::string_view bytes) {
  buffer_ += bytes;
  return buffer_.size() >= kBufferSize ? flush() : Status{};
}

Status BufferedFile::flush() {
  std::size_t done = 0;
  if (!write_all(fd_.get(), buffer_, done)) return errno_error("write", path_);
  buffer_.clear();
  return {};
}

Status BufferedFile::finish(bool durable) {
  if (auto status = flush(); !status) return status;
  if (durable && ::fsync(fd_.get()) != 0) return errno_error("sync", path_);
  fd_ = Descriptor();
  return {};
}

Result<FileLock> FileLock::acquire(const Path& path) {
  FileLock lock;
  lock.fd_ = Descriptor(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (!lock.fd_.valid()) return errno_error("lock", path);
  if (::flock(lock.fd_.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return errno_error("lock", path);
    const auto holder = read_file(path);
    return failed(fmt::format("{} is in use by process {}; wait for it, or stop it",
                              path.parent_path().string(), holder && !holder->empty() ? *holder : "unknown"));
  }
  const std::string pid = std::to_string(::getpid());
  if (::ftruncate(lock.fd_.get(), 0) != 0 ||
      ::pwrite(lock.fd_.get(), pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size()))
    return errno_error("lock", path);
  return lock;
}

}  // namespace base
