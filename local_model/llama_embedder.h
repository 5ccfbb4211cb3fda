// Embeddings of texts with a GGUF embedding model: pooled as the model's file says (mean, first or last
// token; the mean where it says nothing), of length 1. One thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "local_model/llama_weights.h"

namespace local_model {

class LlamaEmbedder {
 public:
  /// `texts`: how many are evaluated at once, 1 to 256; `context_tokens`: of all of them.
  static base::Result<std::unique_ptr<LlamaEmbedder>> make(std::shared_ptr<const LlamaWeights> weights,
                                                           int texts, int context_tokens, int threads);
  virtual ~LlamaEmbedder() = default;

  /// The most tokens that a text may have.
  virtual int most_tokens() const = 0;
  /// As many of `texts`, tokenized and none empty or longer than most_tokens(), as fit at once, from the
  /// first on; at least one. An error: the context is unusable.
  virtual base::Result<std::vector<std::vector<float>>> embed(
      const std::vector<std::vector<Token>>& texts) = 0;
};

}  // namespace local_model
