// One thread of a model in this process, with a context of its own: it takes requests from the model's queue,
// as many as it has sequences, and each gets one outcome from it.
//
// A small model is worked on by several of them side by side: its matrices are too small to be shared out,
// and threads that wait for each other at each of them are slower than one alone.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "local_model/known_words.h"
#include "local_model/llama_model.h"
#include "local_model/llama_queue.h"
#include "local_model/llama_weights.h"
#include "local_model/prompt_format.h"

namespace local_model {

/// What the workers of a model have in common; only the queue changes once they run.
struct LlamaShared {
  LlamaSpec spec;
  std::string name;  // of the file, for messages
  std::shared_ptr<const LlamaWeights> weights;
  const PromptFormat* format = nullptr;
  KnownWords known_words;  // profile compact
  LlamaQueue queue;
};

class LlamaWorker {
 public:
  /// `shared` is borrowed; `threads` are those of one step. Refuses what the machine has no memory for, and
  /// prompts that don't fit the context.
  static base::Result<std::unique_ptr<LlamaWorker>> make(LlamaShared& shared, int threads);
  virtual ~LlamaWorker() = default;

  /// Of all its sequences.
  virtual int context_tokens() const = 0;
  /// Until the queue says that it is over.
  virtual void run() = 0;
};

}  // namespace local_model
