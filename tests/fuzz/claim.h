// What the fuzz targets share. A target takes foreign bytes, runs the code that reads them in the
// product, and claims what must hold whatever they were. It keeps no state between inputs, so that an
// input which fails once fails again.
#pragma once

#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/text.h"

/// Ends the program, which is how both libFuzzer and replay_main.cc learn that an input is bad.
#define CLAIM(condition)                                                           \
  do {                                                                             \
    if (!(condition)) {                                                            \
      std::fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                \
    }                                                                              \
  } while (false)

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace fuzz {

inline std::string_view view(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// The text with ill-formed bytes replaced: for functions that demand UTF-8.
inline std::string well_formed(std::string_view text) { return base::to_utf8(base::to_utf32(text)); }

/// Takes the first line off `text`; all of it if there is only one.
inline std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  return line;
}

/// A directory of this process, gone at its end.
class Folder {
 public:
  Folder() : path_(std::filesystem::temp_directory_path() / ("slotmill_fuzz_" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(path_);
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline void write(const std::filesystem::path& path, std::string_view bytes) {
  std::FILE* file = std::fopen(path.c_str(), "wb");
  CLAIM(file != nullptr);
  CLAIM(std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size());
  CLAIM(std::fclose(file) == 0);
}

}  // namespace fuzz
