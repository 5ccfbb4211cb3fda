#include "remote_model/key.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "base/file.h"
#include "base/text.h"

namespace remote_model {
namespace {

constexpr std::size_t kLongestFile = 16384;
constexpr const char* kAgain = "and run the same command again";

base::Result<std::string> read_whole(int fd, const std::string& where) {
  std::string text;
  std::array<char, kLongestFile + 1> buffer{};
  for (;;) {
    const ssize_t got = ::read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0)
      return base::bad_input(
          fmt::format("{} cannot be read: {}; put the key there {}", where, std::strerror(errno), kAgain));
    if (got == 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(got));
    if (text.size() > kLongestFile)
      return base::bad_input(fmt::format("{} is too large to be a key; name another file {}", where, kAgain));
  }
}

// `where` begins every message: `model qwen: the file /run/key, which X_FILE names,`.
base::Result<std::string> read_key_file(const std::string& path, const std::string& where) {
  // Not blocking: a pipe would wait for a writer.
  const base::Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat info {};
  if (!fd.valid() || ::fstat(fd.get(), &info) != 0)
    return base::bad_input(
        fmt::format("{} cannot be opened: {}; put the key there {}", where, std::strerror(errno), kAgain));
  if (!S_ISREG(info.st_mode))
    return base::bad_input(fmt::format("{} is not a regular file; name one {}", where, kAgain));
  if (info.st_uid != ::geteuid())
    return base::bad_input(
        fmt::format("{} belongs to another user; name a file of your own {}", where, kAgain));
  if ((info.st_mode & 077U) != 0)
    return base::bad_input(fmt::format("{} is open to other users (mode {:o}); chmod 600 {} {}", where,
                                       info.st_mode & 0777U, path, kAgain));
  auto text = read_whole(fd.get(), where);
  if (!text) return text;
  const std::string_view line = base::trim(*text);
  if (line.empty())
    return base::bad_input(fmt::format("{} is empty; write the key into it {}", where, kAgain));
  if (line.find('\n') != std::string_view::npos)
    return base::bad_input(
        fmt::format("{} has more than one line; leave only the key in it {}", where, kAgain));
  return std::string(line);
}

}  // namespace

base::Result<std::string> read_key(const std::string& model, const std::string& variable) {
  if (variable.empty()) return std::string();
  const std::string file_variable = variable + "_FILE";
  const char* value = std::getenv(variable.c_str());
  const char* path = std::getenv(file_variable.c_str());
  if (value != nullptr && path != nullptr)
    return base::bad_input(
        fmt::format("model {}: the environment variables {} and {} are both set; unset one {}", model,
                    variable, file_variable, kAgain));
  std::string where = fmt::format("model {}: the key in {}", model, variable);
  std::string key;
  if (path != nullptr) {
    if (*path == '\0')
      return base::bad_input(
          fmt::format("model {}: the environment variable {} is empty; set it to the path of "
                      "a file with the key {}",
                      model, file_variable, kAgain));
    where = fmt::format("model {}: the file {}, which {} names,", model, path, file_variable);
    auto read = read_key_file(path, where);
    if (!read) return read;
    key = std::move(*read);
  } else {
    key = value == nullptr ? std::string_view() : base::trim(value);
    if (key.empty())
      return base::bad_input(fmt::format(
          "model {}: the environment variable {} is {}; set it to the key, for example with `export "
          "{}=…`, or {} to the path of a file with the key, {}",
          model, variable, value == nullptr ? "not set" : "empty", variable, file_variable, kAgain));
  }
  if (std::any_of(key.begin(), key.end(), [](char c) { return c <= ' ' || c > '~'; }))
    return base::bad_input(fmt::format(
        "{} has spaces, line breaks or characters that are not ASCII; set it again {}", where, kAgain));
  return key;
}

}  // namespace remote_model
