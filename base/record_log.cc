#include "base/record_log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "base/crc32c.h"

namespace base {
namespace {

constexpr std::string_view kMark = ",\"crc\":\"";
constexpr std::size_t kTailSize = kMark.size() + 8 + 2;  // …,"crc":"1a2b3c4d"}
constexpr std::string_view kSync = "{\"sync\":";

// The whole file mapped read-only; scanning a journal of gigabytes must not copy it.
class Mapping {
 public:
  static Result<Mapping> open(const Path& path) {
    Mapping mapping;
    const Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd.valid() && errno == ENOENT) return mapping;
    struct stat info {};
    if (!fd.valid() || ::fstat(fd.get(), &info) != 0) return errno_error("read", path);
    if (S_ISDIR(info.st_mode)) return failed(fmt::format("cannot read {}: it is a directory", path.string()));
    mapping.size_ = static_cast<std::size_t>(info.st_size);
    if (mapping.size_ == 0) return mapping;
    void* data = ::mmap(nullptr, mapping.size_, PROT_READ, MAP_PRIVATE, fd.get(), 0);
    if (data == MAP_FAILED) return errno_error("read", path);
    ::madvise(data, mapping.size_, MADV_SEQUENTIAL);
    mapping.data_ = static_cast<const char*>(data);
    return mapping;
  }
  Mapping(Mapping&& other) noexcept : data_(other.data_), size_(other.size_) { other.data_ = nullptr; }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  Mapping& operator=(Mapping&&) = delete;
  ~Mapping() {
    if (data_ != nullptr) ::munmap(const_cast<char*>(data_), size_);
  }
  std::string_view bytes() const {
    return data_ == nullptr ? std::string_view() : std::string_view(data_, size_);
  }

 private:
  Mapping() = default;
  const char* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace

std::string seal_record(std::string_view json) {
  const std::string_view body = json.substr(0, json.size() - 1);  // without the closing brace
  return fmt::format("{}{}{:08x}\"}}", body, kMark, crc32c(body));
}

std::string_view open_record(std::string_view line) {
  if (line.size() < kTailSize + 2) return {};
  const std::string_view body = line.substr(0, line.size() - kTailSize);
  const std::string_view tail = line.substr(body.size());
  if (!tail.starts_with(kMark) || !tail.ends_with("\"}")) return {};
  char expected[9];
  *fmt::format_to_n(expected, 8, "{:08x}", crc32c(body)).out = '\0';
  if (tail.substr(kMark.size(), 8) != std::string_view(expected, 8)) return {};
  return body;
}

Result<RecordLogScan> scan_record_log(
    const Path& path, const std::function<Status(std::uint64_t offset, std::string_view line)>& visit) {
  auto mapping = Mapping::open(path);
  if (!mapping) return pass(mapping);
  const std::string_view bytes = mapping->bytes();
  RecordLogScan scan;
  std::size_t at = 0;
  while (at < bytes.size()) {
    const auto* newline = static_cast<const char*>(std::memchr(bytes.data() + at, '\n', bytes.size() - at));
    if (newline == nullptr) break;
    const std::size_t next = static_cast<std::size_t>(newline - bytes.data()) + 1;
    const std::string_view line = bytes.substr(at, next - at - 1);
    if (open_record(line).empty()) break;
    if (auto status = visit(at, line); !status) return pass(status);
    ++scan.records;
    at = next;
  }
  scan.end = at;
  scan.cut = bytes.size() - at;
  // A good sync record anywhere behind the bad bytes proves that they were whole on disk once.
  for (std::size_t from = at; from < bytes.size();) {
    const std::size_t found = bytes.find(kSync, from);
    if (found == std::string_view::npos) break;
    const std::size_t end = bytes.find('\n', found);
    if (end == std::string_view::npos) break;
    if (!open_record(bytes.substr(found, end - found)).empty())
      return failed(
          fmt::format("{}: damaged at byte {} (line {}), before records that were safe on disk; "
                      "restore the file from a copy, or cut it there to ask again for what follows: "
                      "truncate -s {} {}",
                      path.string(), at, scan.records + 1, at, path.string()));
    from = found + 1;
  }
  return scan;
}

}  // namespace base
