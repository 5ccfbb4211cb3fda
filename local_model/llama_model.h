// A model in this process: a GGUF file run by llama.cpp, on the CPU or the GPUs. submit() only queues
// (llama_queue.h); a thread of its own, or of a small model several side by side, each with a context, does
// the work (llama_worker.h, with llama_batcher.h for generation and llama_embedder.h for embeddings).
//
// Replies are held to the wire format by a grammar (wire_grammar.h), unless ResponseFormat::text. The seed
// of a request's sampling is its key. The same request in another company may get other words, since sums
// of floats depend on their order: a journal is reproducible, a model isn't.
//
// This header knows no llama.cpp: a build without it has the same class, whose make() says so.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "local_model/llama_loader.h"
#include "model/model.h"

namespace local_model {

struct LlamaSpec {
  std::string id;      // the job's name for the model, for messages
  base::Path file;     // empty: the model that ships
  base::Path adapter;  // LoRA; empty: none
  double adapter_scale = 1;
  std::string prompt_format;  // of prompt_format.h; empty: by the file's chat template
  bool compact = false;       // prompts are of the compact profile
  bool thinking_off = false;
  bool embeddings = false;  // an embedding model
  int gpu_layers = 0;       // -1: all
  int sequences = 0;        // of a context; 0: 32; 4 with compact prompts
  int context_tokens = 0;   // 0: enough for all sequences and a few prefixes of the samples below
  /// 0: one per core, 8 at most with a model below 100 M parameters. Of such a one each has its own context.
  int threads = 0;
  model::Sampling sampling;
  model::ResponseFormat response_format = model::ResponseFormat::json_schema;
  /// Prompts as they will come (prefix, tail): they size the context, and one that no context can hold is
  /// refused before anything is sent.
  std::vector<std::pair<std::string, std::string>> samples;
};

/// Whether this program was built with llama.cpp.
bool has_llama();
/// GPUs that llama.cpp sees.
int gpu_count();

class LlamaModel final : public model::Model {
 public:
  /// Starts the threads, and waits until the model is loaded. Errors name the file, the reason and the key of
  /// the job to change.
  static base::Result<std::unique_ptr<LlamaModel>> make(LlamaSpec spec, LlamaLoader& loader);
  /// Call when every submitted request has its outcome.
  ~LlamaModel() override;

  const model::ModelIdentity& identity() const override;
  model::Capabilities capabilities() const override;
  /// `qwen.gguf: qwen2 Q8_0, 494.0 M parameters, 501.1 MiB; chatml; 32 sequences in 8,192 tokens; 2 threads`
  std::string describe() const override;
  /// As many as sequences of all contexts: a few more would only wait.
  std::size_t credits() const override;
  void submit(model::Ticket ticket, const model::Request& request, model::OutcomeSink& sink) override;
  void drain() override;
  void abort() override;

 private:
  struct Impl;
  explicit LlamaModel(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace local_model
