#include "local_model/llama_model.h"

#include <fmt/format.h>
#include <ggml-backend.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <future>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>

#include "base/clock.h"
#include "base/thread.h"
#include "local_model/known_words.h"
#include "local_model/llama_batcher.h"
#include "local_model/llama_embedder.h"
#include "local_model/llama_prompter.h"
#include "local_model/wire_grammar.h"

namespace local_model {
namespace {

constexpr int kSequences = 32;
constexpr int kCompactSequences = 4;  // of a small model, more only make attention pass over more cells
constexpr int kPrefixes = 8;
constexpr std::size_t kMostPrefixes = 1000;  // remembered as tokens
constexpr std::uint64_t kSmallModel =
    100'000'000;                        // parameters; more threads than one only wait for each other
constexpr int kEmbeddingTokens = 4096;  // at once
constexpr std::string_view kProfileKey = "slotmill.prompt_profile";

struct Waiting {
  model::Ticket ticket = 0;
  const model::Request* request = nullptr;
  model::OutcomeSink* sink = nullptr;
  base::Milliseconds since{};
};

model::Outcome without_reply(model::Outcome::Kind kind, std::string why) {
  model::Outcome outcome;
  outcome.kind = kind;
  outcome.body = std::move(why);
  return outcome;
}

model::Outcome owed(std::string why) { return without_reply(model::Outcome::Kind::owed, std::move(why)); }

model::Outcome failed(std::string why) { return without_reply(model::Outcome::Kind::failed, std::move(why)); }

}  // namespace

bool has_llama() { return true; }

int gpu_count() {
  int count = 0;
  for (std::size_t i = 0; i < ggml_backend_dev_count(); ++i)
    if (ggml_backend_dev_type(ggml_backend_dev_get(i)) == GGML_BACKEND_DEVICE_TYPE_GPU) ++count;
  return count;
}

struct LlamaModel::Impl {
  LlamaSpec spec;
  model::ModelIdentity identity;
  std::string name;  // of the file, for messages
  std::shared_ptr<const LlamaWeights> weights;
  const PromptFormat* format = nullptr;
  KnownWords known_words;                   // profile compact
  std::unique_ptr<LlamaBatcher> batcher;    // or
  std::unique_ptr<LlamaEmbedder> embedder;  // the one or the other

  // Between submit() and the thread.
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<Waiting> queue;
  bool draining = false;
  std::atomic<bool> aborting = false;
  bool quitting = false;

  // The thread's own.
  std::deque<std::pair<Waiting, Generation>> prepared;  // wait for cells
  std::unordered_map<std::uint64_t, Waiting> running;
  std::unordered_map<base::Hash128, std::shared_ptr<const std::vector<Token>>, base::Hash128Hasher> prefixes;
  std::uint64_t next_id = 0;
  std::string broken;  // the context can't be used any more
  std::thread thread;

  base::Status open(LlamaLoader& loader);
  base::Status choose_format();
  base::Status open_batcher(AdapterPointer adapter);

  std::size_t busy() const { return running.size() + prepared.size(); }
  void work();
  base::Status step(std::vector<Generated>& done);
  void take_waiting(std::vector<Waiting>& taken);
  void begin();
  std::optional<Generation> prepare(const Waiting& waiting);
  void deliver(const Generated& generated);
  void embed(const std::vector<Waiting>& batch);
  void give_up(const std::string& why);
  model::Outcome down(const std::string& why) const;
};

base::Status LlamaModel::Impl::open(LlamaLoader& loader) {
  auto loaded = loader.get(spec.file, spec.gpu_layers);
  if (!loaded) return base::pass(loaded);
  if (spec.gpu_layers != 0 && gpu_count() == 0)
    return base::bad_input(
        "gpu_layers: llama.cpp sees no GPU here; install it with tools/install.sh --cuda on a "
        "machine that has one, or take gpu_layers: away");
  weights = std::move(loaded->weights);
  identity.provider = "gguf";
  identity.name = base::to_hex(loaded->hash);
  identity.sampling = spec.sampling;
  identity.response_format = spec.response_format;
  name = spec.file.empty() ? "the model that ships" : spec.file.string();
  if (spec.threads == 0)
    spec.threads = weights->parameters() < kSmallModel
                       ? 1
                       : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  if (spec.sequences == 0) spec.sequences = spec.compact ? kCompactSequences : kSequences;
  if (spec.embeddings) {
    const int tokens = std::min(kEmbeddingTokens, std::max(weights->trained_context(), 256));
    auto made = LlamaEmbedder::make(weights, spec.sequences, tokens, spec.threads);
    if (!made) return base::pass(made);
    embedder = std::move(*made);
    return {};
  }
  if (weights->encodes_only())
    return base::bad_input(fmt::format("{} can only embed texts, not write them", name));
  if (auto status = choose_format(); !status) return status;
  AdapterPointer adapter;
  if (!spec.adapter.empty()) {
    const auto hash = hash_file(spec.adapter);
    if (!hash) return base::pass(hash);
    auto made = weights->load_adapter(spec.adapter);
    if (!made) return base::pass(made);
    adapter = std::move(*made);
    identity.adapter = fmt::format("{} x {:g}", base::to_hex(*hash), spec.adapter_scale);
  }
  return open_batcher(std::move(adapter));
}

base::Status LlamaModel::Impl::choose_format() {
  const bool for_compact = weights->meta(kProfileKey.data()) == kCompactFormat;
  if (for_compact != spec.compact)
    return base::bad_input(
        for_compact
            ? fmt::format("{} was trained on the compact prompt: add profile: compact", name)
            : fmt::format("{} was not trained on the compact prompt: take profile: compact away", name));
  if (spec.compact) {
    format = find_prompt_format(kCompactFormat);
    known_words = KnownWords(weights->meta("slotmill.intents"), weights->meta("slotmill.function_characters"),
                             weights->meta("slotmill.function_words"));
  } else if (!spec.prompt_format.empty()) {
    format = find_prompt_format(spec.prompt_format);
  } else {
    const std::string chat_template = weights->chat_template();
    format = chat_template.empty() ? find_prompt_format("plain") : detect_prompt_format(chat_template);
    if (format == nullptr)
      return base::bad_input(
          fmt::format("{} has a chat template of an unknown kind; say which it is with prompt_format: "
                      "chatml, llama3, mistral, "
                      "gemma, deepseek or plain",
                      name));
  }
  identity.prompting = fmt::format("{}{}", format->name, spec.thinking_off ? ", thinking off" : "");
  return {};
}

base::Status LlamaModel::Impl::open_batcher(AdapterPointer adapter) {
  const Prompter prompter(*weights, *format, spec.thinking_off);
  std::size_t prefix = 0;
  std::size_t tail = 1;
  for (const auto& [first, second] : spec.samples) {
    const Prompt prompt = prompter.split(first, second);
    prefix = std::max(prefix, prompter.prefix(prompt.prefix).size());
    tail = std::max(tail, prompter.tail(prompt.tail).size());
  }
  tail += tail / 4;  // other attempts have longer values
  const int answer = spec.sampling.max_tokens;
  const int longest = static_cast<int>(prefix + tail) + answer;
  BatcherOptions options;
  options.sequences = spec.sequences;
  options.threads = spec.threads;
  options.aborting = &aborting;
  options.adapter_scale = static_cast<float>(spec.adapter_scale);
  options.prefixes = kPrefixes;
  options.context_tokens =
      kPrefixes * static_cast<int>(prefix) + spec.sequences * (static_cast<int>(tail) + answer);
  if (spec.context_tokens > 0) options.context_tokens = spec.context_tokens;
  auto made = LlamaBatcher::make(weights, std::move(adapter), options);
  if (!made) return base::pass(made);
  batcher = std::move(*made);
  if (longest > batcher->context_tokens())
    return base::bad_input(fmt::format(
        "a prompt has up to {} tokens and its answer {} (sampling.max_tokens), but the context holds {} of "
        "one sequence; raise context:",
        prefix + tail, answer, batcher->context_tokens()));
  if (longest > weights->trained_context())
    return base::bad_input(fmt::format(
        "a prompt has up to {} tokens and its answer {} (sampling.max_tokens), but {} was made for {} in "
        "all; lower max_tokens or per_request",
        prefix + tail, answer, name, weights->trained_context()));
  return {};
}

model::Outcome LlamaModel::Impl::down(const std::string& why) const {
  model::Outcome outcome = owed(fmt::format("models: {}: {}", spec.id, why));
  outcome.model_down = true;
  return outcome;
}

void LlamaModel::Impl::work() {
  std::vector<Waiting> taken;
  std::vector<Generated> done;
  for (;;) {
    taken.clear();
    take_waiting(taken);
    {
      const std::lock_guard lock(mutex);
      if (quitting && busy() == 0 && taken.empty() && queue.empty()) return;
    }
    if (embedder) {
      if (!taken.empty()) embed(taken);
      continue;
    }
    for (const Waiting& waiting : taken)
      if (auto generation = prepare(waiting)) prepared.emplace_back(waiting, std::move(*generation));
    begin();
    done.clear();
    if (auto status = step(done); !status) {
      give_up(status.error().message);
      continue;
    }
    for (const Generated& one : done) deliver(one);
  }
}

// llama.cpp reports by return values, but a backend may throw all the same.
base::Status LlamaModel::Impl::step(std::vector<Generated>& done) {
  try {
    return batcher->step(done);
  } catch (const std::exception& error) {
    return base::failed(fmt::format("{}: llama.cpp can't go on: {}", name, error.what()));
  }
}

// Waits until there is something to do; takes what can begin, and answers what never will.
void LlamaModel::Impl::take_waiting(std::vector<Waiting>& taken) {
  std::vector<std::pair<Waiting, model::Outcome>> refused;
  bool stop_all = false;
  {
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] { return quitting || aborting || !queue.empty() || busy() > 0; });
    stop_all = aborting;
    if (draining || aborting || !broken.empty()) {
      for (const Waiting& waiting : queue)
        refused.emplace_back(waiting, broken.empty() ? owed("stopped before it began") : down(broken));
      queue.clear();
      for (const auto& [waiting, generation] : prepared)
        refused.emplace_back(waiting, broken.empty() ? owed("stopped before it began") : down(broken));
      prepared.clear();
    } else {
      const std::size_t places = static_cast<std::size_t>(spec.sequences);
      while (!queue.empty() && busy() + taken.size() < places) {
        taken.push_back(queue.front());
        queue.pop_front();
      }
    }
    // Nothing is left to wait for but the next submit().
    if (stop_all && busy() == 0 && refused.empty())
      changed.wait(lock, [this] { return quitting || !queue.empty(); });
  }
  for (auto& [waiting, outcome] : refused) waiting.sink->deliver(waiting.ticket, std::move(outcome));
  if (stop_all && !running.empty()) {
    batcher->clear();
    for (const auto& [id, waiting] : running)
      waiting.sink->deliver(waiting.ticket, owed("stopped before its answer was whole"));
    running.clear();
  }
}

std::optional<Generation> LlamaModel::Impl::prepare(const Waiting& waiting) {
  const model::Request& request = *waiting.request;
  const Prompter prompter(*weights, *format, spec.thinking_off);
  Generation generation;
  const std::string_view prefix = request.prefix ? std::string_view(*request.prefix) : std::string_view();
  const Prompt prompt = prompter.split(prefix, request.tail);
  generation.prefix_hash = base::hash128(prompt.prefix);
  if (prefixes.size() > kMostPrefixes) prefixes.clear();
  auto& tokens = prefixes[generation.prefix_hash];
  if (!tokens) tokens = std::make_shared<const std::vector<Token>>(prompter.prefix(prompt.prefix));
  generation.prefix = tokens;
  generation.tail = prompter.tail(prompt.tail);
  generation.max_tokens = spec.sampling.max_tokens;
  generation.to_the_brace = request.wire != model::Wire::line;
  generation.sampling = spec.sampling;
  generation.seed = static_cast<std::uint32_t>(request.key.low);
  if (spec.response_format != model::ResponseFormat::text) {
    const auto lexicon = known_words.limit(prefix, request.tail);
    generation.grammar = wire_grammar(request, lexicon ? &*lexicon : nullptr);
  }
  const std::size_t all =
      generation.prefix->size() + generation.tail.size() + static_cast<std::size_t>(generation.max_tokens);
  if (!generation.tail.empty() && all <= static_cast<std::size_t>(batcher->context_tokens()))
    return generation;
  waiting.sink->deliver(
      waiting.ticket,
      failed(fmt::format(
          "the prompt has {} tokens and its answer up to {}; the context holds {} of one sequence: raise "
          "context: or lower sampling.max_tokens",
          generation.prefix->size() + generation.tail.size(), generation.max_tokens,
          batcher->context_tokens())));
  return std::nullopt;
}

// Starts what has room, in order. What waits here for cells counts as one of the sequences.
void LlamaModel::Impl::begin() {
  while (!prepared.empty()) {
    auto& [waiting, generation] = prepared.front();
    if (!batcher->has_room(generation)) return;
    generation.id = ++next_id;
    if (auto status = batcher->start(std::move(generation)); status) {
      running.emplace(next_id, waiting);
    } else {
      waiting.sink->deliver(waiting.ticket, failed(status.error().message));
    }
    prepared.pop_front();
  }
}

void LlamaModel::Impl::deliver(const Generated& generated) {
  const auto found = running.find(generated.id);
  const Waiting waiting = found->second;
  running.erase(found);
  model::Outcome outcome;
  outcome.kind = generated.error.empty() ? model::Outcome::Kind::reply : model::Outcome::Kind::failed;
  outcome.body = generated.error.empty() ? generated.text : generated.error;
  outcome.finish = generated.finish;
  outcome.usage = generated.usage;
  outcome.milliseconds = (base::steady_now() - waiting.since).count();
  waiting.sink->deliver(waiting.ticket, std::move(outcome));
}

void LlamaModel::Impl::embed(const std::vector<Waiting>& batch) {
  std::vector<std::vector<Token>> texts;
  for (const Waiting& waiting : batch) {
    std::vector<Token> tokens = weights->tokenize(waiting.request->tail, false);
    if (const Token begin = weights->begin_token(); begin >= 0) tokens.insert(tokens.begin(), begin);
    if (tokens.empty()) tokens.push_back(0);
    const auto most = static_cast<std::size_t>(embedder->most_tokens());
    if (tokens.size() > most) tokens.resize(most);  // embedding models see the beginning of a long text
    texts.push_back(std::move(tokens));
  }
  for (std::size_t done = 0; done < batch.size();) {
    const auto vectors = embedder->embed(texts);
    if (!vectors) {
      broken = vectors.error().message;
      for (; done < batch.size(); ++done) batch[done].sink->deliver(batch[done].ticket, down(broken));
      return;
    }
    for (std::size_t i = 0; i < vectors->size(); ++i, ++done) {
      model::Outcome outcome;
      outcome.kind = model::Outcome::Kind::reply;
      outcome.embedding = (*vectors)[i];
      outcome.usage.prompt_tokens = static_cast<std::int64_t>(texts[i].size());
      outcome.milliseconds = (base::steady_now() - batch[done].since).count();
      batch[done].sink->deliver(batch[done].ticket, std::move(outcome));
    }
    texts.erase(texts.begin(), texts.begin() + static_cast<std::ptrdiff_t>(vectors->size()));
  }
}

void LlamaModel::Impl::give_up(const std::string& why) {
  broken = why;
  batcher->clear();
  for (const auto& [id, waiting] : running) waiting.sink->deliver(waiting.ticket, down(why));
  running.clear();
}  // what is prepared is answered with the queue

LlamaModel::LlamaModel(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

base::Result<std::unique_ptr<LlamaModel>> LlamaModel::make(LlamaSpec spec, LlamaLoader& loader) {
  auto impl = std::make_unique<Impl>();
  impl->spec = std::move(spec);
  // Loads there, too: llama.cpp starts threads of its own, and none of them shall take a signal.
  std::promise<base::Status> opened;
  auto thread = base::start_thread([&opened, &loader, self = impl.get()] {
    const base::Status status = self->open(loader);
    const bool works = status.has_value();
    opened.set_value(status);
    if (works) self->work();
  });
  if (!thread) return base::failed(fmt::format("cannot start a model's thread: {}", thread.error().message));
  impl->thread = std::move(*thread);
  if (auto status = opened.get_future().get(); !status) {
    impl->thread.join();
    return base::pass(status);
  }
  return std::unique_ptr<LlamaModel>(new LlamaModel(std::move(impl)));
}

LlamaModel::~LlamaModel() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->quitting = true;
  }
  impl_->changed.notify_all();
  impl_->thread.join();
}

std::string LlamaModel::describe() const {
  const Impl& self = *impl_;
  return fmt::format("{}: {}, {:.1f} M parameters, {:.1f} MiB; {}; {} sequences in {} tokens; {} thread{}",
                     self.name, self.weights->description(),
                     static_cast<double>(self.weights->parameters()) / 1e6,
                     static_cast<double>(self.weights->bytes()) / 1048576.0,
                     self.format != nullptr ? self.format->name : "embeddings", self.spec.sequences,
                     self.batcher ? self.batcher->context_tokens() : self.embedder->most_tokens(),
                     self.spec.threads, self.spec.threads == 1 ? "" : "s");
}

const model::ModelIdentity& LlamaModel::identity() const { return impl_->identity; }

model::Capabilities LlamaModel::capabilities() const {
  model::Capabilities capabilities;
  capabilities.embeds = impl_->embedder != nullptr;
  capabilities.reuses_prefix = impl_->batcher != nullptr;
  return capabilities;
}

std::size_t LlamaModel::credits() const { return static_cast<std::size_t>(impl_->spec.sequences); }

void LlamaModel::submit(model::Ticket ticket, const model::Request& request, model::OutcomeSink& sink) {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->queue.push_back({ticket, &request, &sink, base::steady_now()});
  }
  impl_->changed.notify_one();
}

void LlamaModel::drain() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->draining = true;
  }
  impl_->changed.notify_one();
}

void LlamaModel::abort() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->draining = true;
    impl_->aborting = true;
  }
  impl_->changed.notify_one();
}

}  // namespace local_model
