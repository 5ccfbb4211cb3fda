#include "local_model/llama_loader.h"

#include "local_model/llama_weights.h"
#include "local_model/shipped_model.h"

namespace local_model {

base::Result<LlamaLoader::Loaded> LlamaLoader::get(const base::Path& path, int gpu_layers) {
  const auto key = std::pair(path, gpu_layers);
  if (const auto found = loaded_.find(key); found != loaded_.end()) return found->second;
  ShippedFile shipped;
  base::Hash128 hash;
  if (path.empty()) {
    auto file = open_shipped_model();
    if (!file) return base::pass(file);
    shipped = std::move(*file);
    hash = base::hash128(shipped_model());
  } else {
    const auto hashed = hash_file(path);
    if (!hashed) return base::pass(hashed);
    hash = *hashed;
  }
  auto weights = LlamaWeights::load(path.empty() ? shipped.path : path, gpu_layers);
  if (!weights) return base::pass(weights);
  return loaded_[key] = {std::move(*weights), hash};
}

}  // namespace local_model
