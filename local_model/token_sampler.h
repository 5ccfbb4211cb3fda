// Draws the next token of one sequence: the most likely few first (over a vocabulary of 150,000 everything
// else is dear), then nucleus and temperature, then a draw with the request's own seed.
//
// The grammar is applied by rejection: the token is drawn freely, and the grammar is asked about that one
// only. A model that has learned the format is refused a token in a hundred; then the few likely ones are
// asked about, and, if it refuses them all, the whole vocabulary. The same as applying the grammar first,
// but for the order of two filters, and nearly free (docs/performance.md).
//
// One sampler per sequence; the engine's thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "local_model/llama_weights.h"
#include "model/request.h"

struct llama_sampler;
struct llama_token_data;

namespace local_model {

/// The k largest of `count` logits (k at least 1), largest first, appended to `out`; of equal ones the
/// smaller id. NaN, which a damaged model computes, is left out. By the maxima of blocks: those that don't
/// reach the k-th largest maximum are passed over.
void append_largest(const float* logits, std::size_t count, std::size_t k,
                    std::vector<llama_token_data>& out);

class TokenSampler {
 public:
  /// `grammar` in GBNF with the rule root; empty: none. Refuses a grammar that llama.cpp can't read, with
  /// its reason.
  static base::Result<TokenSampler> make(const LlamaWeights& weights, const model::Sampling& sampling,
                                         std::uint32_t seed, const std::string& grammar);
  TokenSampler(TokenSampler&&) noexcept;
  TokenSampler& operator=(TokenSampler&&) noexcept;
  ~TokenSampler();

  /// The next token, taken into account for those behind it; an end-of-generation token only where the
  /// grammar may end. -1 if the grammar allows nothing that the vocabulary has, or the model computes
  /// no numbers.
  Token next(const float* logits);
  /// After a token: the grammar allows nothing any more but the end.
  bool complete() const;

 private:
  struct Impl;
  explicit TokenSampler(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace local_model
