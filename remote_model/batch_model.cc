#include "remote_model/batch_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "remote_model/access.h"
#include "remote_model/batch.h"
#include "remote_model/batch_protocol.h"
#include "remote_model/batch_runner.h"
#include "remote_model/explanation.h"
#include "remote_model/request_body.h"
#include "remote_model/retry_policy.h"
#include "remote_model/transport.h"

namespace remote_model {
namespace {

constexpr base::Milliseconds kLookForSignals{200};
constexpr int kTries = 3;  // batches of one call that may leave a request without an answer

model::Outcome owed(std::string why, bool model_down) {
  model::Outcome outcome;
  outcome.body = std::move(why);
  outcome.model_down = model_down;
  return outcome;
}

model::Outcome failed(std::string why) {
  model::Outcome outcome;
  outcome.kind = model::Outcome::Kind::failed;
  outcome.body = std::move(why);
  return outcome;
}

void deliver(const BatchItem& item, model::Outcome outcome) {
  item.sink->deliver(item.ticket, std::move(outcome));
}

}  // namespace

struct BatchModel::Impl final : BatchRunner {
  using BatchRunner::rules_;
  using BatchRunner::spec_;

  Impl(const BatchSpec& spec, const BatchRules& rules, Access access, Transport& transport)
      : BatchRunner(spec.remote, rules, std::move(access), transport, spec.pace),
        collector(std::min(rules.most_lines, spec.remote.in_flight), rules.most_file_bytes, spec.pace) {}

  void submit(const BatchItem& item);
  void collect(const BatchItem& item);
  BatchPtr close();
  void close_later();
  void close_when_quiet();

  void over(const BatchPtr& batch) override;
  void missing(const BatchPtr& batch) override;
  void unusable(const std::string& message) override;
  void transport_stops() override { stop(); }

  void cancelled(const BatchPtr& batch);
  base::Status cancel_all(const std::function<bool()>& interrupted);
  void stop();
  std::vector<BatchItem> take_everything();
  BatchProgress progress() const;
  std::shared_ptr<Impl> self() { return std::static_pointer_cast<Impl>(shared_from_this()); }
  /// Why nothing is taken any more. The mutex is held.
  model::Outcome refusal() const { return owed(down ? down_message : "stopped", down); }

  mutable std::mutex mutex;  // guards all below; never held while a sink or the transport is called
  BatchCollector collector;
  bool looks_again = false;                 // a timer will, at the collector
  std::map<std::string, BatchPtr> batches;  // that requests wait for, by reference
  bool submitted = false;                   // a batch, in this call
  bool answered = false;                    // a request ever was, in this call or an earlier one
  bool holding = false;                     // nothing is submitted: see cancel_all()
  std::size_t cancels_left = 0;
  std::condition_variable cancels_changed;
  bool stopped = true;  // until begin()
  bool down = false;
  std::string down_message;
};

void BatchModel::Impl::submit(const BatchItem& item) {
  model::Outcome refused;
  BatchPtr batch;
  bool is_new = false;
  {
    const std::lock_guard lock(mutex);
    StoredBatch known;
    if (down || stopped) {
      refused = refusal();
    } else if (find_stored(item.request->key, known)) {
      BatchPtr& slot = batches[known.reference];
      is_new = slot == nullptr;
      if (is_new) {
        slot = std::make_shared<Batch>();
        slot->reference = known.reference;
        slot->id = known.id;
        slot->size = known.requests;
        slot->submitted = !known.id.empty();
        slot->stage = known.id.empty() ? Batch::Stage::search : Batch::Stage::look;
      }
      batch = slot;
      batch->items.insert_or_assign(item.request->key, item);
    } else if (holding) {
      refused = owed("not submitted", false);
    }
  }
  if (is_new) {
    if (batch->submitted) say(fmt::format("waiting for batch {} ({} requests)", batch->id, batch->size));
    advance_after(base::Milliseconds(0), batch);
  }
  if (batch) return;
  if (!refused.body.empty()) return deliver(item, std::move(refused));
  collect(item);
}

void BatchModel::Impl::collect(const BatchItem& item) {
  std::string line =
      batch_line(item.request->key, chat_request_body(dialect_, spec_.identity, *item.request));
  if (line.size() > rules_.most_line_bytes)
    return deliver(item,
                   failed(fmt::format("{}: the request has {} bytes, and a line of a batch has at most {}; "
                                      "shorten the template or the examples",
                                      name(), line.size(), rules_.most_line_bytes)));
  model::Outcome refused;
  std::vector<BatchPtr> full;
  {
    const std::lock_guard lock(mutex);
    if (down || stopped) {
      refused = refusal();
    } else {
      if (!collector.empty() && collector.needs_new_file(line.size())) full.push_back(close());
      collector.add(item, std::move(line), base::steady_now());
      if (collector.is_full()) full.push_back(close());
    }
  }
  if (!refused.body.empty()) return deliver(item, std::move(refused));
  for (const BatchPtr& batch : full) advance_after(base::Milliseconds(0), batch);
  close_later();
}

/// The mutex is held.
BatchPtr BatchModel::Impl::close() {
  BatchPtr batch = collector.close();
  batches.emplace(batch->reference, batch);
  submitted = true;
  return batch;
}

void BatchModel::Impl::close_later() {
  {
    const std::lock_guard lock(mutex);
    if (collector.empty() || std::exchange(looks_again, true)) return;
  }
  transport_.after(paced(BatchCollector::kQuiet), [self = self()] { self->close_when_quiet(); });
}

void BatchModel::Impl::close_when_quiet() {
  BatchPtr closed;
  {
    const std::lock_guard lock(mutex);
    looks_again = false;
    if (stopped || down || collector.empty()) return;
    if (collector.is_due(base::steady_now(), submitted && !batches.empty())) closed = close();
  }
  if (!closed) return close_later();
  advance_after(base::Milliseconds(0), closed);
}

void BatchModel::Impl::missing(const BatchPtr& batch) {
  BatchItems again;
  {
    const std::lock_guard lock(mutex);
    again = std::exchange(batch->items, {});
    batches.erase(batch->reference);
  }
  for (const auto& [key, item] : again) collect(item);
}

/// All its results are there: what has no reply fails, goes into another batch, or shows that the model is
/// unusable.
void BatchModel::Impl::over(const BatchPtr& batch) {
  using Kind = BatchState::Kind;
  if (batch->cancelling) return cancelled(batch);
  const BatchState& state = batch->state;
  std::vector<std::pair<BatchItem, model::Outcome>> outcomes;
  std::vector<std::pair<BatchItem, const BatchLine*>> unanswered;
  std::vector<BatchItem> again;
  std::string unusable;
  std::string why = "no answer";  // the last one is asked again
  std::size_t replies = 0;
  bool hold = false;
  {
    const std::lock_guard lock(mutex);
    if (stopped || down) return;
    hold = holding;
    for (BatchLine& line : batch->results) {
      const auto found = batch->items.find(line.key);
      if (found == batch->items.end()) continue;  // nobody waits for it
      if (line_verdict(line, dialect_) == Verdict::reply)
        outcomes.emplace_back(found->second, line_reply(std::move(line.answer), dialect_, access_.secrets));
      else
        unanswered.emplace_back(found->second, &line);
      batch->items.erase(found);
    }
    replies = outcomes.size();
    answered = answered || replies > 0;
    for (const auto& [item, line] : unanswered) {
      const Verdict verdict = line_verdict(*line, dialect_);
      const HttpResponse response = line_response(*line);
      const std::string said = explain(response, line->answer, access_.secrets);
      const bool tried = line->status != 0 && replies > 0 && item.tries + 1 >= kTries;
      if ((verdict == Verdict::refused && answered) || (tried && verdict != Verdict::down)) {
        outcomes.emplace_back(item, failed(fmt::format("{}: {}", name(), said)));
        continue;
      }
      // A batch that ended in an earlier call says how it was then; perhaps it was put right since.
      if (batch->watched && (verdict == Verdict::down || verdict == Verdict::refused))
        unusable =
            fmt::format("{}: {}; {}", name(), said, way_out(response, verdict, spec_.api_key_env, dialect_));
      why = said;
      again.push_back(item);
    }
    for (const auto& [key, item] : batch->items) again.push_back(item);
    batch->items.clear();
    if (state.kind != Kind::failed)
      for (BatchItem& item : again) ++item.tries;
    const bool too_often =
        std::any_of(again.begin(), again.end(), [](const BatchItem& item) { return item.tries >= kTries; });
    if (unusable.empty() && !again.empty() && !hold) {
      if (state.kind == Kind::cancelled && batch->watched)
        unusable = fmt::format(
            "{}: batch {} was cancelled at the provider; run the same command again to submit "
            "what is left of it",
            name(), batch->id);
      else if (too_often)
        unusable = fmt::format(
            "{}: {} batches left requests unanswered, the last for this: {}; run the same "
            "command again later",
            name(), kTries, why);
    }
    if (!unusable.empty())  // to where unusable() finds them
      for (const BatchItem& item : again) batch->items.emplace(item.request->key, item);
    else
      batches.erase(batch->reference);
  }
  say(fmt::format("batch {} {}: {} replies, {} failed, {} left", batch->id, state.status, replies,
                  outcomes.size() - replies, again.size()));
  for (auto& [item, outcome] : outcomes) deliver(item, std::move(outcome));
  if (!unusable.empty()) return give_up(unusable);
  for (const BatchItem& item : again) {
    if (hold)
      deliver(item, owed("not submitted", false));
    else
      collect(item);
  }
}

base::Status BatchModel::Impl::cancel_all(const std::function<bool()>& interrupted) {
  std::vector<BatchPtr> all;
  for (const StoredBatch& stored : unfinished()) {
    auto batch = std::make_shared<Batch>();
    batch->reference = stored.reference;
    batch->id = stored.id;
    batch->size = stored.requests;
    batch->cancelling = true;
    batch->stage = stored.id.empty() ? Batch::Stage::search : Batch::Stage::cancel;
    all.push_back(std::move(batch));
  }
  std::unique_lock lock(mutex);
  holding = true;
  cancels_left = all.size();
  lock.unlock();
  for (const BatchPtr& batch : all) advance_after(base::Milliseconds(0), batch);
  lock.lock();
  const auto all_answered = [this] { return cancels_left == 0 || down || stopped; };
  while (!cancels_changed.wait_for(lock, kLookForSignals, all_answered) && !interrupted()) {
  }
  return down ? base::failed(down_message) : base::Status{};
}

void BatchModel::Impl::cancelled(const BatchPtr&) {
  const std::lock_guard lock(mutex);
  --cancels_left;
  cancels_changed.notify_all();
}

BatchProgress BatchModel::Impl::progress() const {
  BatchProgress sum;
  const std::lock_guard lock(mutex);
  for (const auto& [reference, batch] : batches) {
    if (!batch->submitted) continue;
    ++sum.batches;
    sum.requests += batch->items.size();
    sum.done +=
        std::min(batch->items.size(), static_cast<std::size_t>(std::max<std::int64_t>(batch->done, 0)));
  }
  return sum;
}

/// The mutex is held.
std::vector<BatchItem> BatchModel::Impl::take_everything() {
  std::vector<BatchItem> all = collector.take_all();
  for (const auto& [reference, batch] : batches) {
    for (const auto& [key, item] : batch->items) all.push_back(item);
    batch->items.clear();
  }
  batches.clear();
  cancels_changed.notify_all();
  return all;
}

void BatchModel::Impl::stop() {
  end();
  const BatchProgress left = progress();
  std::vector<BatchItem> items;
  bool first = false;
  {
    const std::lock_guard lock(mutex);
    first = !std::exchange(stopped, true);
    items = take_everything();
  }
  if (first && left.requests > 0)
    say(fmt::format("{} requests in {} batch{} are under way; run the same command again to fetch them",
                    left.requests, left.batches, left.batches == 1 ? "" : "es"));
  for (const BatchItem& item : items) deliver(item, owed("stopped", false));
}

void BatchModel::Impl::unusable(const std::string& message) {
  std::vector<BatchItem> items;
  {
    const std::lock_guard lock(mutex);
    down = true;
    down_message = message;
    items = take_everything();
  }
  for (const BatchItem& item : items) deliver(item, owed(message, true));
}

base::Result<std::unique_ptr<BatchModel>> BatchModel::make(BatchSpec spec, Transport& transport) {
  const BatchRules* rules = batch_rules(spec.remote.identity.provider);
  if (rules == nullptr)
    return base::bad_input(fmt::format("model {}: provider {} has no batches; remove mode: batch",
                                       spec.remote.id, spec.remote.identity.provider));
  auto access = open_access(spec.remote);
  if (!access) return base::pass(access);
  spec.remote.in_flight = std::max<std::size_t>(spec.remote.in_flight, 1);
  return std::unique_ptr<BatchModel>(
      new BatchModel(std::make_shared<Impl>(spec, *rules, std::move(*access), transport)));
}

BatchModel::BatchModel(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
BatchModel::~BatchModel() { end(); }

void BatchModel::begin(BatchStore& store, std::function<void(const std::string&)> note) {
  impl_->begin(store, std::move(note));
  const std::lock_guard lock(impl_->mutex);
  impl_->stopped = false;
}
void BatchModel::end() { impl_->end(); }

base::Status BatchModel::cancel_all(const std::function<bool()>& interrupted) {
  return impl_->cancel_all(interrupted);
}
BatchProgress BatchModel::progress() const { return impl_->progress(); }

const model::ModelIdentity& BatchModel::identity() const { return impl_->spec_.identity; }
model::Capabilities BatchModel::capabilities() const { return {}; }

std::string BatchModel::describe() const {
  return fmt::format("{} at {}, in batches of {} requests at most", impl_->spec_.identity.name,
                     impl_->spec_.base_url, std::min(impl_->rules_.most_lines, impl_->spec_.in_flight));
}

std::size_t BatchModel::credits() const { return impl_->spec_.in_flight; }

void BatchModel::note_earlier_answers() {
  const std::lock_guard lock(impl_->mutex);
  impl_->answered = true;
}

void BatchModel::submit(model::Ticket ticket, const model::Request& request, model::OutcomeSink& sink) {
  impl_->submit({ticket, &request, &sink, 0});
}

void BatchModel::drain() { impl_->stop(); }
void BatchModel::abort() { impl_->stop(); }

}  // namespace remote_model
