#include "remote_model/remote_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <mutex>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/hash.h"
#include "remote_model/access.h"
#include "remote_model/chat.h"
#include "remote_model/explanation.h"
#include "remote_model/gate.h"
#include "remote_model/request_body.h"
#include "remote_model/retry_policy.h"
#include "remote_model/transport.h"

namespace remote_model {
namespace {

struct Item {
  model::Ticket ticket = 0;
  const model::Request* request = nullptr;
  model::OutcomeSink* sink = nullptr;
  std::string body;  // empty: to be made again
  base::Milliseconds first_sent{-1};
  base::Milliseconds sent{0};
  base::Milliseconds throttled{0};
  base::Milliseconds throttled_since{-1};
  base::Milliseconds due{0};  // while waiting
  int failures = 0;
  int unreadable = 0;
  std::size_t place = 0;   // in `flying`
  bool delivered = false;  // by abort(), while it was on its way
};

using ItemPtr = std::unique_ptr<Item>;

// How often a server that is being started is asked whether it is up. Cheap: no request is made.
constexpr base::Milliseconds kLookAgain{100};

bool due_later(const ItemPtr& a, const ItemPtr& b) { return a->due > b->due; }

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
        gate(spec.in_flight, base::mix(spec.seed, 1)) {}

  void submit(ItemPtr item);
  void pump();
  void complete(Item* raw, HttpResponse response);
  void wake_at(base::Milliseconds due);
  void drain();
  void abort();

  std::string request_body(const model::Request& request) const;
  model::Availability::State availability() const;
  bool hold_for_server();
  void start_over();
  void give_up(const std::vector<ItemPtr>& items) const;
  ItemPtr take_flying(Item* raw);
  std::vector<ItemPtr> take_all_waiting();
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
  std::deque<ItemPtr> ready;
  std::vector<ItemPtr> waiting;  // for a retry: a heap, the earliest on top
  std::vector<ItemPtr> flying;
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
  return spec.completions ? completions_request_body(dialect, spec.identity, request)
                          : chat_request_body(dialect, spec.identity, request);
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
      ready.push_back(std::move(item));
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
    if (state == State::coming && !(ready.empty() && waiting.empty()))
      look_again = !std::exchange(looks_again, true);
    if (state == State::gone && !down && !stopped) {
      down = true;
      down_message = fmt::format("{}: {}", name(), spec.availability->why());
      lost = take_all_waiting();
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
  for (ItemPtr& item : waiting) {
    item->first_sent = item->throttled_since = base::Milliseconds(-1);
    item->throttled = base::Milliseconds(0);
    item->failures = 0;
    ready.push_front(std::move(item));
  }
  waiting.clear();
  gate.start_over();
}

void RemoteModel::Impl::give_up(const std::vector<ItemPtr>& items) const {
  for (const ItemPtr& item : items) deliver(*item, owed(down_message, true));
}

/// Sends what may be sent. Whoever makes something ready, ends a flight or ends a pause calls it.
void RemoteModel::Impl::pump() {
  if (hold_for_server()) return;
  for (;;) {
    HttpRequest http;
    Item* item = nullptr;
    {
      const std::lock_guard lock(mutex);
      const base::Milliseconds time = now();
      while (!waiting.empty() && waiting.front()->due <= time) {
        std::pop_heap(waiting.begin(), waiting.end(), due_later);
        ready.push_front(std::move(waiting.back()));
        waiting.pop_back();
      }
      if (ready.empty() || flying.size() >= gate.allowed(time)) return;
      flying.push_back(std::move(ready.front()));
      ready.pop_front();
      item = flying.back().get();
      item->place = flying.size() - 1;
      item->sent = time;
      if (item->first_sent.count() < 0) item->first_sent = time;
      if (item->throttled_since.count() >= 0) item->throttled += time - item->throttled_since;
      item->throttled_since = base::Milliseconds(-1);
      const base::Milliseconds left =
          item->first_sent + milliseconds(spec.deadline_seconds) + item->throttled - time;
      http.timeout = std::min(milliseconds(spec.timeout_seconds), std::max(left, base::Milliseconds(1)));
      if (item->body.empty()) item->body = request_body(*item->request);
      http.body = std::move(item->body);
      item->body.clear();
    }
    http.endpoint = access.endpoint;
    transport.send(std::move(http), [self = shared_from_this(), item](HttpResponse response) {
      self->complete(item, std::move(response));
    });
  }
}

ItemPtr RemoteModel::Impl::take_flying(Item* raw) {
  const std::size_t place = raw->place;
  std::swap(flying[place], flying.back());
  flying[place]->place = place;
  ItemPtr item = std::move(flying.back());
  flying.pop_back();
  return item;
}

std::vector<ItemPtr> RemoteModel::Impl::take_all_waiting() {
  std::vector<ItemPtr> all = std::exchange(waiting, {});
  std::move(ready.begin(), ready.end(), std::back_inserter(all));
  ready.clear();
  return all;
}

void RemoteModel::Impl::wake_at(base::Milliseconds due) {
  const base::Milliseconds delay = std::max(due - now(), base::Milliseconds(0));
  transport.after(delay, [self = shared_from_this()] { self->pump(); });
}

/// On the io thread: an answer, or the lack of one, to the sending of `raw`.
void RemoteModel::Impl::complete(Item* raw, HttpResponse response) {
  if (response.failure == HttpResponse::Failure::aborted) abort();
  const base::Milliseconds time = now();
  ChatAnswer answer;
  // Masked before anything is cut out of it, so that no part of a key stays.
  if (response.status != 0) answer = read_chat_answer(mask_secrets(std::move(response.body), access.secrets));
  const Verdict verdict = classify(response, answer, dialect);

  ItemPtr item;
  std::vector<ItemPtr> others;
  model::Outcome outcome;
  outcome.milliseconds = response.elapsed.count();
  base::Milliseconds gate_opens{-1};
  base::Milliseconds retry_due{-1};
  {
    const std::lock_guard lock(mutex);
    const std::size_t on_their_way = flying.size();
    item = take_flying(raw);
    History history;
    history.now = time;
    history.first_sent = item->first_sent;
    history.deadline = milliseconds(spec.deadline_seconds);
    history.throttled = item->throttled;
    history.failures = item->failures;
    history.unreadable = item->unreadable;
    history.model_answered = gate.answered_ever() || answered_earlier;
    history.timeout = milliseconds(spec.timeout_seconds);
    history.server_away = availability() != model::Availability::State::up;
    history.last_answer = last_answer;
    const Step step = next_step(verdict, history, response.retry_after,
                                base::mix(spec.seed, item->delivered ? 0 : item->request->key.low));
    if (step.kind == Step::Kind::reply) {
      gate.answered(item->sent);
      last_answer = time;
    } else if (verdict == Verdict::throttled && step.kind == Step::Kind::again) {
      gate.refused(time, item->sent, response.retry_after, on_their_way);
      gate_opens = gate.paused_until();
    }
    if (item->delivered) {
      item.reset();
    } else if (step.kind == Step::Kind::reply) {
      outcome.kind = model::Outcome::Kind::reply;
      outcome.body = mask_secrets(std::move(answer.content), access.secrets);
      outcome.finish = is_content_filter(answer, dialect) ? model::Finish::content_filter : answer.finish;
      outcome.usage = answer.usage;
    } else if (down || stopped) {
      outcome = owed(down ? down_message : "stopped", down);
    } else if (step.kind == Step::Kind::again) {
      ++item->failures;
      if (verdict == Verdict::unreadable) ++item->unreadable;
      if (verdict == Verdict::throttled) item->throttled_since = time;
      item->due = time + step.delay;
      if (!history.server_away) gate.hold_probe(item->due);
      retry_due = item->due;
      waiting.push_back(std::move(item));
      std::push_heap(waiting.begin(), waiting.end(), due_later);
    } else if (step.kind == Step::Kind::failed) {
      outcome.kind = model::Outcome::Kind::failed;
      outcome.body = fmt::format("{}: {}", name(), explain(response, answer, access.secrets));
    } else {
      down = true;
      down_message = fmt::format("{}: {}; {}", name(), explain(response, answer, access.secrets),
                                 way_out(response, verdict, spec.api_key_env, dialect));
      outcome = owed(down_message, true);
      others = take_all_waiting();
    }
  }
  // NOLINTNEXTLINE(bugprone-use-after-move): null if it was moved into `waiting`
  if (item) deliver(*item, std::move(outcome));
  give_up(others);
  if (gate_opens > time) wake_at(gate_opens);
  if (retry_due > time) wake_at(retry_due);
  pump();
}

void RemoteModel::Impl::drain() {
  std::vector<ItemPtr> items;
  {
    const std::lock_guard lock(mutex);
    stopped = true;
    items = take_all_waiting();
  }
  for (const ItemPtr& item : items) deliver(*item, owed("stopped", false));
}

void RemoteModel::Impl::abort() {
  drain();
  std::vector<Item> on_their_way;  // copies: the originals wait for their callbacks
  {
    const std::lock_guard lock(mutex);
    for (const ItemPtr& item : flying) {
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
model::Capabilities RemoteModel::capabilities() const { return {}; }

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
