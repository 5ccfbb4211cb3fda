#include "remote_model/remote_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <mutex>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/hash.h"
#include "base/text.h"
#include "remote_model/chat.h"
#include "remote_model/gate.h"
#include "remote_model/retry_policy.h"
#include "remote_model/transport.h"
#include "remote_model/url.h"

namespace remote_model {
namespace {

using Failure = HttpResponse::Failure;

// Shorter ones are placeholders (`EMPTY`, `none`), and would be masked out of ordinary words.
constexpr std::size_t kShortestSecret = 8;

const char* status_name(int status) {
  switch (status) {
    case 301:
      return " Moved Permanently";
    case 302:
      return " Found";
    case 307:
      return " Temporary Redirect";
    case 308:
      return " Permanent Redirect";
    case 400:
      return " Bad Request";
    case 401:
      return " Unauthorized";
    case 402:
      return " Payment Required";
    case 403:
      return " Forbidden";
    case 404:
      return " Not Found";
    case 405:
      return " Method Not Allowed";
    case 413:
      return " Content Too Large";
    case 422:
      return " Unprocessable Content";
    case 429:
      return " Too Many Requests";
    case 500:
      return " Internal Server Error";
    case 502:
      return " Bad Gateway";
    case 503:
      return " Service Unavailable";
    case 504:
      return " Gateway Timeout";
    default:
      return "";
  }
}

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
  Impl(RemoteSpec s, Transport& t)
      : spec(std::move(s)), transport(t), gate(spec.in_flight, base::mix(spec.seed, 1)) {}

  void submit(ItemPtr item);
  void pump();
  void complete(Item* raw, HttpResponse response);
  void wake_at(base::Milliseconds due);
  void abort();

  ItemPtr take_flying(Item* raw);
  std::vector<ItemPtr> take_all_waiting();
  std::string name() const;
  std::string mask(std::string text) const;
  std::string what_happened(const HttpResponse& response, const ChatAnswer& answer) const;
  std::string way_out(const HttpResponse& response, Verdict verdict) const;
  base::Milliseconds now() const { return base::Clock::system().now(); }
  base::Milliseconds milliseconds(double seconds) const {
    return base::Milliseconds(static_cast<base::Milliseconds::rep>(seconds * 1000));
  }

  const RemoteSpec spec;
  Transport& transport;
  std::string key;
  std::shared_ptr<const Endpoint> endpoint;

  std::mutex mutex;  // guards all below; never held while a sink or the transport is called
  Gate gate;
  std::deque<ItemPtr> ready;
  std::vector<ItemPtr> waiting;  // for a retry: a heap, the earliest on top
  std::vector<ItemPtr> flying;
  base::Milliseconds last_answer{0};
  bool stopped = false;
  bool down = false;
  std::string down_message;
};

std::string RemoteModel::Impl::name() const {
  return fmt::format("model {} ({}, {})", spec.id, spec.base_url, spec.identity.name);
}

std::string RemoteModel::Impl::mask(std::string text) const {
  if (key.size() < kShortestSecret) return text;
  for (std::size_t at = text.find(key); at != std::string::npos; at = text.find(key, at))
    text.replace(at, key.size(), "***");
  return text;
}

std::string RemoteModel::Impl::what_happened(const HttpResponse& response, const ChatAnswer& answer) const {
  if (response.status == 0) return clean_server_text(mask(response.error));
  std::string text = fmt::format("{}{}", response.status, status_name(response.status));
  if (response.status >= 300 && response.status < 400 && !response.location.empty())
    return text + ": moved to " + clean_server_text(mask(response.location));
  std::string said = mask(answer.message);
  if (!answer.code.empty() && answer.kind == ChatAnswer::Kind::error &&
      answer.code != fmt::format("{}", response.status))
    said += fmt::format(" [{}]", mask(answer.code));
  said = clean_server_text(said);
  return said.empty() ? text : text + ": " + said;
}

std::string RemoteModel::Impl::way_out(const HttpResponse& response, Verdict verdict) const {
  constexpr const char* kAgain = "and run the same command again";
  if (verdict == Verdict::throttled) return "run the same command again later";
  if (response.status >= 300 && response.status < 400)
    return fmt::format("set base_url to the new address {}", kAgain);
  switch (response.status) {
    case 401:
    case 403:
      if (spec.api_key_env.empty())
        return fmt::format("name the variable that holds its key in api_key_env {}", kAgain);
      return fmt::format("set {} to a valid key {}", spec.api_key_env, kAgain);
    case 404:
    case 405:
      return fmt::format("check model and base_url {}", kAgain);
    case 402:
    case 429:
      return fmt::format("check the account's balance and quota {}", kAgain);
    case 0:
      break;
    default:
      if (verdict == Verdict::retry) return "run the same command again when the server is well";
      if (verdict == Verdict::down) return fmt::format("check the account {}", kAgain);
      return fmt::format("check model, base_url and sampling {}", kAgain);
  }
  switch (response.failure) {
    case Failure::resolve:
      return fmt::format("check the host in base_url, and the network, {}", kAgain);
    case Failure::connect:
      return fmt::format("check that the server runs and base_url is right, {}", kAgain);
    case Failure::tls:
      return fmt::format("check the server's certificate (ca_file names the CA of a private server) {}",
                         kAgain);
    case Failure::proxy:
      return fmt::format("check the proxy {}", kAgain);
    case Failure::timeout:
      return fmt::format("check the server, or raise timeout, {}", kAgain);
    default:
      return fmt::format("check the server {}", kAgain);
  }
}

void RemoteModel::Impl::submit(ItemPtr item) {
  std::string why;
  bool is_down = false;
  {
    const std::lock_guard lock(mutex);
    if (!down && !stopped) {
      ready.push_back(std::move(item));
    } else {
      is_down = down;
      why = down ? down_message : "stopped";
    }
  }
  if (item)
    deliver(*item, owed(std::move(why), is_down));
  else
    pump();
}

/// Sends what may be sent. Whoever makes something ready, ends a flight or ends a pause calls it.
void RemoteModel::Impl::pump() {
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
      if (item->body.empty()) item->body = chat_request_body(spec.identity, *item->request);
      http.body = std::move(item->body);
      item->body.clear();
    }
    http.endpoint = endpoint;
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
  if (response.failure == Failure::aborted) abort();
  const base::Milliseconds time = now();
  ChatAnswer answer;
  // Masked before anything is cut out of it, so that no part of a key stays.
  if (response.status != 0) answer = read_chat_answer(mask(std::move(response.body)));
  const Verdict verdict = classify(response, answer, spec.identity.provider);

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
    history.model_answered = gate.answered_ever();
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
      outcome.body = mask(std::move(answer.content));
      outcome.finish = is_content_filter(answer) ? model::Finish::content_filter : answer.finish;
      outcome.usage = answer.usage;
    } else if (down || stopped) {
      outcome = owed(down ? down_message : "stopped", down);
    } else if (step.kind == Step::Kind::again) {
      ++item->failures;
      if (verdict == Verdict::unreadable) ++item->unreadable;
      if (verdict == Verdict::throttled) item->throttled_since = time;
      item->due = time + step.delay;
      gate.hold_probe(item->due);
      retry_due = item->due;
      waiting.push_back(std::move(item));
      std::push_heap(waiting.begin(), waiting.end(), due_later);
    } else if (step.kind == Step::Kind::failed) {
      outcome.kind = model::Outcome::Kind::failed;
      outcome.body = fmt::format("{}: {}", name(), what_happened(response, answer));
    } else {
      down = true;
      down_message =
          fmt::format("{}: {}; {}", name(), what_happened(response, answer), way_out(response, verdict));
      outcome = owed(down_message, true);
      others = take_all_waiting();
    }
  }
  if (item) deliver(*item, std::move(outcome));
  for (const ItemPtr& other : others) deliver(*other, owed(down_message, true));
  if (gate_opens > time) wake_at(gate_opens);
  if (retry_due > time) wake_at(retry_due);
  pump();
}

void RemoteModel::Impl::abort() {
  std::vector<ItemPtr> items;
  std::vector<Item> on_their_way;  // copies: the originals wait for their callbacks
  {
    const std::lock_guard lock(mutex);
    stopped = true;
    items = take_all_waiting();
    for (const ItemPtr& item : flying) {
      if (item->delivered) continue;
      item->delivered = true;
      Item& copy = on_their_way.emplace_back();
      copy.ticket = item->ticket;
      copy.sink = item->sink;
    }
  }
  for (const ItemPtr& item : items) deliver(*item, owed("stopped", false));
  for (const Item& item : on_their_way) deliver(item, owed("stopped", false));
}

namespace {

base::Result<std::string> read_key(const RemoteSpec& spec) {
  if (spec.api_key_env.empty()) return std::string();
  const char* value = std::getenv(spec.api_key_env.c_str());
  const std::string key(value == nullptr ? std::string_view() : base::trim(value));
  if (key.empty())
    return base::bad_input(
        fmt::format("model {}: the environment variable {} is {}; set it to the key, for "
                    "example with `export {}=…`, and run the same command again",
                    spec.id, spec.api_key_env, value == nullptr ? "not set" : "empty", spec.api_key_env));
  if (std::any_of(key.begin(), key.end(), [](char c) { return c <= ' ' || c > '~'; }))
    return base::bad_input(
        fmt::format("model {}: the key in {} has spaces, line breaks or characters that "
                    "are not ASCII; set it again and run the same command again",
                    spec.id, spec.api_key_env));
  return key;
}

base::Status check_proxy(const RemoteSpec& spec) {
  if (spec.proxy.empty()) return {};
  // curl takes `host:port` too. What was written may hold a password: it isn't repeated.
  const bool has_scheme = spec.proxy.find("://") != std::string::npos;
  const auto url = parse_url(has_scheme ? spec.proxy : "http://" + spec.proxy);
  constexpr std::string_view kSchemes[] = {"http", "https", "socks4", "socks4a", "socks5", "socks5h"};
  if (!url || std::find(std::begin(kSchemes), std::end(kSchemes), url->scheme) == std::end(kSchemes))
    return base::bad_input(fmt::format(
        "model {}: proxy is not a URL like http://proxy.example:3128 or socks5h://localhost:1080", spec.id));
  return {};
}

}  // namespace

base::Result<std::unique_ptr<RemoteModel>> RemoteModel::make(RemoteSpec spec, Transport& transport) {
  const auto url = parse_url(spec.base_url);
  if (!url || (url->scheme != "http" && url->scheme != "https"))
    return base::bad_input(
        fmt::format("model {}: base_url is not an address like https://api.openai.com/v1", spec.id));
  if (url->has_extras)
    return base::bad_input(fmt::format(
        "model {}: base_url {} must have no user, password, `?` or `#` part; a key belongs in the "
        "variable that api_key_env names",
        spec.id, url->text));
  auto key = read_key(spec);
  if (!key) return base::pass(key);
  if (url->scheme == "http" && !url->loopback && !key->empty())
    return base::bad_input(
        fmt::format("model {}: {} would carry the key of {} unencrypted over the network; "
                    "use https://, or no key",
                    spec.id, url->text, spec.api_key_env));
  if (spec.http == 2 && url->scheme == "http")
    return base::bad_input(
        fmt::format("model {}: HTTP/2 needs https://, and base_url is {}", spec.id, url->text));
  if (base::Status status = check_proxy(spec); !status) return base::pass(status);

  // People paste the whole address.
  std::string base_url = url->text;
  constexpr std::string_view kCall = "/chat/completions";
  while (base_url.ends_with('/')) base_url.pop_back();
  if (base_url.ends_with(kCall)) base_url.resize(base_url.size() - kCall.size());
  spec.base_url = base_url;
  spec.in_flight = std::max<std::size_t>(spec.in_flight, 1);

  auto endpoint = std::make_shared<Endpoint>();
  endpoint->url = fmt::format("{}{}", base_url, kCall);
  endpoint->headers.emplace_back("Content-Type: application/json");
  if (!key->empty()) endpoint->headers.push_back("Authorization: Bearer " + *key);
  endpoint->proxy = spec.proxy;
  endpoint->ca_file = spec.ca_file;
  // The curl tool reads this variable, the library doesn't.
  if (const char* file = std::getenv("SSL_CERT_FILE"); endpoint->ca_file.empty() && file != nullptr)
    endpoint->ca_file = file;
  endpoint->http = spec.http;

  auto impl = std::make_shared<Impl>(std::move(spec), transport);
  impl->key = std::move(*key);
  impl->endpoint = std::move(endpoint);
  return std::unique_ptr<RemoteModel>(new RemoteModel(std::move(impl)));
}

RemoteModel::RemoteModel(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
RemoteModel::~RemoteModel() = default;

const model::ModelIdentity& RemoteModel::identity() const { return impl_->spec.identity; }
model::Capabilities RemoteModel::capabilities() const { return {}; }
std::size_t RemoteModel::credits() const { return impl_->spec.in_flight * 2; }

void RemoteModel::submit(model::Ticket ticket, const model::Request& request, model::OutcomeSink& sink) {
  auto item = std::make_unique<Item>();
  item->ticket = ticket;
  item->request = &request;
  item->sink = &sink;
  item->body = chat_request_body(impl_->spec.identity, request);  // here: the submitter's thread has time
  impl_->submit(std::move(item));
}

void RemoteModel::abort() { impl_->abort(); }

}  // namespace remote_model
