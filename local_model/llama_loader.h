// Loads GGUF files, each once: models with the same file share its weights. Keep the loader as long as
// models are made; what was loaded lives as long as the models. One thread at a time.
//
// This header knows no llama.cpp: a build without it has the same class, which nobody asks for files then.
#pragma once

#include <map>
#include <memory>
#include <utility>

#include "base/file.h"
#include "base/hash.h"
#include "base/result.h"

namespace local_model {

class LlamaWeights;

class LlamaLoader {
 public:
  struct Loaded {
    std::shared_ptr<const LlamaWeights> weights;
    base::Hash128 hash;  // of the file's bytes
  };
  /// `path` empty: the model that ships. `gpu_layers` as in LlamaWeights::load.
  base::Result<Loaded> get(const base::Path& path, int gpu_layers);

 private:
  std::map<std::pair<base::Path, int>, Loaded> loaded_;
};

}  // namespace local_model
