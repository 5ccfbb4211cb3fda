// What the engine of a model in this process gives: completions of 64 tokens behind a prefix of 512, by
// LlamaBatcher alone, on one thread.
//
//   bench/random_model.py q8_0 build/random-q8_0.gguf
//   llama_bench build/random-q8_0.gguf [grammar] [alone] [sequences N] [completions N]
//
// `grammar`: answers are held to the wire format of a request for ten utterances of two slots. `alone`: each
// request has a prefix of its own, as if nothing were shared. Prints a line of JSON: tokens of the answers,
// CPU seconds of this process and wall seconds without loading, and how the first answer begins.
#include <fmt/format.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_writer.h"
#include "local_model/llama_batcher.h"
#include "local_model/wire_grammar.h"

namespace {

using local_model::Generated;
using local_model::Generation;
using local_model::Token;

constexpr int kPrefixTokens = 512;
constexpr int kTailTokens = 16;
constexpr int kAnswerTokens = 64;
constexpr Token kNewLine = 10;  // the last token of a prompt; bench/random_model.py answers it with the reply

struct Options {
  const char* model = nullptr;
  bool grammar = false;
  bool alone = false;
  int sequences = 32;
  int completions = 256;
};

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// Ordinary tokens, never the same twice.
class Words {
 public:
  std::vector<Token> next(int count) {
    std::vector<Token> tokens;
    for (int i = 0; i < count; ++i) {
      state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
      tokens.push_back(static_cast<Token>(1000 + (state_ >> 33) % 100'000));
    }
    return tokens;
  }

 private:
  std::uint64_t state_ = 7;
};

/// Ten utterances with a device and a level each.
std::string grammar() {
  model::Request request;
  for (int i = 0; i < 10; ++i)
    request.utterances.push_back(
        {{{"set_volume", {{"device", fmt::format("屏幕{}", i)}, {"level", fmt::format("1{}", i)}}}}});
  return local_model::wire_grammar(request);
}

std::vector<Generation> generations(const Options& options) {
  Words words;
  std::vector<Generation> all;
  std::shared_ptr<const std::vector<Token>> prefix;
  for (int i = 0; i < options.completions; ++i) {
    if (!prefix || options.alone)
      prefix = std::make_shared<const std::vector<Token>>(words.next(kPrefixTokens));
    Generation& one = all.emplace_back();
    one.id = static_cast<std::uint64_t>(i);
    one.prefix = prefix;
    one.prefix_hash.low = options.alone ? one.id : 0;
    one.tail = words.next(kTailTokens - 1);
    one.tail.push_back(kNewLine);
    one.max_tokens = kAnswerTokens;
    one.seed = static_cast<std::uint32_t>(i);
    if (options.grammar) one.grammar = grammar();
  }
  return all;
}

int run(const Options& options) {
  auto weights = local_model::LlamaWeights::load(options.model, 0);
  if (!weights) {
    fmt::print(stderr, "{}\n", weights.error().message);
    return 1;
  }
  const int own = kTailTokens + kAnswerTokens + (options.alone ? kPrefixTokens : 0);
  const local_model::BatcherOptions batcher_options{
      .sequences = options.sequences,
      .prefixes = options.alone ? 0 : 1,
      .context_tokens = options.sequences * own + (options.alone ? 0 : kPrefixTokens),
  };
  auto batcher = local_model::LlamaBatcher::make(*weights, nullptr, batcher_options);
  if (!batcher) {
    fmt::print(stderr, "{}\n", batcher.error().message);
    return 1;
  }
  const auto began = std::chrono::steady_clock::now();
  const double cpu_before = cpu_seconds();
  std::vector<Generation> waiting = generations(options);
  std::vector<Generated> done;
  for (std::size_t next = 0; next < waiting.size() || !(*batcher)->idle();) {
    base::Status status;
    while (status && next < waiting.size() && (*batcher)->has_room(waiting[next]))
      status = (*batcher)->start(std::move(waiting[next++]));
    if (status) status = (*batcher)->step(done);
    if (!status) {
      fmt::print(stderr, "{}\n", status.error().message);
      return 1;
    }
  }
  const double cpu = cpu_seconds() - cpu_before;
  const double wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  std::int64_t tokens = 0;
  std::string first;
  for (const Generated& one : done) {
    tokens += one.usage.completion_tokens;
    if (one.id == 0) base::append_json_string(one.text.substr(0, 120), first);
    if (one.error.empty()) continue;
    fmt::print(stderr, "{}\n", one.error);
    return 1;
  }
  fmt::print("{{\"tokens\":{},\"cpu\":{:.3f},\"wall\":{:.3f},\"first\":{}}}\n", tokens, cpu, wall, first);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  bool good = argc > 1;
  if (good) options.model = argv[1];
  for (int i = 2; i < argc; ++i) {
    const std::string_view argument = argv[i];
    const bool has_number = i + 1 < argc && std::atoi(argv[i + 1]) > 0;
    if (argument == "grammar") {
      options.grammar = true;
    } else if (argument == "alone") {
      options.alone = true;
    } else if (argument == "sequences" && has_number) {
      options.sequences = std::atoi(argv[++i]);
    } else if (argument == "completions" && has_number) {
      options.completions = std::atoi(argv[++i]);
    } else {
      good = false;
    }
  }
  if (!good) {
    fmt::print(stderr, "llama_bench MODEL [grammar] [alone] [sequences N] [completions N]\n");
    return 2;
  }
  return run(options);
}
