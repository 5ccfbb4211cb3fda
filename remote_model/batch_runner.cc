#include "remote_model/batch_runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "remote_model/explanation.h"
#include "remote_model/retry_policy.h"

namespace remote_model {
namespace {

using base::Milliseconds;
using Stage = Batch::Stage;

constexpr Milliseconds kSearchAgain{3000};
constexpr int kSearches = 2;
constexpr int kCancels = 3;  // more; a batch that is being validated can't be cancelled everywhere
// Whoever waits for hours isn't stopped by some minutes without a network.
constexpr Milliseconds kOutage{3600 * 1000};

}  // namespace

BatchRunner::BatchRunner(RemoteSpec spec, const BatchRules& rules, Access access, Transport& transport,
                         double pace)
    : spec_(std::move(spec)),
      rules_(rules),
      access_(std::move(access)),
      dialect_(dialect_for(spec_.identity.provider, access_.base_url)),
      transport_(transport),
      pace_(pace) {}

void BatchRunner::begin(BatchStore& store, Note note) {
  const std::lock_guard lock(mutex_);
  store_ = &store;
  note_ = std::move(note);
}

bool BatchRunner::end() {
  const std::lock_guard lock(mutex_);
  store_ = nullptr;
  return !std::exchange(ended_, true);
}

bool BatchRunner::ended() const {
  const std::lock_guard lock(mutex_);
  return ended_;
}

base::Status BatchRunner::record(const std::function<base::Status(BatchStore&)>& write) {
  const std::lock_guard lock(mutex_);
  return store_ == nullptr ? base::Status{} : write(*store_);
}

bool BatchRunner::find_stored(const base::Hash128& key, StoredBatch& batch) const {
  const std::lock_guard lock(mutex_);
  return store_ != nullptr && store_->find(key, batch);
}

std::vector<StoredBatch> BatchRunner::unfinished() const {
  const std::lock_guard lock(mutex_);
  return store_ == nullptr ? std::vector<StoredBatch>() : store_->unfinished(spec_.id);
}

std::string BatchRunner::name() const {
  return fmt::format("model {} ({}, {})", spec_.id, access_.base_url, spec_.identity.name);
}

void BatchRunner::say(const std::string& text) const { note_(fmt::format("model {}: {}", spec_.id, text)); }

Milliseconds BatchRunner::paced(Milliseconds wait) const {
  return Milliseconds(static_cast<Milliseconds::rep>(static_cast<double>(wait.count()) * pace_));
}

void BatchRunner::give_up(const std::string& message) {
  if (end()) unusable(message);
}

void BatchRunner::advance_after(Milliseconds delay, const BatchPtr& batch) {
  transport_.after(paced(delay), [self = shared_from_this(), batch] { self->advance(batch); });
}

void BatchRunner::advance(const BatchPtr& batch) {
  if (ended()) return;
  if (batch->stage == Stage::intend) {
    const auto recorded =
        record([&](BatchStore& store) { return store.intend(batch->reference, spec_.id, batch->keys); });
    if (!recorded) return give_up(recorded.error().message);
    batch->stage = Stage::upload;
  }
  transport_.send(batch_request(*batch, rules_, access_, spec_.timeout_seconds),
                  [self = shared_from_this(), batch](HttpResponse response) {
                    self->on_answer(batch, std::move(response));
                  });
}

void BatchRunner::on_answer(const BatchPtr& batch, HttpResponse response) {
  if (response.failure == HttpResponse::Failure::aborted) return transport_stops();
  if (ended()) return;
  response.body = mask_secrets(std::move(response.body), access_.secrets);
  const bool good = response.status >= 200 && response.status < 300;
  if (!good || !take(batch, response.body)) trouble(batch, response);
}

/// False: the body isn't what the stage asked for.
bool BatchRunner::take(const BatchPtr& batch, const std::string& body) {
  const Stage stage = batch->stage;
  // A search follows a creation that failed, and shall not give that new time for ever.
  const auto good = [&] {
    reached_ = true;
    if (stage != Stage::search) batch->failures = 0;
  };
  switch (stage) {
    case Stage::upload: {
      auto file = read_file_id(body);
      if (!file) return false;
      good();
      batch->file = std::move(*file);
      batch->lines = {};
      batch->stage = Stage::create;
      advance(batch);
      return true;
    }
    case Stage::create:
    case Stage::look: {
      auto state = read_batch(body, rules_);
      if (!state) return false;
      good();
      if (stage == Stage::create)
        became(batch, state->id);
      else
        looked(batch, std::move(*state));
      return true;
    }
    case Stage::search: {
      const auto page = read_batch_page(body, rules_);
      if (!page) return false;
      good();
      search_on(batch, *page);
      return true;
    }
    case Stage::output:
    case Stage::errors:
      if (!read_batch_lines(body, batch->results)) return false;
      if (stage == Stage::output && batch->results.empty() && batch->state.answered > 0) return false;
      good();
      fetch(batch, stage == Stage::output ? Stage::errors : Stage::intend);
      return true;
    case Stage::cancel:
      good();
      say(fmt::format("batch {} is being cancelled", batch->id));
      over(batch);
      return true;
    case Stage::intend:
      break;
  }
  return true;
}

/// The provider has it under this id.
void BatchRunner::became(const BatchPtr& batch, const std::string& id) {
  const auto recorded = record([&](BatchStore& store) { return store.created(batch->reference, id); });
  if (!recorded) return give_up(recorded.error().message);
  const bool is_new = batch->stage == Stage::create;
  batch->id = id;
  batch->failures = 0;
  batch->watched = is_new;
  batch->submitted = true;
  batch->stage = batch->cancelling ? Stage::cancel : Stage::look;
  say(is_new ? fmt::format("batch {} is submitted ({} requests)", id, batch->size)
             : fmt::format("batch {} was found at the provider ({} requests)", id, batch->size));
  advance_after(is_new ? poll_pause(0, batch->seed()) : Milliseconds(0), batch);
}

void BatchRunner::search_on(const BatchPtr& batch, const BatchPage& page) {
  for (const BatchState& one : page.batches)
    if (one.reference == batch->reference) return became(batch, one.id);
  batch->after = page.next;
  if (batch->after.empty()) return not_found(batch);
  advance(batch);
}

/// The provider's list doesn't have it.
void BatchRunner::not_found(const BatchPtr& batch) {
  if (++batch->searches < kSearches) return advance_after(kSearchAgain, batch);
  batch->searches = 0;
  if (!batch->file.empty()) {  // of this call: go on where it was
    batch->stage = Stage::create;
    return advance_after(backoff(batch->failures, batch->seed()), batch);
  }
  if (!batch->cancelling) return missing(batch);
  const auto recorded = record([&](BatchStore& store) { return store.gone(batch->reference); });
  if (!recorded) return give_up(recorded.error().message);
  over(batch);
}

void BatchRunner::looked(const BatchPtr& batch, BatchState state) {
  batch->done = state.answered + state.failed;
  batch->state = std::move(state);
  if (batch->cancelling) {
    if (batch->state.kind != BatchState::Kind::under_way || batch->state.status == "cancelling" ||
        batch->looks == kCancels)
      return over(batch);
    batch->stage = Stage::cancel;
    return advance_after(poll_pause(batch->looks++, batch->seed()), batch);
  }
  if (batch->state.kind == BatchState::Kind::under_way) {
    batch->watched = true;
    return advance_after(poll_pause(++batch->looks, batch->seed()), batch);
  }
  batch->results.clear();
  if (batch->state.kind != BatchState::Kind::failed) return fetch(batch, Stage::output);
  // Refused in an earlier call, which said so: it counts as never submitted.
  if (!batch->watched) return over(batch);
  const std::string errors = mask_secrets(batch->state.errors, access_.secrets);
  give_up(
      fmt::format("{}: batch {} was refused: {}; check model, sampling and account (smaller batches: "
                  "limits.in_flight) and "
                  "run the same command again",
                  name(), batch->id, errors.empty() ? "the provider doesn't say why" : errors));
}

/// Fetches the results of `stage`, or of those behind it if there are none.
void BatchRunner::fetch(const BatchPtr& batch, Stage stage) {
  if (stage == Stage::output && batch->state.output_file.empty()) stage = Stage::errors;
  if (stage == Stage::errors && batch->state.error_file.empty()) stage = Stage::intend;
  if (stage == Stage::intend) return over(batch);
  batch->stage = stage;
  advance(batch);
}

/// The stage has no answer, or a bad one.
void BatchRunner::trouble(const BatchPtr& batch, const HttpResponse& response) {
  const Stage stage = batch->stage;
  ChatAnswer answer;
  if (response.status != 0) answer = read_chat_answer(response.body);
  const Verdict verdict = classify(response, answer, dialect_);
  const std::string said = explain(response, answer, access_.secrets);
  const auto unusable_message = [&] {
    return fmt::format("{}: {}; {}", name(), said, way_out(response, verdict, spec_.api_key_env, dialect_));
  };
  if (stage == Stage::cancel) {
    if (response.status == 400 || response.status == 409 || response.status == 422) {  // not now: why?
      batch->stage = Stage::look;
      return advance(batch);
    }
    if (response.status == 404) {  // if the list says so, too, it is gone
      batch->stage = Stage::search;
      return advance(batch);
    }
  }
  if (response.status == 404 && (stage == Stage::look || stage == Stage::output || stage == Stage::errors))
    return give_up(
        fmt::format("{}: batch {}: {}; ask with the address and the key with which it was submitted, or give "
                    "it up (slotmill "
                    "run --cancel-batches) and run the same command again",
                    name(), batch->id, said));
  if (verdict == Verdict::down || verdict == Verdict::refused || verdict == Verdict::reply)
    return give_up(unusable_message());
  const Milliseconds now = base::steady_now();
  if (batch->failures == 0) batch->failing_since = now;
  const Milliseconds delay =
      response.retry_after.count() > 0 ? response.retry_after : backoff(batch->failures, batch->seed());
  ++batch->failures;
  Milliseconds patience(static_cast<Milliseconds::rep>(spec_.deadline_seconds * 1000));
  if (reached_)
    patience = std::max(patience, kOutage);
  else if (verdict == Verdict::unreachable)
    patience = kFirstContact;
  if (now + delay > batch->failing_since + paced(patience)) return give_up(unusable_message());
  // What was perhaps created is looked for before it is created again.
  if (stage == Stage::create && (verdict == Verdict::retry || verdict == Verdict::unreadable)) {
    batch->stage = Stage::search;
    batch->after.clear();
  }
  advance_after(delay, batch);
}

}  // namespace remote_model
