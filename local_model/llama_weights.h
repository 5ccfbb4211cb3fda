// A GGUF file loaded by llama.cpp: weights, vocabulary, and the LoRA adapters made for them. Contexts on
// several threads may share one; everything here but loading is const and may be called from any thread.
//
// llama.cpp reports why something failed to its log only; the last error there becomes the message. What
// would make it abort the process is refused before it is called.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/hash.h"
#include "base/result.h"

struct llama_adapter_lora;
struct llama_context;
struct llama_model;
struct llama_vocab;

namespace local_model {

using Token = std::int32_t;

struct AdapterDeleter {
  void operator()(llama_adapter_lora* adapter) const;
};
using AdapterPointer = std::unique_ptr<llama_adapter_lora, AdapterDeleter>;

/// What llama.cpp last complained about since the last call, in one line; empty if nothing. Any thread.
std::string take_llama_error();

/// Of the bytes of a file; the same file gives the same replies. Reads it once.
base::Result<base::Hash128> hash_file(const base::Path& path);

class LlamaWeights {
 public:
  /// `gpu_layers` -1: all. Refuses a file that is missing, no GGUF, cut off, of an architecture that
  /// llama.cpp doesn't know, or without a vocabulary; the message names it and llama.cpp's reason.
  static base::Result<std::shared_ptr<const LlamaWeights>> load(const base::Path& path, int gpu_layers);
  ~LlamaWeights();

  /// Refuses an adapter of another architecture or other shapes, or that isn't one.
  base::Result<AdapterPointer> load_adapter(const base::Path& path) const;

  llama_model* model() const { return model_; }
  const llama_vocab* vocab() const { return vocab_; }
  const base::Path& path() const { return path_; }

  int vocabulary_size() const;
  int trained_context() const;  // tokens; longer prompts are not what it learned
  std::uint64_t bytes() const;  // of all tensors
  std::uint64_t parameters() const;
  std::string description() const;          // `qwen3 Q4_K - Medium`
  std::string chat_template() const;        // Jinja; empty: none
  std::string meta(const char* key) const;  // a value of the file's header as text; empty: none
  bool encodes_only() const;                // no text can be generated with it
  /// A part of a sequence can be copied to another; not so for recurrent models.
  bool shares_parts() const;

  /// `marks`: special tokens in the text become those. Never with begin or end tokens of its own.
  std::vector<Token> tokenize(std::string_view text, bool marks) const;
  /// What the model wants in front of everything; -1: nothing.
  Token begin_token() const;
  bool ends_generation(Token token) const;
  void append_piece(Token token, std::string& out) const;

 private:
  LlamaWeights(base::Path path, llama_model* model);
  base::Path path_;
  llama_model* model_ = nullptr;
  const llama_vocab* vocab_ = nullptr;
};

}  // namespace local_model
