#include "remote_model/remote_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/hash.h"
#include "remote_model/access.h"
#include "remote_model/chat.h"
#include "remote_model/embeddings.h"
#include "remote_model/explanation.h"
#include "remote_model/gate.h"
#include "remote_model/queue.h"
#include "remote_model/request_body.h"
#include "remote_model/rerank.h"
#include "remote_model/retry_policy.h"
#include "remote_model/transport.h"

namespace remote_model {
namespace {

// How often a server that is being started is asked whether it is up. Cheap: no request is made.
constexpr base::Milliseconds kLookAgain{100};

void deliver(const Item& item, model::Outcome outcome) {
  item.sink->deliver(item.ticket, std::move(outcome));
}

model::Outcome owed(std::string why, bool model_down) {
  model::Outcome outcome;
  outcome.body = std::move(why);
  outcome.model_down = model_down;
  return outcome;
}

}  // namespace

struct RemoteModel::Impl : std::enable_shared_from_this<RemoteModel::Impl> {
  Impl(RemoteSpec s, Access a, Transport& t)
      : spec(std::move(s)),
        access(std::move(a)),
        dialect(dialect_for(spec.identity.provider, access.base_url)),
        transport(t),
        gate({spec.in_flight, spec.requests_per_minute, spec.tokens_per_minute, base::mix(spec.seed, 1)}) {}

  void submit(ItemPtr item);
  void pump();
  void complete(Item* raw, HttpResponse response);
  void wait_again(ItemPtr item);
  void wake_at(base::Milliseconds due);
  void drain();
  void abort();

  std::string request_body(const model::Request& request) const;
  ChatAnswer read(std::string_view body, std::size_t documents, model::Outcome& outcome) const;
  model::Availability::State availability() const;
  bool hold_for_server();
  void start_over();
  void give_up(const std::vector<ItemPtr>& items) const;
  History history_of(const Item& item, base::Milliseconds time) const;
  void tell_gate(Verdict verdict, const HttpResponse& response, const ChatAnswer& answer, const Item& item,
                 base::Milliseconds time, base::Milliseconds due, std::size_t on_their_way);
  std::string name() const;
  base::Milliseconds now() const { return base::steady_now(); }
  base::Milliseconds milliseconds(double seconds) const {
    return base::Milliseconds(static_cast<base::Milliseconds::rep>(seconds * 1000));
  }

  const RemoteSpec spec;
  const Access access;
  const Dialect& dialect;
  Transport& transport;

  std::mutex mutex;  // guards all below; never held while a sink or the transport is called
  Gate gate;
  Queue queue;
  base::Milliseconds opening = base::Milliseconds::max();  // a timer will pump then
  base::Milliseconds last_answer{-1};
  bool answered_earlier = false;
  bool stopped = false;
  bool held = false;         // the server was away when it was last looked for
  bool looks_again = false;  // a timer will
  bool down = false;
  std::string down_message;
};

std::string RemoteModel::Impl::name() const {
  return fmt::format("model {} ({}, {})", spec.id, access.base_url, spec.identity.name);
}

std::string RemoteModel::Impl::request_body(const model::Request& request) const {
  if (spec.purpose == model::Purpose::embed) return embedding_request_body(spec.identity, request);
  if (spec.purpose == model::Purpose::rank) return rank_request_body(spec.identity, request);
  return spec.completions ? completions_request_body(dialect, spec.identity, request)
                          : chat_request_body(dialect, spec.identity, request);
}

ChatAnswer RemoteModel::Impl::read(std::string_view body, std::size_t documents,
                                   model::Outcome& outcome) const {
  if (spec.purpose == model::Purpose::embed) return read_embedding(body, outcome.embedding);
  if (spec.purpose == model::Purpose::rank) return read_ranking(body, documents, outcome.scores);
  return read_chat_answer(body);
}

model::Availability::State RemoteModel::Impl::availability() const {
  return spec.availability == nullptr ? model::Availability::State::up : spec.availability->state();
}

void RemoteModel::Impl::submit(ItemPtr item) {
  if (spec.availability != nullptr) spec.availability->need();
  std::string why;
  bool is_down = false;
  bool accepted = false;
  {
    const std::lock_guard lock(mutex);
    accepted = !down && !stopped;
    is_down = down;
    if (accepted)
      queue.add(std::move(item));
    else
      why = down ? down_message : "stopped";
  }
  if (accepted)
    pump();
  else  // NOLINTNEXTLINE(bugprone-use-after-move): it wasn't
    deliver(*item, owed(std::move(why), is_down));
}

/// True while a server of this run's own is away; then somebody looks again soon. If it is gone for good, so
/// is the model.
bool RemoteModel::Impl::hold_for_server() {
  using State = model::Availability::State;
  if (spec.availability == nullptr) return false;
  std::vector<ItemPtr> lost;
  bool look_again = false;
  {
    const std::lock_guard lock(mutex);
    const State state = availability();
    if (state == State::up) {
      if (std::exchange(held, false)) start_over();
      return false;
    }
    held = true;
    if (state == State::coming && !queue.idle()) look_again = !std::exchange(looks_again, true);
    if (state == State::gone && !down && !stopped) {
      down = true;
      down_message = fmt::format("{}: {}", name(), spec.availability->why());
      lost = queue.take_all();
    }
  }
  give_up(lost);
  if (look_again)
    transport.after(kLookAgain, [self = shared_from_this()] {
      {
        const std::lock_guard lock(self->mutex);
        self->looks_again = false;
      }
      self->pump();
    });
  return true;
}

/// The server is there, or there again: what its absence cut off or kept waiting goes out, as if never sent.
void RemoteModel::Impl::start_over() {
  queue.wake_anew();
  gate.start_over();
}

void RemoteModel::Impl::give_up(const std::vector<ItemPtr>& items) const {
  for (const ItemPtr& item : items) deliver(*item, owed(down_message, true));
}

/// Sends what may be sent. Whoever makes something ready, ends a flight or ends a pause calls it.
void RemoteModel::Impl::pump() {
  if (hold_for_server()) return;
  base::Milliseconds opens{0};
  for (;;) {
    HttpRequest http;
    Item* item = nullptr;
    {
      const std::lock_guard lock(mutex);
      const base::Milliseconds time = now();
      queue.wake(time);
      if (!queue.has_ready()) return;
      if (opens = gate.opens(queue.flying().size()); opens > time) {
        if (opens == base::Milliseconds::max() || opens >= opening) return;
        opening = opens;
        break;
      }
      item = &queue.launch();
      const model::Request& request = *item->request;
      const std::size_t prompt_bytes = (request.prefix ? request.prefix->size() : 0) + request.tail.size();
      item->sending = gate.sent(time, prompt_bytes, spec.identity.sampling.max_tokens);
      if (item->first_sent.count() < 0) item->first_sent = time;
      if (item->excused_since.count() >= 0) item->excused += time - item->excused_since;
      item->excused_since = base::Milliseconds(-1);
      const base::Milliseconds left =
          item->first_sent + milliseconds(spec.deadline_seconds) + item->excused - time;
      http.timeout = std::min(milliseconds(spec.timeout_seconds), std::max(left, base::Milliseconds(1)));
      if (item->body.empty()) item->body = request_body(request);
      http.body = std::move(item->body);
      item->body.clear();
    }
    http.endpoint = access.endpoint;
    transport.send(std::move(http), [self = shared_from_this(), item](HttpResponse response) {
      self->complete(item, std::move(response));
    });
  }
  // A timer that another one has overtaken does no harm.
  transport.after(opens - now(), [self = shared_from_this(), opens] {
    {
      const std::lock_guard lock(self->mutex);
      if (self->opening == opens) self->opening = base::Milliseconds::max();
    }
    self->pump();
  });
}

/// Until its time has come, unless that can't be any more.
void RemoteModel::Impl::wait_again(ItemPtr item) {
  std::string why;
  bool is_down = false;
  {
    const std::lock_guard lock(mutex);
    is_down = down;
    if (!down && !stopped) {
      queue.wait(std::move(item));
      return;
    }
    why = down ? down_message : "stopped";
  }
  deliver(*item, owed(std::move(why), is_down));
}

void RemoteModel::Impl::wake_at(base::Milliseconds due) {
  const base::Milliseconds delay = std::max(due - now(), base::Milliseconds(0));
  transport.after(delay, [self = shared_from_this()] { self->pump(); });
}

History RemoteModel::Impl::history_of(const Item& item, base::Milliseconds time) const {
  History history;
  history.now = time;
  history.first_sent = item.first_sent;
  history.deadline = milliseconds(spec.deadline_seconds);
  history.excused = item.excused;
  history.failures = item.failures;
  history.unreadable = item.unreadable;
  history.model_answered = gate.answered_ever() || answered_earlier;
  history.timeout = milliseconds(spec.timeout_seconds);
  history.server_away = availability() != model::Availability::State::up;
  history.last_answer = last_answer;
  history.outage_since = gate.outage_since();
  return history;
}

/// What an answer says about the server. `due`: when the request is tried again, if it is.
void RemoteModel::Impl::tell_gate(Verdict verdict, const HttpResponse& response, const ChatAnswer& answer,
                                  const Item& item, base::Milliseconds time, base::Milliseconds due,
                                  std::size_t on_their_way) {
  // Servers count when a request comes in: before a slow answer is there a short reset may be over. One that
  // is further away than a request may take is for the next 429 to explain.
  if (response.spent_for.count() > 0 && response.spent_for < milliseconds(spec.deadline_seconds))
    gate.spent(item.sending.at + response.spent_for);
  switch (verdict) {
    case Verdict::reply:
      gate.answered(time, item.sending, answer.usage, on_their_way);
      break;
    case Verdict::throttled:
      gate.refused(time, item.sending, response.retry_after, due);
      break;
    case Verdict::retry:
    case Verdict::unreachable:
      gate.failed(time, item.sending, response.failure == HttpResponse::Failure::timeout, due);
      break;
    default:
      gate.heard(time, item.sending, due);
      break;
  }
}

/// On the io thread: an answer, or the lack of one, to the sending of `raw`.
void RemoteModel::Impl::complete(Item* raw, HttpResponse response) {
  if (response.failure == HttpResponse::Failure::aborted) abort();
  const base::Milliseconds time = now();
  ChatAnswer answer;
  model::Outcome outcome;
  // Masked before anything is cut out of it, so that no part of a key stays.
  if (response.status != 0)
    answer = read(mask_secrets(std::move(response.body), access.secrets), raw->documents, outcome);
  const Verdict verdict = classify(response, answer, dialect);

  ItemPtr item;
  std::vector<ItemPtr> others;
  outcome.milliseconds = response.elapsed.count();
  outcome.may_be_billed = may_be_billed(response, verdict);
  base::Milliseconds retry_due{-1};
  {
    const std::lock_guard lock(mutex);
    const std::size_t on_their_way = queue.flying().size();
    item = queue.land(*raw);
    const History history = history_of(*item, time);
    const Step step = next_step(verdict, history, response.retry_after,
                                base::mix(spec.seed, item->delivered ? 0 : item->request->key.low));
    // A server of this run's own that is away says nothing of what it bears; the gate starts over with it.
    if (history.server_away) held = true;
    if (!history.server_away || verdict == Verdict::reply)
      tell_gate(verdict, response, answer, *item, time, time + step.delay, on_their_way);
    if (step.kind == Step::Kind::reply) last_answer = time;
    if (item->delivered) {
      item.reset();
    } else if (step.kind == Step::Kind::reply) {
      outcome.kind = model::Outcome::Kind::reply;
      outcome.may_be_billed = false;
      outcome.body = mask_secrets(std::move(answer.content), access.secrets);
      outcome.finish = is_content_filter(answer, dialect) ? model::Finish::content_filter : answer.finish;
      outcome.usage = answer.usage;
    } else if (down || stopped) {
      outcome.body = down ? down_message : "stopped";
      outcome.model_down = down;
    } else if (step.kind == Step::Kind::again) {
      ++item->failures;
      if (verdict == Verdict::unreadable) ++item->unreadable;
      // Being throttled isn't the request's fault, nor is what it waits beyond its own backoff.
      item->excused_since = verdict == Verdict::throttled ? time : time + step.delay;
      item->due = time + step.delay;
      if (verdict != Verdict::throttled && !history.server_away) item->due += gate.take_retry(time);
      retry_due = item->due;
    } else if (step.kind == Step::Kind::failed) {
      outcome.kind = model::Outcome::Kind::failed;
      outcome.body = fmt::format("{}: {}", name(), explain(response, answer, access.secrets));
    } else {
      down = true;
      down_message = fmt::format("{}: {}; {}", name(), explain(response, answer, access.secrets),
                                 way_out(response, verdict, spec.api_key_env, dialect));
      outcome.body = down_message;
      outcome.model_down = true;
      others = queue.take_all();
    }
  }
  if (item && retry_due.count() >= 0 && (!outcome.may_be_billed || item->sink->may_try_again(item->ticket))) {
    wait_again(std::move(item));
  } else if (item) {
    if (retry_due.count() >= 0) outcome.body = "the budget is used up";
    retry_due = base::Milliseconds(-1);
    deliver(*item, std::move(outcome));
  }
  give_up(others);
  if (retry_due > time) wake_at(retry_due);
  pump();
}

void RemoteModel::Impl::drain() {
  std::vector<ItemPtr> items;
  {
    const std::lock_guard lock(mutex);
    stopped = true;
    items = queue.take_all();
  }
  for (const ItemPtr& item : items) deliver(*item, owed("stopped", false));
}

void RemoteModel::Impl::abort() {
  drain();
  std::vector<Item> on_their_way;  // copies: the originals wait for their callbacks
  {
    const std::lock_guard lock(mutex);
    for (const ItemPtr& item : queue.flying()) {
      if (item->delivered) continue;
      item->delivered = true;
      Item& copy = on_their_way.emplace_back();
      copy.ticket = item->ticket;
      copy.sink = item->sink;
    }
  }
  for (const Item& item : on_their_way) {
    model::Outcome outcome = owed("stopped", false);
    outcome.may_be_billed = true;
    deliver(item, std::move(outcome));
  }
}

base::Result<std::unique_ptr<RemoteModel>> RemoteModel::make(RemoteSpec spec, Transport& transport) {
  auto access = open_access(spec);
  if (!access) return base::pass(access);
  spec.in_flight = std::max<std::size_t>(spec.in_flight, 1);
  return std::unique_ptr<RemoteModel>(
      new RemoteModel(std::make_shared<Impl>(std::move(spec), std::move(*access), transport)));
}

RemoteModel::RemoteModel(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
RemoteModel::~RemoteModel() = default;

const model::ModelIdentity& RemoteModel::identity() const { return impl_->spec.identity; }
model::Capabilities RemoteModel::capabilities() const {
  model::Capabilities capabilities;
  capabilities.embeds = impl_->spec.purpose == model::Purpose::embed;
  capabilities.ranks = impl_->spec.purpose == model::Purpose::rank;
  return capabilities;
}

std::string RemoteModel::describe() const {
  const RemoteSpec& spec = impl_->spec;
  return fmt::format("{} at {}, {} requests at once", spec.identity.name, spec.base_url, spec.in_flight);
}

std::size_t RemoteModel::credits() const { return impl_->spec.in_flight * 2; }

void RemoteModel::submit(model::Ticket ticket, const model::Request& request, model::OutcomeSink& sink) {
  auto item = std::make_unique<Item>();
  item->ticket = ticket;
  item->request = &request;
  item->sink = &sink;
  item->documents = request.documents.size();
  item->body = impl_->request_body(request);  // here: the submitter's thread has time
  impl_->submit(std::move(item));
}

void RemoteModel::note_earlier_answers() {
  const std::lock_guard lock(impl_->mutex);
  impl_->answered_earlier = true;
}

void RemoteModel::drain() { impl_->drain(); }
void RemoteModel::abort() { impl_->abort(); }

}  // namespace remote_model
