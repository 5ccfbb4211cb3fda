// What one llama_decode evaluates, and the context that does it: the two things that generation and
// embedding share. One thread. This header is for .cc files: llama.cpp's own stands in it.
#pragma once

#include <llama.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "local_model/llama_weights.h"

namespace local_model {

struct ContextDeleter {
  void operator()(llama_context* context) const { llama_free(context); }
};
using ContextPointer = std::unique_ptr<llama_context, ContextDeleter>;

/// The tokens of one llama_decode. Its memory is kept from step to step.
class TokenBatch {
 public:
  void clear() {
    tokens_.clear();
    positions_.clear();
    sequences_.clear();
    wanted_.clear();
  }
  std::size_t size() const { return tokens_.size(); }
  /// `wanted`: its logits, or its embedding, will be asked for.
  void add(Token token, int position, int sequence, bool wanted) {
    tokens_.push_back(token);
    positions_.push_back(position);
    sequences_.push_back(sequence);
    wanted_.push_back(wanted ? 1 : 0);
  }
  /// What llama_decode returns.
  int decode(llama_context* context) {
    counts_.assign(tokens_.size(), 1);
    pointers_.clear();
    for (int& sequence : sequences_) pointers_.push_back(&sequence);
    llama_batch batch{};
    batch.n_tokens = static_cast<std::int32_t>(tokens_.size());
    batch.token = tokens_.data();
    batch.pos = positions_.data();
    batch.n_seq_id = counts_.data();
    batch.seq_id = pointers_.data();
    batch.logits = wanted_.data();
    return llama_decode(context, batch);
  }

 private:
  std::vector<Token> tokens_;
  std::vector<int> positions_;
  std::vector<int> sequences_;
  std::vector<std::int8_t> wanted_;
  std::vector<int> counts_;
  std::vector<int*> pointers_;
};

}  // namespace local_model
