#include "local_model/llama_model.h"

#include <fmt/format.h>
#include <ggml-backend.h>

#include <algorithm>
#include <future>
#include <thread>

#include "base/clock.h"
#include "base/thread.h"
#include "local_model/llama_worker.h"

namespace local_model {
namespace {

constexpr int kSequences = 32;
constexpr int kCompactSequences = 4;  // of a small model, more only make attention pass over more cells
constexpr std::uint64_t kSmallModel = 100'000'000;  // parameters
constexpr int kMostSmallWorkers = 8;                // unless the job says more
constexpr std::string_view kProfileKey = "slotmill.prompt_profile";

int cores() { return static_cast<int>(std::max(1U, std::thread::hardware_concurrency())); }

}  // namespace

bool has_llama() { return true; }

int gpu_count() {
  int count = 0;
  for (std::size_t i = 0; i < ggml_backend_dev_count(); ++i)
    if (ggml_backend_dev_type(ggml_backend_dev_get(i)) == GGML_BACKEND_DEVICE_TYPE_GPU) ++count;
  return count;
}

struct LlamaModel::Impl {
  LlamaShared shared;
  model::ModelIdentity identity;
  std::vector<std::unique_ptr<LlamaWorker>> workers;
  std::vector<std::thread> threads;

  base::Status open(LlamaLoader& loader);
  base::Status choose_format();
  base::Status open_workers();
};

base::Status LlamaModel::Impl::open(LlamaLoader& loader) {
  LlamaSpec& spec = shared.spec;
  auto loaded = loader.get(spec.file, spec.gpu_layers);
  if (!loaded) return base::pass(loaded);
  if (spec.gpu_layers != 0 && gpu_count() == 0)
    return base::bad_input(
        "gpu_layers: llama.cpp sees no GPU here; install it with tools/install.sh --cuda on a "
        "machine that has one, or take gpu_layers: away");
  shared.weights = std::move(loaded->weights);
  identity.provider = "gguf";
  identity.name = base::to_hex(loaded->hash);
  identity.sampling = spec.sampling;
  identity.response_format = spec.response_format;
  shared.name = spec.file.empty() ? "the model that ships" : spec.file.string();
  if (spec.sequences == 0) spec.sequences = spec.compact ? kCompactSequences : kSequences;
  if (spec.embeddings) return open_workers();
  if (shared.weights->encodes_only())
    return base::bad_input(fmt::format("{} can only embed texts, not write them", shared.name));
  if (auto status = choose_format(); !status) return status;
  if (!spec.adapter.empty()) {
    const auto hash = hash_file(spec.adapter);
    if (!hash) return base::pass(hash);
    identity.adapter = fmt::format("{} x {:g}", base::to_hex(*hash), spec.adapter_scale);
  }
  return open_workers();
}

base::Status LlamaModel::Impl::choose_format() {
  const LlamaSpec& spec = shared.spec;
  const LlamaWeights& weights = *shared.weights;
  const bool for_compact = weights.meta(kProfileKey.data()) == kCompactFormat;
  if (for_compact != spec.compact)
    return base::bad_input(
        for_compact ? fmt::format("{} was trained on the compact prompt: add profile: compact", shared.name)
                    : fmt::format("{} was not trained on the compact prompt: take profile: compact away",
                                  shared.name));
  if (spec.compact) {
    shared.format = find_prompt_format(kCompactFormat);
    shared.known_words =
        KnownWords(weights.meta("slotmill.intents"), weights.meta("slotmill.function_characters"),
                   weights.meta("slotmill.function_words"));
  } else if (!spec.prompt_format.empty()) {
    shared.format = find_prompt_format(spec.prompt_format);
  } else {
    const std::string chat_template = weights.chat_template();
    shared.format = chat_template.empty() ? find_prompt_format("plain") : detect_prompt_format(chat_template);
    if (shared.format == nullptr)
      return base::bad_input(
          fmt::format("{} has a chat template of an unknown kind; say which it is with prompt_format: "
                      "chatml, llama3, mistral, "
                      "gemma, deepseek or plain",
                      shared.name));
  }
  identity.prompting = fmt::format("{}{}", shared.format->name, spec.thinking_off ? ", thinking off" : "");
  return {};
}

base::Status LlamaModel::Impl::open_workers() {
  LlamaSpec& spec = shared.spec;
  const bool small = !spec.embeddings && shared.weights->parameters() < kSmallModel;
  if (spec.threads == 0) spec.threads = small ? std::min(cores(), kMostSmallWorkers) : cores();
  for (int worker = 0; worker < (small ? spec.threads : 1); ++worker) {
    auto made = LlamaWorker::make(shared, small ? 1 : spec.threads);
    if (!made) return base::pass(made);
    workers.push_back(std::move(*made));
  }
  return {};
}

LlamaModel::LlamaModel(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

base::Result<std::unique_ptr<LlamaModel>> LlamaModel::make(LlamaSpec spec, LlamaLoader& loader) {
  auto impl = std::make_unique<Impl>();
  impl->shared.spec = std::move(spec);
  // Loads there, too: llama.cpp starts threads of its own, and none of them shall take a signal.
  std::promise<base::Status> opened;
  auto first = base::start_thread([&opened, &loader, self = impl.get()] {
    const base::Status status = self->open(loader);
    LlamaWorker* worker = status ? self->workers.front().get() : nullptr;
    opened.set_value(status);
    if (worker != nullptr) worker->run();
  });
  if (!first) return base::failed(fmt::format("cannot start a model's thread: {}", first.error().message));
  impl->threads.push_back(std::move(*first));
  if (auto status = opened.get_future().get(); !status) {
    impl->threads.front().join();
    return base::pass(status);
  }
  std::unique_ptr<LlamaModel> model(new LlamaModel(std::move(impl)));
  for (std::size_t i = 1; i < model->impl_->workers.size(); ++i) {
    auto thread = base::start_thread([worker = model->impl_->workers[i].get()] { worker->run(); });
    if (!thread)
      return base::failed(fmt::format("cannot start a model's thread: {}", thread.error().message));
    model->impl_->threads.push_back(std::move(*thread));
  }
  return model;
}

LlamaModel::~LlamaModel() {
  impl_->shared.queue.quit();
  for (std::thread& thread : impl_->threads) thread.join();
}

std::string LlamaModel::describe() const {
  const LlamaShared& shared = impl_->shared;
  const LlamaWeights& weights = *shared.weights;
  const std::size_t contexts = impl_->workers.size();
  return fmt::format("{}: {}, {:.1f} M parameters, {:.1f} MiB; {}; {}{} sequences in {} tokens; {} thread{}",
                     shared.name, weights.description(), static_cast<double>(weights.parameters()) / 1e6,
                     static_cast<double>(weights.bytes()) / 1048576.0,
                     shared.format != nullptr ? shared.format->name : "embeddings",
                     contexts == 1 ? "" : fmt::format("{} times ", contexts), shared.spec.sequences,
                     impl_->workers.front()->context_tokens(), shared.spec.threads,
                     shared.spec.threads == 1 ? "" : "s");
}

const model::ModelIdentity& LlamaModel::identity() const { return impl_->identity; }

model::Capabilities LlamaModel::capabilities() const {
  model::Capabilities capabilities;
  capabilities.embeds = impl_->shared.spec.embeddings;
  capabilities.reuses_prefix = !impl_->shared.spec.embeddings;
  return capabilities;
}

std::size_t LlamaModel::credits() const {
  return impl_->workers.size() * static_cast<std::size_t>(impl_->shared.spec.sequences);
}

void LlamaModel::submit(model::Ticket ticket, const model::Request& request, model::OutcomeSink& sink) {
  impl_->shared.queue.add({ticket, &request, &sink, base::steady_now()});
}

void LlamaModel::drain() { impl_->shared.queue.drain(); }

void LlamaModel::abort() { impl_->shared.queue.abort(); }

}  // namespace local_model
