#include "tests/remote_model/simulation.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <queue>

#include "base/hash.h"
#include "remote_model/retry_policy.h"

namespace remote_model {
namespace {

constexpr double kRefusalMs = 5;
constexpr std::size_t kPromptBytes = 1500;
constexpr int kMaxTokens = 1200;
constexpr std::int64_t kPromptTokens = 400;
constexpr std::int64_t kAnswerTokens = 150;

double normal(std::uint64_t draw) {  // Box and Muller
  const double u = 1 - base::unit_interval(base::mix(draw, 1));
  return std::sqrt(-2 * std::log(u)) *
         std::cos(2 * 3.14159265358979 * base::unit_interval(base::mix(draw, 2)));
}

class Api final : public SimulatedServer {
 public:
  explicit Api(const ApiSpec& spec) : spec_(spec), level_(spec.burst) {}
  Fate ask(double now_ms, std::uint64_t draw) override {
    if (now_ms >= spec_.down_from_ms && now_ms < spec_.down_until_ms)
      return {Fate::Kind::broken, kRefusalMs, 0};
    const Fate refusal{Fate::Kind::refused, kRefusalMs, spec_.retry_after_ms};
    if (base::unit_interval(base::mix(draw, 3)) < spec_.stray_share) return refusal;
    if (spec_.per_second > 0) {
      level_ = std::min(spec_.burst, level_ + (now_ms - filled_) * spec_.per_second / 1000);
      filled_ = now_ms;
      if (level_ < 1) return refusal;
      level_ -= 1;
    }
    return {Fate::Kind::reply, spec_.median_ms * std::exp(spec_.sigma * normal(draw)), 0};
  }

 private:
  const ApiSpec spec_;
  double level_;
  double filled_ = 0;
};

class Engine final : public SimulatedServer {
 public:
  explicit Engine(const EngineSpec& spec) : spec_(spec) {}
  Fate ask(double now_ms, std::uint64_t draw) override {
    while (!ends_.empty() && ends_.top() <= now_ms) ends_.pop();
    // `ends_` holds what is computed and what is queued. One in the queue begins when enough of those before
    // it have ended.
    if (spec_.queue > 0 && ends_.size() >= spec_.slots + spec_.queue)
      return {Fate::Kind::refused, kRefusalMs, 0};
    const double busy =
        static_cast<double>(std::min(ends_.size() + 1, spec_.slots)) / static_cast<double>(spec_.slots);
    const double work =
        spec_.alone_ms * (1 + (spec_.slowdown - 1) * busy) * std::exp(spec_.sigma * normal(draw));
    while (!slots_.empty() && slots_.top() <= now_ms) slots_.pop();
    double begin = now_ms;
    if (slots_.size() >= spec_.slots) {
      begin = slots_.top();
      slots_.pop();
    }
    slots_.push(begin + work);
    ends_.push(begin + work);
    return {Fate::Kind::reply, begin + work - now_ms, 0};
  }

 private:
  using Heap = std::priority_queue<double, std::vector<double>, std::greater<>>;
  const EngineSpec spec_;
  Heap slots_;  // when each busy slot is free
  Heap ends_;   // when each request is answered
};

struct Try {
  std::size_t request = 0;
  int failures = 0;
};

struct Event {
  double at = 0;
  std::uint64_t order = 0;
  bool timer = false;
  Fate fate;
  Sending sending;
  Try what;
  bool operator>(const Event& other) const { return at != other.at ? at > other.at : order > other.order; }
};

struct Waiting {
  base::Milliseconds due{0};
  Try what;
  bool operator>(const Waiting& other) const { return due > other.due; }
};

}  // namespace

std::unique_ptr<SimulatedServer> make_api(const ApiSpec& spec) { return std::make_unique<Api>(spec); }
std::unique_ptr<SimulatedServer> make_engine(const EngineSpec& spec) {
  return std::make_unique<Engine>(spec);
}

SimulationResult simulate(const GateSpec& spec, SimulatedServer& server, std::size_t requests,
                          std::uint64_t seed) {
  Gate gate(spec);
  SimulationResult result;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events;
  std::priority_queue<Waiting, std::vector<Waiting>, std::greater<>> waiting;
  std::deque<Try> ready;
  std::size_t submitted = 0;
  std::size_t flying = 0;
  std::uint64_t order = 0;
  std::uint64_t draws = 0;
  double window_sum = 0;
  std::size_t window_count = 0;
  std::vector<std::size_t> refused_by_second;
  const auto submit = [&] {
    if (submitted < requests) ready.push_back({submitted++, 0});
  };
  const auto count = [](std::vector<std::size_t>& by_second, double ms) {
    const auto second = static_cast<std::size_t>(ms / 1000);
    if (by_second.size() <= second) by_second.resize(second + 1);
    ++by_second[second];
  };
  for (std::size_t i = 0; i < 2 * spec.in_flight; ++i) submit();
  events.push({0, order++, true, {}, {}, {}});
  base::Milliseconds opening = base::Milliseconds::max();  // a timer is set for then
  while (!events.empty()) {
    const Event event = events.top();
    events.pop();
    const auto now = base::Milliseconds(static_cast<base::Milliseconds::rep>(event.at));
    if (event.timer && now >= opening) opening = base::Milliseconds::max();
    if (!event.timer) {
      Try what = event.what;
      if (event.fate.kind == Fate::Kind::reply) {
        ++result.replies;
        count(result.replies_by_second, event.at);
        result.mean_latency_ms += static_cast<double>((now - event.sending.at).count());
        if (result.replies * 10 > requests * 9) window_sum += static_cast<double>(flying), ++window_count;
        gate.answered(now, event.sending, {kPromptTokens, kAnswerTokens}, flying);
        result.seconds = event.at / 1000;
        submit();
      } else {
        const base::Milliseconds retry_after(static_cast<base::Milliseconds::rep>(event.fate.retry_after_ms));
        base::Milliseconds due =
            now +
            (retry_after.count() > 0 ? retry_after : backoff(what.failures, base::mix(seed, what.request)));
        if (event.fate.kind == Fate::Kind::refused) {
          ++result.refused;
          count(refused_by_second, event.at);
          gate.refused(now, event.sending, retry_after, due);
        } else {
          ++result.broken;
          gate.failed(now, event.sending, false, due);
          due += gate.take_retry(now);
        }
        ++what.failures;
        waiting.push({due, what});
        events.push({static_cast<double>(due.count()), order++, true, {}, {}, {}});
      }
      --flying;
    }
    while (!waiting.empty() && waiting.top().due <= now) {
      ready.push_front(waiting.top().what);
      waiting.pop();
    }
    while (!ready.empty()) {
      const base::Milliseconds opens = gate.opens(flying);
      if (opens > now) {
        if (opens < opening) {
          opening = opens;
          events.push({static_cast<double>(opens.count()), order++, true, {}, {}, {}});
        }
        break;
      }
      Event landing;
      landing.what = ready.front();
      ready.pop_front();
      landing.sending = gate.sent(now, kPromptBytes, kMaxTokens);
      landing.fate = server.ask(event.at, base::mix(seed, draws++));
      landing.at = event.at + landing.fate.after_ms;
      landing.order = order++;
      ++flying;
      ++result.sent;
      events.push(landing);
    }
  }
  if (result.replies > 0) result.mean_latency_ms /= static_cast<double>(result.replies);
  if (window_count > 0)
    result.last_window = static_cast<std::size_t>(window_sum / static_cast<double>(window_count));
  for (const std::size_t refused : refused_by_second)
    result.most_refused_in_a_second = std::max(result.most_refused_in_a_second, refused);
  return result;
}

}  // namespace remote_model
