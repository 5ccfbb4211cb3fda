// The model in this process in a build without llama.cpp: says so.
#include "local_model/llama_model.h"

namespace local_model {

bool has_llama() { return false; }
int gpu_count() { return 0; }

struct LlamaModel::Impl {
  model::ModelIdentity identity;
};

LlamaModel::LlamaModel(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LlamaModel::~LlamaModel() = default;

base::Result<std::unique_ptr<LlamaModel>> LlamaModel::make(LlamaSpec, LlamaLoader&) {
  return base::bad_input(
      "file: this slotmill was built without llama.cpp; install it with tools/install.sh and build again, or "
      "use a "
      "server (provider:, start:)");
}

std::string LlamaModel::describe() const { return {}; }
const model::ModelIdentity& LlamaModel::identity() const { return impl_->identity; }
model::Capabilities LlamaModel::capabilities() const { return {}; }
std::size_t LlamaModel::credits() const { return 1; }
void LlamaModel::submit(model::Ticket ticket, const model::Request&, model::OutcomeSink& sink) {
  sink.deliver(ticket, {});
}
void LlamaModel::drain() {}
void LlamaModel::abort() {}

}  // namespace local_model
