#include "local_model/token_sampler.h"

#include <fmt/format.h>
#include <llama.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

namespace local_model {
namespace {

constexpr std::size_t kLikely = 64;  // beyond them lies the tail that small models draw nonsense from
constexpr std::size_t kBlock = 16;
constexpr float kRefused = -std::numeric_limits<float>::infinity();

struct SamplerDeleter {
  void operator()(llama_sampler* sampler) const { llama_sampler_free(sampler); }
};
using SamplerPointer = std::unique_ptr<llama_sampler, SamplerDeleter>;

bool larger(const llama_token_data& a, const llama_token_data& b) {
  return a.logit > b.logit || (a.logit == b.logit && a.id < b.id);
}

}  // namespace

void append_largest(const float* logits, std::size_t count, std::size_t k,
                    std::vector<llama_token_data>& out) {
  thread_local std::vector<float> maxima;  // of blocks
  thread_local std::vector<float> order;
  maxima.clear();
  for (std::size_t at = 0; at < count; at += kBlock) {
    float most = kRefused;
    for (std::size_t i = at; i < std::min(at + kBlock, count); ++i) most = std::max(most, logits[i]);
    maxima.push_back(most);
  }
  // At least k logits reach the k-th largest of the maxima, and few more.
  float least = kRefused;
  if (maxima.size() > k) {
    order = maxima;
    std::nth_element(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(k) - 1, order.end(),
                     std::greater<>());
    least = order[k - 1];
  }
  const auto begin = static_cast<std::ptrdiff_t>(out.size());
  for (std::size_t block = 0; block < maxima.size(); ++block) {
    if (maxima[block] < least) continue;
    for (std::size_t i = block * kBlock; i < std::min((block + 1) * kBlock, count); ++i)
      if (logits[i] >= least) out.push_back({static_cast<Token>(i), logits[i], 0});
  }
  std::sort(out.begin() + begin, out.end(), larger);
  if (out.size() > static_cast<std::size_t>(begin) + k) out.resize(static_cast<std::size_t>(begin) + k);
}

struct TokenSampler::Impl {
  const LlamaWeights& weights;
  SamplerPointer draw;
  SamplerPointer grammar;  // may be null
  std::vector<llama_token_data> candidates;
  std::vector<llama_token_data> likely;

  Token drawn() {
    llama_token_data_array array{candidates.data(), candidates.size(), -1, true};
    llama_sampler_apply(draw.get(), &array);
    return array.selected >= 0 ? array.data[array.selected].id : -1;
  }

  bool allows(Token token) const {
    llama_token_data one{token, 0, 0};
    llama_token_data_array array{&one, 1, -1, false};
    llama_sampler_apply(grammar.get(), &array);
    return one.logit != kRefused;
  }

  /// Drops what the grammar refuses.
  void filter() {
    llama_token_data_array array{candidates.data(), candidates.size(), -1, true};
    llama_sampler_apply(grammar.get(), &array);
    std::erase_if(candidates, [](const llama_token_data& one) { return one.logit == kRefused; });
  }
};

TokenSampler::TokenSampler(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TokenSampler::TokenSampler(TokenSampler&&) noexcept = default;
TokenSampler& TokenSampler::operator=(TokenSampler&&) noexcept = default;
TokenSampler::~TokenSampler() = default;

base::Result<TokenSampler> TokenSampler::make(const LlamaWeights& weights, const model::Sampling& sampling,
                                              std::uint32_t seed, const std::string& grammar) {
  std::unique_ptr<Impl> impl(new Impl{weights, nullptr, nullptr, {}, {}});
  llama_sampler_chain_params params = llama_sampler_chain_default_params();
  params.no_perf = true;
  impl->draw.reset(llama_sampler_chain_init(params));
  if (sampling.temperature <= 0) {
    llama_sampler_chain_add(impl->draw.get(), llama_sampler_init_greedy());
  } else {
    if (sampling.top_p < 1)
      llama_sampler_chain_add(impl->draw.get(),
                              llama_sampler_init_top_p(static_cast<float>(sampling.top_p), 1));
    llama_sampler_chain_add(impl->draw.get(),
                            llama_sampler_init_temp(static_cast<float>(sampling.temperature)));
    llama_sampler_chain_add(impl->draw.get(), llama_sampler_init_dist(seed));
  }
  if (!grammar.empty()) {
    take_llama_error();
    impl->grammar.reset(llama_sampler_init_grammar(weights.vocab(), grammar.c_str(), "root"));
    if (!impl->grammar) {
      const std::string why = take_llama_error();
      return base::failed(
          fmt::format("llama.cpp refuses the grammar of the reply{}{}", why.empty() ? "" : ": ", why));
    }
  }
  return TokenSampler(std::move(impl));
}

Token TokenSampler::next(const float* logits) {
  Impl& self = *impl_;
  const auto size = static_cast<std::size_t>(self.weights.vocabulary_size());
  self.likely.clear();
  append_largest(logits, size, kLikely, self.likely);
  if (self.likely.empty() || !std::isfinite(self.likely.front().logit)) return -1;
  self.candidates = self.likely;
  Token token = self.drawn();
  if (self.grammar && (token < 0 || !self.allows(token))) {
    self.candidates = self.likely;
    self.filter();
    if (self.candidates.empty()) {
      self.candidates.reserve(size);
      for (std::size_t i = 0; i < size; ++i) self.candidates.push_back({static_cast<Token>(i), logits[i], 0});
      self.filter();
      std::sort(self.candidates.begin(), self.candidates.end(), larger);
      if (self.candidates.size() > kLikely) self.candidates.resize(kLikely);
    }
    if (self.candidates.empty()) return -1;
    token = self.drawn();
  }
  // Accepting what wasn't tested would throw, accepting the end too early abort.
  if (token >= 0 && self.grammar) llama_sampler_accept(self.grammar.get(), token);
  if (token >= 0) llama_sampler_accept(self.draw.get(), token);
  return token;
}

bool TokenSampler::complete() const {
  if (!impl_->grammar) return false;
  const Token eos = llama_vocab_eos(impl_->weights.vocab());
  return eos >= 0 && impl_->allows(eos);
}

}  // namespace local_model
