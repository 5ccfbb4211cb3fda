#include "local_model/llama_worker.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <exception>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "local_model/llama_batcher.h"
#include "local_model/llama_embedder.h"
#include "local_model/llama_prompter.h"
#include "local_model/wire_grammar.h"

namespace local_model {
namespace {

constexpr int kPrefixes = 8;
constexpr std::size_t kMostPrefixes = 1000;  // remembered as tokens
constexpr int kEmbeddingTokens = 4096;       // at once

model::Outcome without_reply(model::Outcome::Kind kind, std::string why) {
  model::Outcome outcome;
  outcome.kind = kind;
  outcome.body = std::move(why);
  return outcome;
}

model::Outcome owed(std::string why) { return without_reply(model::Outcome::Kind::owed, std::move(why)); }

model::Outcome failed(std::string why) { return without_reply(model::Outcome::Kind::failed, std::move(why)); }

model::Outcome down(const LlamaShared& shared, const std::string& why) {
  model::Outcome outcome = owed(fmt::format("models: {}: {}", shared.spec.id, why));
  outcome.model_down = true;
  return outcome;
}

class Writer final : public LlamaWorker {
 public:
  explicit Writer(LlamaShared& shared)
      : shared_(shared), prompter_(*shared.weights, *shared.format, shared.spec.thinking_off) {}

  base::Status open(int threads);
  int context_tokens() const override { return batcher_->context_tokens(); }
  void run() override;

 private:
  std::size_t busy() const { return running_.size() + prepared_.size(); }
  void refuse(const LlamaQueue::Turn& turn);
  std::optional<Generation> prepare(const Waiting& waiting);
  void begin();
  base::Status step(std::vector<Generated>& done);
  void deliver(const Generated& generated);
  void give_up(const model::Outcome& outcome);

  LlamaShared& shared_;
  const Prompter prompter_;
  std::unique_ptr<LlamaBatcher> batcher_;
  std::deque<std::pair<Waiting, Generation>> prepared_;  // wait for cells
  std::unordered_map<std::uint64_t, Waiting> running_;
  std::unordered_map<base::Hash128, std::shared_ptr<const std::vector<Token>>, base::Hash128Hasher> prefixes_;
  std::uint64_t next_id_ = 0;
};

base::Status Writer::open(int threads) {
  const LlamaSpec& spec = shared_.spec;
  AdapterPointer adapter;
  if (!spec.adapter.empty()) {
    auto made = shared_.weights->load_adapter(spec.adapter);
    if (!made) return base::pass(made);
    adapter = std::move(*made);
  }
  std::size_t prefix = 0;
  std::size_t tail = 1;
  for (const auto& [first, second] : spec.samples) {
    const Prompt prompt = prompter_.split(first, second);
    prefix = std::max(prefix, prompter_.prefix(prompt.prefix).size());
    tail = std::max(tail, prompter_.tail(prompt.tail).size());
  }
  tail += tail / 4;  // other attempts have longer values
  const int answer = spec.sampling.max_tokens;
  const int longest = static_cast<int>(prefix + tail) + answer;
  BatcherOptions options;
  options.sequences = spec.sequences;
  options.threads = threads;
  options.aborting = &shared_.queue.aborting();
  options.adapter_scale = static_cast<float>(spec.adapter_scale);
  options.prefixes = kPrefixes;
  options.context_tokens =
      kPrefixes * static_cast<int>(prefix) + spec.sequences * (static_cast<int>(tail) + answer);
  if (spec.context_tokens > 0) options.context_tokens = spec.context_tokens;
  auto made = LlamaBatcher::make(shared_.weights, std::move(adapter), options);
  if (!made) return base::pass(made);
  batcher_ = std::move(*made);
  if (longest > batcher_->context_tokens())
    return base::bad_input(fmt::format(
        "a prompt has up to {} tokens and its answer {} (sampling.max_tokens), but the context holds {} of "
        "one sequence; raise context:",
        prefix + tail, answer, batcher_->context_tokens()));
  if (longest > shared_.weights->trained_context())
    return base::bad_input(fmt::format(
        "a prompt has up to {} tokens and its answer {} (sampling.max_tokens), but {} was made for {} in "
        "all; lower max_tokens or per_request",
        prefix + tail, answer, shared_.name, shared_.weights->trained_context()));
  return {};
}

void Writer::run() {
  std::vector<Generated> done;
  const auto places = static_cast<std::size_t>(shared_.spec.sequences);
  for (;;) {
    const LlamaQueue::Turn turn = shared_.queue.next(busy(), prepared_.size(), places);
    if (turn.refuse) refuse(turn);
    if (turn.abort) give_up(owed("stopped before its answer was whole"));
    if (turn.end) return;
    for (const Waiting& waiting : turn.begin)
      if (auto generation = prepare(waiting)) prepared_.emplace_back(waiting, std::move(*generation));
    begin();
    done.clear();
    if (auto status = step(done); !status) {
      shared_.queue.break_down(status.error().message);
      give_up(down(shared_, status.error().message));
      continue;
    }
    for (const Generated& one : done) deliver(one);
  }
}

void Writer::refuse(const LlamaQueue::Turn& turn) {
  const model::Outcome outcome =
      turn.broken.empty() ? owed("stopped before it began") : down(shared_, turn.broken);
  for (const Waiting& waiting : turn.refused) waiting.sink->deliver(waiting.ticket, outcome);
  for (const auto& [waiting, generation] : prepared_) waiting.sink->deliver(waiting.ticket, outcome);
  prepared_.clear();
}

std::optional<Generation> Writer::prepare(const Waiting& waiting) {
  const LlamaSpec& spec = shared_.spec;
  const model::Request& request = *waiting.request;
  Generation generation;
  const std::string_view prefix = request.prefix ? std::string_view(*request.prefix) : std::string_view();
  const Prompt prompt = prompter_.split(prefix, request.tail);
  generation.prefix_hash = base::hash128(prompt.prefix);
  if (prefixes_.size() > kMostPrefixes) prefixes_.clear();
  auto& tokens = prefixes_[generation.prefix_hash];
  if (!tokens) tokens = std::make_shared<const std::vector<Token>>(prompter_.prefix(prompt.prefix));
  generation.prefix = tokens;
  generation.tail = prompter_.tail(prompt.tail);
  generation.max_tokens = spec.sampling.max_tokens;
  generation.to_the_brace = request.wire != model::Wire::line;
  generation.sampling = spec.sampling;
  generation.seed = static_cast<std::uint32_t>(request.key.low);
  if (spec.response_format != model::ResponseFormat::text) {
    const auto lexicon = shared_.known_words.limit(prefix, request.tail);
    generation.grammar = wire_grammar(request, lexicon ? &*lexicon : nullptr);
  }
  const std::size_t all =
      generation.prefix->size() + generation.tail.size() + static_cast<std::size_t>(generation.max_tokens);
  if (!generation.tail.empty() && all <= static_cast<std::size_t>(batcher_->context_tokens()))
    return generation;
  waiting.sink->deliver(
      waiting.ticket,
      failed(fmt::format(
          "the prompt has {} tokens and its answer up to {}; the context holds {} of one sequence: raise "
          "context: or lower sampling.max_tokens",
          generation.prefix->size() + generation.tail.size(), generation.max_tokens,
          batcher_->context_tokens())));
  return std::nullopt;
}

// Starts what has room, in order. What waits here for cells counts as one of the sequences.
void Writer::begin() {
  while (!prepared_.empty()) {
    auto& [waiting, generation] = prepared_.front();
    if (!batcher_->has_room(generation)) return;
    generation.id = ++next_id_;
    if (auto status = batcher_->start(std::move(generation)); status) {
      running_.emplace(next_id_, waiting);
    } else {
      waiting.sink->deliver(waiting.ticket, failed(status.error().message));
    }
    prepared_.pop_front();
  }
}

// llama.cpp reports by return values, but a backend may throw all the same.
base::Status Writer::step(std::vector<Generated>& done) {
  try {
    return batcher_->step(done);
  } catch (const std::exception& error) {
    return base::failed(fmt::format("{}: llama.cpp can't go on: {}", shared_.name, error.what()));
  }
}

void Writer::deliver(const Generated& generated) {
  const auto found = running_.find(generated.id);
  const Waiting waiting = found->second;
  running_.erase(found);
  model::Outcome outcome;
  outcome.kind = generated.error.empty() ? model::Outcome::Kind::reply : model::Outcome::Kind::failed;
  outcome.body = generated.error.empty() ? generated.text : generated.error;
  outcome.finish = generated.finish;
  outcome.usage = generated.usage;
  outcome.milliseconds = (base::steady_now() - waiting.since).count();
  waiting.sink->deliver(waiting.ticket, std::move(outcome));
}

void Writer::give_up(const model::Outcome& outcome) {
  if (running_.empty()) return;
  batcher_->clear();
  for (const auto& [id, waiting] : running_) waiting.sink->deliver(waiting.ticket, outcome);
  running_.clear();
}  // what is prepared is refused with the queue

class Embedder final : public LlamaWorker {
 public:
  explicit Embedder(LlamaShared& shared) : shared_(shared) {}

  base::Status open(int threads) {
    const int tokens = std::min(kEmbeddingTokens, std::max(shared_.weights->trained_context(), 256));
    auto made = LlamaEmbedder::make(shared_.weights, shared_.spec.sequences, tokens, threads);
    if (!made) return base::pass(made);
    embedder_ = std::move(*made);
    return {};
  }

  int context_tokens() const override { return embedder_->most_tokens(); }

  void run() override {
    for (;;) {
      const LlamaQueue::Turn turn =
          shared_.queue.next(0, 0, static_cast<std::size_t>(shared_.spec.sequences));
      const model::Outcome refusal =
          turn.broken.empty() ? owed("stopped before it began") : down(shared_, turn.broken);
      for (const Waiting& waiting : turn.refused) waiting.sink->deliver(waiting.ticket, refusal);
      if (turn.end) return;
      embed(turn.begin);
    }
  }

 private:
  void embed(const std::vector<Waiting>& batch);

  LlamaShared& shared_;
  std::unique_ptr<LlamaEmbedder> embedder_;
};

void Embedder::embed(const std::vector<Waiting>& batch) {
  std::vector<std::vector<Token>> texts;
  const auto most = static_cast<std::size_t>(embedder_->most_tokens());
  for (const Waiting& waiting : batch) {
    std::vector<Token> tokens = shared_.weights->tokenize(waiting.request->tail, false);
    if (const Token begin = shared_.weights->begin_token(); begin >= 0) tokens.insert(tokens.begin(), begin);
    if (tokens.empty()) tokens.push_back(0);
    if (tokens.size() > most) tokens.resize(most);  // embedding models see the beginning of a long text
    texts.push_back(std::move(tokens));
  }
  for (std::size_t done = 0; done < batch.size();) {
    const auto vectors = embedder_->embed(texts);
    if (!vectors) {
      shared_.queue.break_down(vectors.error().message);
      for (; done < batch.size(); ++done)
        batch[done].sink->deliver(batch[done].ticket, down(shared_, vectors.error().message));
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

template <typename Worker>
base::Result<std::unique_ptr<LlamaWorker>> open(LlamaShared& shared, int threads) {
  auto worker = std::make_unique<Worker>(shared);
  if (auto status = worker->open(threads); !status) return base::pass(status);
  return base::Result<std::unique_ptr<LlamaWorker>>(std::move(worker));
}

}  // namespace

base::Result<std::unique_ptr<LlamaWorker>> LlamaWorker::make(LlamaShared& shared, int threads) {
  return shared.spec.embeddings ? open<Embedder>(shared, threads) : open<Writer>(shared, threads);
}

}  // namespace local_model
