#include "local_model/llama_embedder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "local_model/token_batch.h"

namespace local_model {
namespace {

class Embedder final : public LlamaEmbedder {
 public:
  Embedder(std::shared_ptr<const LlamaWeights> weights, int texts)
      : weights_(std::move(weights)), texts_(static_cast<std::size_t>(texts)) {}

  base::Status open(int context_tokens, int threads) {
    llama_context_params params = llama_context_default_params();
    params.n_ctx = params.n_batch = params.n_ubatch = static_cast<std::uint32_t>(context_tokens);
    params.n_seq_max = static_cast<std::uint32_t>(texts_);
    params.n_threads = params.n_threads_batch = threads;
    params.embeddings = true;
    params.kv_unified = true;
    params.no_perf = true;
    take_llama_error();
    context_.reset(llama_init_from_model(weights_->model(), params));
    if (context_ && llama_pooling_type(context_.get()) == LLAMA_POOLING_TYPE_NONE) {
      params.pooling_type = LLAMA_POOLING_TYPE_MEAN;
      context_.reset(llama_init_from_model(weights_->model(), params));
    }
    if (!context_)
      return base::failed(fmt::format("{}: no context of {} tokens for {} texts: {}",
                                      weights_->path().string(), context_tokens, texts_, take_llama_error()));
    if (llama_pooling_type(context_.get()) == LLAMA_POOLING_TYPE_RANK)
      return base::bad_input(fmt::format("{} ranks texts, it doesn't embed them", weights_->path().string()));
    tokens_ = static_cast<int>(llama_n_ubatch(context_.get()));
    return {};
  }

  int most_tokens() const override { return tokens_; }

  base::Result<std::vector<std::vector<float>>> embed(const std::vector<std::vector<Token>>& texts) override {
    batch_.clear();
    std::size_t taken = 0;
    for (; taken < std::min(texts.size(), texts_); ++taken) {
      const std::vector<Token>& text = texts[taken];
      if (batch_.size() + text.size() > static_cast<std::size_t>(tokens_)) break;
      for (std::size_t i = 0; i < text.size(); ++i)
        batch_.add(text[i], static_cast<int>(i), static_cast<int>(taken), true);
    }
    if (auto* memory = llama_get_memory(context_.get()); memory != nullptr) llama_memory_clear(memory, false);
    if (const int result = batch_.decode(context_.get()); result != 0)
      return base::failed(fmt::format("{}: llama.cpp can't embed (llama_decode returned {}): {}",
                                      weights_->path().string(), result, take_llama_error()));
    std::vector<std::vector<float>> out;
    const auto size = static_cast<std::size_t>(llama_model_n_embd_out(weights_->model()));
    for (std::size_t i = 0; i < taken; ++i) {
      const float* values = llama_get_embeddings_seq(context_.get(), static_cast<llama_seq_id>(i));
      if (values == nullptr)
        return base::failed(fmt::format("{}: llama.cpp gave no embedding", weights_->path().string()));
      std::vector<float>& vector = out.emplace_back(values, values + size);
      double square = 0;
      for (const float value : vector) square += static_cast<double>(value) * value;
      const double length = std::sqrt(square);
      if (!(length > 0)) continue;
      for (float& value : vector) value = static_cast<float>(value / length);
    }
    return out;
  }

 private:
  const std::shared_ptr<const LlamaWeights> weights_;
  const std::size_t texts_;
  ContextPointer context_;
  int tokens_ = 0;
  TokenBatch batch_;
};

}  // namespace

base::Result<std::unique_ptr<LlamaEmbedder>> LlamaEmbedder::make(std::shared_ptr<const LlamaWeights> weights,
                                                                 int texts, int context_tokens, int threads) {
  auto embedder = std::make_unique<Embedder>(std::move(weights), texts);
  if (auto status = embedder->open(context_tokens, threads); !status) return base::pass(status);
  return base::Result<std::unique_ptr<LlamaEmbedder>>(std::move(embedder));
}

}  // namespace local_model
