// Runs a fuzz target without libFuzzer, so that every compiler and every test run has it: over its
// seeds, then over random changes of them. The changes are the same in every run.
//
//   fuzz_reply SEEDS [NUMBER]     NUMBER changed inputs, 6000 if it isn't said
//   fuzz_reply FILE               that input alone, as libFuzzer does
//
// The input under test is kept in the working directory, in `PROGRAM.input`, until the next one is
// good: after a crash, a sanitizer's report or a time-out it is there.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <memory>
#include <vector>

#include "base/hash.h"
#include "tests/fuzz/claim.h"

namespace {

using Bytes = std::string;

/// What the readers look for.
constexpr std::array<std::string_view, 56> kPieces = {"{",         "}",
                                                      "[",         "]",
                                                      "\"",        "\\",
                                                      ":",         ",",
                                                      "'",         "`",
                                                      "```json\n", "\n",
                                                      " ",         "\t",
                                                      "    ",      "\\\"",
                                                      "\\u",       "\\ud800",
                                                      "null",      "-1",
                                                      "1e9",       "18446744073709551616",
                                                      "true",      "{\"",
                                                      "\":\"",     "[[",
                                                      "]]",        "%[",
                                                      "~[",        "@[",
                                                      "&[1]",      "*[2] ",
                                                      "?",         "|",
                                                      "- ",        ": ",
                                                      "&a ",       "*a",
                                                      "#",         "［",
                                                      "］",        "：",
                                                      "。",        "　",
                                                      "百分之",    "三十",
                                                      "thirty ",   "％",
                                                      "會議室",    "e\u0301",
                                                      "\u0001",    "\xED\xA0\x80",
                                                      "\xFF",      "\xEF\xBB\xBF",
                                                      "\u2028",    "utterances"};

class Changer {
 public:
  explicit Changer(const std::vector<Bytes>& seeds) : seeds_(seeds) {}

  Bytes operator()(std::uint64_t number) {
    state_ = base::mix(number);
    Bytes input = seeds_[below(seeds_.size())];
    for (std::uint64_t changes = 1 + below(4); changes > 0; --changes) change(input);
    return input;
  }

 private:
  std::uint64_t below(std::uint64_t end) {
    state_ = base::mix(state_);
    return end == 0 ? 0 : state_ % end;
  }

  void change(Bytes& input) {
    const std::size_t at = below(input.size() + 1);
    const std::size_t length = std::min<std::size_t>(1 + below(below(8) == 0 ? 200 : 8), input.size() - at);
    switch (below(7)) {
      case 0:
        input.erase(at, length);
        break;
      case 1:
        input.insert(at, kPieces[below(kPieces.size())]);
        break;
      case 2:
        input.replace(at, length, kPieces[below(kPieces.size())]);
        break;
      case 3:
        input.insert(below(input.size() + 1), Bytes(input, at, length));
        break;
      case 4: {
        const Bytes& other = seeds_[below(seeds_.size())];
        input.replace(at, Bytes::npos, other, below(other.size() + 1), Bytes::npos);
        break;
      }
      case 5:
        input.resize(at);
        break;
      default:
        if (at < input.size()) input[at] = static_cast<char>(below(256));
    }
  }

  const std::vector<Bytes>& seeds_;
  std::uint64_t state_ = 0;
};

class Runner {
 public:
  explicit Runner(std::string file) : file_(std::move(file)) {
    fd_ = ::open(file_.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    CLAIM(fd_ >= 0);
  }
  ~Runner() {
    ::close(fd_);
    ::unlink(file_.c_str());
  }
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  void run(const Bytes& input) const {
    CLAIM(::ftruncate(fd_, 0) == 0);
    CLAIM(::pwrite(fd_, input.data(), input.size(), 0) == static_cast<ssize_t>(input.size()));
    // Of just its size, so that AddressSanitizer sees one byte too far.
    const auto bytes = std::make_unique<std::uint8_t[]>(input.size());
    std::copy(input.begin(), input.end(), bytes.get());
    LLVMFuzzerTestOneInput(bytes.get(), input.size());
  }

 private:
  std::string file_;
  int fd_ = -1;
};

Bytes read(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  CLAIM(in.good());
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2 || argc > 3) {
    std::fprintf(stderr, "usage: %s SEEDS [NUMBER]\n       %s FILE\n", argv[0], argv[0]);
    return 2;
  }
  const std::filesystem::path seeds_path = argv[1];
  if (std::filesystem::is_regular_file(seeds_path)) {
    const Bytes input = read(seeds_path);
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
    return 0;
  }
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(seeds_path)) paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  std::vector<Bytes> seeds;
  for (const auto& path : paths) seeds.push_back(read(path));
  CLAIM(!seeds.empty());
  const Runner runner(std::filesystem::path(argv[0]).filename().string() + ".input");
  runner.run({});
  for (const Bytes& seed : seeds) runner.run(seed);
  const std::uint64_t number = argc == 3 ? std::strtoull(argv[2], nullptr, 10) : 6000;
  Changer changed(seeds);
  for (std::uint64_t i = 0; i < number; ++i) runner.run(changed(i));
  return 0;
}
