#include "validators/speech.h"

#include <re2/re2.h>
#include <re2/set.h>

#include <array>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/text.h"
#include "base/unicode.h"
#include "prompts/template_sentences.h"
#include "validators/embedded_data.h"

namespace validators {
namespace {

using re2::RE2;

constexpr std::size_t kFewestOfDescription = 6;  // code points; 静音 is a description and an utterance
constexpr std::int64_t kMemory = std::int64_t{64} << 20;

struct Kind {
  Verdict verdict;
  const char* what;
  std::array<std::string_view, 2> files;
};

// The first that matches names the verdict.
constexpr std::array<Kind, 4> kKinds = {{
    {Verdict::thinking_text, "the model's thoughts", {"thinking_text.txt", ""}},
    {Verdict::refusing_utterance, "it declines", {"refusing_utterance.zh.txt", "refusing_utterance.en.txt"}},
    {Verdict::prompt_echo, "words of the prompt", {"prompt_echo.txt", ""}},
    {Verdict::meta_talk, "it speaks about the list", {"meta_talk.txt", ""}},
}};

re2::StringPiece piece(std::string_view text) { return {text.data(), text.size()}; }

std::string alternation(const std::vector<std::string>& patterns) {
  std::string out = "(?i)(?:";
  for (std::size_t i = 0; i < patterns.size(); ++i) (out += i == 0 ? "" : "|") += patterns[i];
  return out + ")";
}

std::vector<std::string> patterns_of(const Kind& kind) {
  std::vector<std::string> all;
  for (const std::string_view file : kind.files)
    for (std::string& line : embedded_lines(file)) all.push_back(std::move(line));
  return all;
}

}  // namespace

struct Speech::Impl {
  std::unique_ptr<RE2::Set> set;
  std::array<std::unique_ptr<RE2>, kKinds.size()> patterns;
  std::unordered_set<std::string> descriptions;  // normalised
  bool simplify = false;
};

Speech::Speech(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Speech::Speech(Speech&&) noexcept = default;
Speech& Speech::operator=(Speech&&) noexcept = default;
Speech::~Speech() = default;

base::Result<Speech> Speech::make(const prompts::Job& job) {
  auto impl = std::make_unique<Impl>();
  impl->simplify = job.chinese();
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMemory);
  impl->set = std::make_unique<RE2::Set>(options, RE2::UNANCHORED);
  for (std::size_t i = 0; i < kKinds.size(); ++i) {
    std::vector<std::string> lines = patterns_of(kKinds[i]);
    if (kKinds[i].verdict == Verdict::prompt_echo)
      for (const std::string& sentence : prompts::template_sentences(job))
        lines.push_back(RE2::QuoteMeta(piece(sentence)));
    const std::string pattern = alternation(lines);
    impl->patterns[i] = std::make_unique<RE2>(pattern, options);
    if (!impl->patterns[i]->ok() || impl->set->Add(pattern, nullptr) < 0)
      return base::failed("a list of phrases can't be compiled: " + impl->patterns[i]->error());
  }
  if (!impl->set->Compile()) impl->set.reset();
  for (const prompts::Intent& intent : job.intents) {
    std::string text = base::normalise(intent.description, impl->simplify);
    if (base::count_code_points(text) >= kFewestOfDescription) impl->descriptions.insert(std::move(text));
  }
  return Speech(std::move(impl));
}

Finding Speech::check(std::string_view text, std::string_view outside, bool tagged) const {
  if (impl_->set) {
    RE2::Set::ErrorInfo error{};
    const bool any = impl_->set->Match(piece(outside), nullptr, &error);
    if (!any && error.kind == RE2::Set::kNoError) {
      if (tagged || impl_->descriptions.empty()) return {};
      return impl_->descriptions.contains(base::normalise(text, impl_->simplify))
                 ? Finding{Verdict::prompt_echo, "the description of an intent"}
                 : Finding{};
    }
  }
  for (std::size_t i = 0; i < kKinds.size(); ++i) {
    if (tagged && kKinds[i].verdict == Verdict::refusing_utterance) continue;
    re2::StringPiece found;
    if (impl_->patterns[i]->Match(piece(outside), 0, outside.size(), RE2::UNANCHORED, &found, 1))
      return {kKinds[i].verdict,
              std::string(kKinds[i].what) + ": " + std::string(found.data(), found.size())};
  }
  return {};
}

}  // namespace validators
