#include "local_model/llama_batcher.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <optional>

#include "local_model/token_batch.h"

namespace local_model {
namespace {

constexpr int kStepTokens = 512;  // of prompts in one step, so that answers under way don't stand still
constexpr std::size_t kWorthSharing = 16;  // tokens in common with a kept prefix
constexpr int kDecoded = 0;
constexpr int kCacheFull = 1;
constexpr int kAborted = 2;

struct Sequence {
  Generation generation;
  std::optional<TokenSampler> sampler;
  bool active = false;
  std::uint64_t joined = 0;    // the order of joining
  std::size_t prefix = 0;      // which kept one
  std::vector<Token> pending;  // not evaluated yet
  std::size_t fed = 0;         // of pending, in this step
  int row = -1;                // in the batch, whose logits are wanted
  int position = 0;
  int reserved = 0;  // cells
  int generated = 0;
  std::string text;
};

struct KeptPrefix {
  base::Hash128 hash;
  std::shared_ptr<const std::vector<Token>> tokens;  // null: free
  std::uint64_t used = 0;                            // the order of use
  int users = 0;
};

class Batcher final : public LlamaBatcher {
 public:
  Batcher(std::shared_ptr<const LlamaWeights> weights, AdapterPointer adapter, const BatcherOptions& options)
      : weights_(std::move(weights)),
        adapter_(std::move(adapter)),
        sequences_(static_cast<std::size_t>(options.sequences)),
        kept_(static_cast<std::size_t>(options.prefixes)) {}

  base::Status open(const BatcherOptions& options) {
    llama_context_params params = llama_context_default_params();
    const int together = options.sequences + options.prefixes;
    params.n_ctx = static_cast<std::uint32_t>(options.context_tokens);
    params.n_seq_max = static_cast<std::uint32_t>(together);
    params.n_batch = params.n_ubatch = static_cast<std::uint32_t>(std::max(kStepTokens, options.sequences));
    params.n_threads = params.n_threads_batch = options.threads;
    params.kv_unified = true;  // else only whole sequences can be copied, and anything else aborts
    params.no_perf = true;
    if (options.aborting != nullptr) {
      params.abort_callback = [](void* flag) { return static_cast<const std::atomic<bool>*>(flag)->load(); };
      params.abort_callback_data = const_cast<std::atomic<bool>*>(options.aborting);
    }
    take_llama_error();
    context_.reset(llama_init_from_model(weights_->model(), params));
    if (!context_) {
      const std::string why = take_llama_error();
      return base::failed(
          fmt::format("{}: no context of {} tokens for {} sequences{}{}; lower sequences: or context:",
                      weights_->path().string(), options.context_tokens, options.sequences,
                      why.empty() ? "" : ": ", why));
    }
    memory_ = llama_get_memory(context_.get());
    cells_ = static_cast<int>(llama_n_ctx(context_.get()));
    step_tokens_ = static_cast<std::size_t>(llama_n_batch(context_.get()));
    if (adapter_) {
      llama_adapter_lora* adapters[] = {adapter_.get()};
      float scales[] = {options.adapter_scale};
      if (llama_set_adapters_lora(context_.get(), adapters, 1, scales) != 0)
        return base::failed(
            fmt::format("{}: the adapter can't be used: {}", weights_->path().string(), take_llama_error()));
    }
    return {};
  }

  int context_tokens() const override { return cells_; }
  bool idle() const override { return active_ == 0 && returned_.empty(); }

  bool has_room(const Generation& generation) const override {
    if (active_ == static_cast<int>(sequences_.size())) return false;
    const std::size_t kept = find(generation);
    const int prefix = kept < kept_.size() ? 0 : static_cast<int>(generation.prefix->size());
    int idle_cells = 0;  // of prefixes that may go
    for (std::size_t i = 0; i < kept_.size(); ++i)
      if (i != kept && kept_[i].tokens && kept_[i].users == 0) idle_cells += size_of(kept_[i]);
    const bool has_place =
        kept < kept_.size() ||
        std::any_of(kept_.begin(), kept_.end(), [](const KeptPrefix& one) { return one.users == 0; });
    return (has_place || kept_.empty()) && used_ - idle_cells + prefix + need(generation) <= cells_;
  }

  base::Status start(Generation generation) override {
    auto sampler = TokenSampler::make(*weights_, generation.sampling, generation.seed, generation.grammar);
    if (!sampler) return base::pass(sampler);
    const auto place =
        std::find_if(sequences_.begin(), sequences_.end(), [](const Sequence& s) { return !s.active; });
    Sequence& sequence = *place;
    const int number = static_cast<int>(place - sequences_.begin());
    sequence = Sequence{};
    sequence.generation = std::move(generation);
    sequence.sampler = std::move(*sampler);
    sequence.active = true;
    sequence.joined = ++clock_;
    ++active_;
    const std::vector<Token>& prefix = *sequence.generation.prefix;
    sequence.reserved = need(sequence.generation);
    used_ += sequence.reserved;
    sequence.prefix = kept_.empty() || prefix.empty() ? kNone : keep(sequence.generation);
    if (sequence.prefix != kNone) {
      KeptPrefix& kept = kept_[sequence.prefix];
      ++kept.users;
      kept.used = clock_;
      llama_memory_seq_cp(memory_, sequence_of(sequence.prefix), number, -1, -1);
      sequence.position = static_cast<int>(prefix.size());
    } else {
      sequence.pending = prefix;
    }
    sequence.pending.insert(sequence.pending.end(), sequence.generation.tail.begin(),
                            sequence.generation.tail.end());
    return {};
  }

  base::Status step(std::vector<Generated>& done) override {
    while (!returned_.empty() && has_room(returned_.front())) {
      Generation next = std::move(returned_.front());
      returned_.pop_front();
      if (auto status = start(std::move(next)); !status) return status;  // it had started before
    }
    if (active_ == 0) return {};
    fill();
    const int result = batch_.decode(context_.get());
    if (result == kAborted) return {};
    if (result == kCacheFull) return make_room(done);
    if (result != kDecoded) return decode_error(result);
    for (std::size_t i = 0; i < sequences_.size(); ++i)
      if (sequences_[i].active) advance(static_cast<int>(i), done);
    return {};
  }

  void clear() override {
    for (std::size_t i = 0; i < sequences_.size(); ++i)
      if (sequences_[i].active) leave(static_cast<int>(i));
    returned_.clear();
  }

  std::vector<float> logits_after(const std::vector<Token>& prefix, const std::vector<Token>& tail) override {
    Generation generation;
    generation.prefix = std::make_shared<const std::vector<Token>>(prefix);
    generation.prefix_hash =
        base::hash128({reinterpret_cast<const char*>(prefix.data()), prefix.size() * sizeof(Token)});
    generation.tail = tail;
    generation.max_tokens = 1;
    if (tail.empty() || !has_room(generation) || !start(std::move(generation))) return {};
    std::vector<float> logits;
    while (active_ > 0 && logits.empty()) {
      fill();
      if (batch_.decode(context_.get()) != kDecoded) break;
      for (Sequence& sequence : sequences_) {
        if (!sequence.active) continue;
        if (sequence.row >= 0) {
          const float* row = llama_get_logits_ith(context_.get(), sequence.row);
          logits.assign(row, row + weights_->vocabulary_size());
        }
        take_fed(sequence);
      }
    }
    clear();
    return logits;
  }

 private:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  int sequence_of(std::size_t kept) const { return static_cast<int>(sequences_.size() + kept); }
  static int size_of(const KeptPrefix& kept) { return static_cast<int>(kept.tokens->size()); }

  int need(const Generation& generation) const {
    const std::size_t own = generation.tail.size() + (kept_.empty() ? generation.prefix->size() : 0);
    return static_cast<int>(own) + generation.max_tokens;
  }

  std::size_t find(const Generation& generation) const {
    for (std::size_t i = 0; i < kept_.size(); ++i)
      if (kept_[i].tokens && kept_[i].hash == generation.prefix_hash) return i;
    return kept_.size();
  }

  void drop(KeptPrefix& kept) {
    llama_memory_seq_rm(memory_, sequence_of(static_cast<std::size_t>(&kept - kept_.data())), -1, -1);
    used_ -= size_of(kept);
    kept.tokens.reset();
  }

  /// The place of the generation's prefix, evaluated if it wasn't; kNone if there is no place, or
  /// evaluating it failed: then the sequence evaluates it itself.
  std::size_t keep(const Generation& generation) {
    if (const std::size_t kept = find(generation); kept < kept_.size()) return kept;
    const int cells = static_cast<int>(generation.prefix->size());
    KeptPrefix* place = nullptr;
    for (;;) {  // a free place and free cells, from what was used longest ago
      KeptPrefix* oldest = nullptr;
      place = nullptr;
      for (KeptPrefix& kept : kept_) {
        if (!kept.tokens) place = &kept;
        if (kept.tokens && kept.users == 0 && (oldest == nullptr || kept.used < oldest->used)) oldest = &kept;
      }
      if (place != nullptr && used_ + cells <= cells_) break;
      if (oldest == nullptr) return kNone;
      drop(*oldest);
    }
    const auto number = static_cast<std::size_t>(place - kept_.data());
    std::size_t done = take_over(*generation.prefix, number);
    while (done < generation.prefix->size()) {
      batch_.clear();
      const std::size_t end = std::min(done + step_tokens_, generation.prefix->size());
      for (std::size_t i = done; i < end; ++i)
        batch_.add((*generation.prefix)[i], static_cast<int>(i), sequence_of(number), false);
      if (batch_.decode(context_.get()) != kDecoded) {
        llama_memory_seq_rm(memory_, sequence_of(number), -1, -1);
        return kNone;
      }
      done = end;
    }
    place->hash = generation.prefix_hash;
    place->tokens = generation.prefix;
    place->users = 0;
    used_ += cells;
    return number;
  }

  /// Shares the beginning with the kept prefix that has most of it in common; returns its length.
  std::size_t take_over(const std::vector<Token>& prefix, std::size_t number) {
    if (!weights_->shares_parts()) return 0;
    std::size_t most = 0;
    std::size_t from = 0;
    for (std::size_t i = 0; i < kept_.size(); ++i) {
      if (!kept_[i].tokens) continue;
      const std::vector<Token>& other = *kept_[i].tokens;
      const auto [mine, theirs] = std::mismatch(prefix.begin(), prefix.end(), other.begin(), other.end());
      const auto common = static_cast<std::size_t>(mine - prefix.begin());
      if (common > most) {
        most = common;
        from = i;
      }
    }
    if (most < kWorthSharing) return 0;
    llama_memory_seq_cp(memory_, sequence_of(from), sequence_of(number), 0, static_cast<llama_pos>(most));
    return most;
  }

  /// The next step: one token of each sequence that answers, and as much of the prompts as fits.
  void fill() {
    batch_.clear();
    for (const bool prompts : {false, true})
      for (std::size_t i = 0; i < sequences_.size(); ++i) {
        Sequence& sequence = sequences_[i];
        if (!sequence.active || (sequence.pending.size() > 1) != prompts) continue;
        sequence.fed = std::min(sequence.pending.size(), step_tokens_ - batch_.size());
        sequence.row = -1;
        for (std::size_t k = 0; k < sequence.fed; ++k) {
          const bool last = k + 1 == sequence.pending.size();
          if (last) sequence.row = static_cast<int>(batch_.size());
          batch_.add(sequence.pending[k], sequence.position + static_cast<int>(k), static_cast<int>(i), last);
        }
      }
  }

  static void take_fed(Sequence& sequence) {
    sequence.position += static_cast<int>(sequence.fed);
    sequence.pending.erase(sequence.pending.begin(),
                           sequence.pending.begin() + static_cast<std::ptrdiff_t>(sequence.fed));
  }

  void advance(int number, std::vector<Generated>& done) {
    Sequence& sequence = sequences_[static_cast<std::size_t>(number)];
    take_fed(sequence);
    if (sequence.row < 0) return;  // more of its prompt to come
    const Token token = sequence.sampler->next(llama_get_logits_ith(context_.get(), sequence.row));
    if (token < 0)
      return finish(number, model::Finish::stop,
                    "the model computes no usable token here: its file may be damaged", done);
    if (weights_->ends_generation(token)) return finish(number, model::Finish::stop, "", done);
    ++sequence.generated;
    const std::size_t before = sequence.text.size();
    weights_->append_piece(token, sequence.text);
    const bool brace = sequence.text.find('}', before) != std::string::npos;
    if (sequence.generation.to_the_brace && brace && sequence.sampler->complete())
      return finish(number, model::Finish::stop, "", done);
    if (sequence.generated >= sequence.generation.max_tokens)
      return finish(number, model::Finish::length, "", done);
    sequence.pending.push_back(token);
  }

  void finish(int number, model::Finish how, std::string error, std::vector<Generated>& done) {
    Sequence& sequence = sequences_[static_cast<std::size_t>(number)];
    Generated generated;
    generated.id = sequence.generation.id;
    generated.error = std::move(error);
    if (generated.error.empty()) generated.text = std::move(sequence.text);
    generated.finish = how;
    const std::size_t prompt = sequence.generation.prefix->size() + sequence.generation.tail.size();
    generated.usage = {static_cast<std::int64_t>(prompt), sequence.generated};
    done.push_back(std::move(generated));
    leave(number);
  }

  void leave(int number) {
    Sequence& sequence = sequences_[static_cast<std::size_t>(number)];
    llama_memory_seq_rm(memory_, number, -1, -1);
    used_ -= sequence.reserved;
    if (sequence.prefix != kNone) --kept_[sequence.prefix].users;
    sequence.active = false;
    --active_;
  }

  // The cells were counted, so this is for what llama.cpp pads: the last to join goes back and begins anew.
  base::Status make_room(std::vector<Generated>& done) {
    std::size_t last = 0;
    for (std::size_t i = 0; i < sequences_.size(); ++i)
      if (sequences_[i].active &&
          (!sequences_[last].active || sequences_[i].joined > sequences_[last].joined))
        last = i;
    const int number = static_cast<int>(last);
    Sequence& sequence = sequences_[last];
    if (active_ == 1) {
      finish(number, model::Finish::stop, "the context is full; raise context: or lower sequences:", done);
      return {};
    }
    Generation again = std::move(sequence.generation);
    leave(number);
    returned_.push_back(std::move(again));
    return {};
  }

  base::Status decode_error(int result) {
    const std::string why = take_llama_error();
    return base::failed(fmt::format("{}: llama.cpp can't go on (llama_decode returned {}){}{}",
                                    weights_->path().string(), result, why.empty() ? "" : ": ", why));
  }

  const std::shared_ptr<const LlamaWeights> weights_;
  const AdapterPointer adapter_;
  ContextPointer context_;  // before the adapter and the weights are gone
  llama_memory_t memory_ = nullptr;
  int cells_ = 0;
  std::size_t step_tokens_ = 0;
  int used_ = 0;  // cells of prefixes, and reserved by sequences
  std::uint64_t clock_ = 0;
  int active_ = 0;
  std::vector<Sequence> sequences_;
  std::vector<KeptPrefix> kept_;
  std::deque<Generation> returned_;
  TokenBatch batch_;
};

}  // namespace

base::Result<std::unique_ptr<LlamaBatcher>> LlamaBatcher::make(std::shared_ptr<const LlamaWeights> weights,
                                                               AdapterPointer adapter,
                                                               const BatcherOptions& options) {
  auto batcher = std::make_unique<Batcher>(std::move(weights), std::move(adapter), options);
  if (auto status = batcher->open(options); !status) return base::pass(status);
  return base::Result<std::unique_ptr<LlamaBatcher>>(std::move(batcher));
}

}  // namespace local_model
