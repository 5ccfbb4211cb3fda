// A folder of one test's own, under a name that no other process uses, gone at its end.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <string>

namespace testing_support {

class Scratch {
 public:
  Scratch() : path_(make()) { std::filesystem::create_directories(path_); }
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  static std::filesystem::path make() {
    static std::atomic<int> counter{0};
    return std::filesystem::path(::testing::TempDir()) /
           ("slotmill_" + std::to_string(::getpid()) + "_" + std::to_string(counter++));
  }
  std::filesystem::path path_;
};

}  // namespace testing_support
