// Continuous batching over one llama.cpp context: sequences join and leave the batch at any step, every
// step is one llama_decode with the next tokens of all of them.
//
// Prefixes. What requests have in common is evaluated once, into a sequence of its own, whose cells are
// then shared (llama_memory_seq_cp copies no data in a unified cache): six times the tokens per
// second on a prefix of 512 tokens and answers of 64 (docs/performance.md). A few prefixes are kept, the one
// used longest ago goes first; a new one takes over the beginning that it has in common with a kept one.
//
// Cells. A sequence joins when the cells for its prompt and its longest answer are free, so the cache
// can't run full under way; should llama.cpp say so all the same (its cells may be padded), the sequence
// that joined last goes back and begins again later.
//
// One thread. It costs what the model costs; the bookkeeping is a few microseconds a step.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "local_model/llama_weights.h"
#include "local_model/token_sampler.h"
#include "model/request.h"

namespace local_model {

struct BatcherOptions {
  int sequences = 1;       // at once, 1 to 250
  int prefixes = 0;        // kept beside them; together at most 256
  int context_tokens = 0;  // of all sequences and prefixes; rounded up to a multiple of 256 by llama.cpp
  int threads = 1;
  float adapter_scale = 1;
  const std::atomic<bool>* aborting = nullptr;  // set by another thread: a step under way ends at once
};

/// One answer to generate.
struct Generation {
  std::uint64_t id = 0;
  base::Hash128 prefix_hash;  // of prefix
  std::shared_ptr<const std::vector<Token>> prefix;
  std::vector<Token> tail;    // at least one token
  int max_tokens = 0;         // of the answer
  bool to_the_brace = false;  // the answer ends where the grammar allows nothing more
  model::Sampling sampling;
  std::uint32_t seed = 0;
  std::string grammar;  // see TokenSampler
};

struct Generated {
  std::uint64_t id = 0;
  std::string text;
  std::string error;  // not empty: what went wrong; there is no text
  model::Finish finish = model::Finish::stop;
  model::Usage usage;
};

class LlamaBatcher {
 public:
  /// Refuses what the machine has no memory for, with llama.cpp's reason and the size that was asked for.
  static base::Result<std::unique_ptr<LlamaBatcher>> make(std::shared_ptr<const LlamaWeights> weights,
                                                          AdapterPointer adapter,
                                                          const BatcherOptions& options);
  virtual ~LlamaBatcher() = default;

  /// What the context really has: no prompt with its answer can be longer.
  virtual int context_tokens() const = 0;
  virtual bool idle() const = 0;
  /// There is a free sequence and there are cells for it now.
  virtual bool has_room(const Generation& generation) const = 0;
  /// Only with room. Evaluates the prefix if it isn't kept. An error, such as a refused grammar, is this
  /// generation's end.
  virtual base::Status start(Generation generation) = 0;
  /// One step of all sequences; appends those that came to their end. Aborted, it changes nothing. An error:
  /// the context is unusable.
  virtual base::Status step(std::vector<Generated>& done) = 0;
  /// Forgets all sequences.
  virtual void clear() = 0;
  /// Of the last token of `tokens`, evaluated alone or behind a kept prefix: for tests.
  virtual std::vector<float> logits_after(const std::vector<Token>& prefix,
                                          const std::vector<Token>& tail) = 0;
};

}  // namespace local_model
