// What the road to a model costs: N requests through RemoteModel and Transport to a loopback provider
// that answers after a fixed delay, with a window kept full by this thread's stand-in for the pipeline.
//
//   slotmill-provider --port 8899 --delay-ms 200 &
//   remote_bench http://127.0.0.1:8899/v1 20000 1024 200
//
// Prints wall seconds, the share of the limit (in flight / delay), CPU milliseconds of this process per
// 1,000 requests, and how the outcomes ended.
#include <fmt/format.h>
#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <future>
#include <map>
#include <mutex>

#include "remote_model/remote_model.h"
#include "remote_model/transport.h"

namespace {

double cpu_ms() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto ms = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_usec) / 1e3;
  };
  return ms(usage.ru_utime) + ms(usage.ru_stime);
}

/// Submits the next request for each outcome, as the pipeline's credits do.
class Feeder final : public model::OutcomeSink {
 public:
  Feeder(model::Model& model, std::size_t count) : model_(model), requests_(count) {
    const auto prefix = std::make_shared<const std::string>(std::string(1500, 'p'));
    for (std::size_t i = 0; i < count; ++i) {
      requests_[i].key.low = i;
      requests_[i].prefix = prefix;
      requests_[i].salt = i;
      requests_[i].tags = {"device", "level"};
      requests_[i].utterances.resize(8);
      for (int line = 1; line <= 8; ++line)
        requests_[i].tail += fmt::format("{}. [device:screen] [level:{}] | plain, 7-12\n", line, i % 100);
    }
  }
  void run() {
    for (std::size_t i = 0; i < model_.credits(); ++i) submit_next();
    done_.get_future().wait();
  }
  void deliver(model::Ticket, model::Outcome outcome) override {
    {
      const std::lock_guard lock(mutex_);
      ++kinds_[outcome.kind == model::Outcome::Kind::reply ? "reply" : outcome.body];
    }
    submit_next();
    if (++delivered_ == requests_.size()) done_.set_value();
  }
  const std::map<std::string, std::size_t>& kinds() const { return kinds_; }

 private:
  void submit_next() {
    const std::size_t index = next_++;
    if (index < requests_.size()) model_.submit(index, requests_[index], *this);
  }
  model::Model& model_;
  std::vector<model::Request> requests_;
  std::atomic<std::size_t> next_ = 0;
  std::atomic<std::size_t> delivered_ = 0;
  std::promise<void> done_;
  std::mutex mutex_;
  std::map<std::string, std::size_t> kinds_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) {
    fmt::print(stderr, "remote_bench BASE_URL REQUESTS IN_FLIGHT DELAY_MS [CA_FILE [HTTP]]\n");
    return 2;
  }
  const auto count = static_cast<std::size_t>(std::atoll(argv[2]));
  remote_model::RemoteSpec spec;
  spec.id = "bench";
  spec.identity.provider = "openai";
  spec.identity.name = "provider";
  spec.base_url = argv[1];
  spec.in_flight = static_cast<std::size_t>(std::atoll(argv[3]));
  if (argc > 5) spec.ca_file = argv[5];
  if (argc > 6) spec.http = std::atoi(argv[6]);
  const double limit =
      static_cast<double>(count) / static_cast<double>(spec.in_flight) * std::atof(argv[4]) / 1e3;

  if (const auto status = remote_model::init_transport_library(); !status) return 1;
  auto transport = remote_model::Transport::start(spec.in_flight);
  if (!transport) return 1;
  auto model = remote_model::RemoteModel::make(spec, **transport);
  if (!model) {
    fmt::print(stderr, "{}\n", model.error().message);
    return 1;
  }
  Feeder feeder(**model, count);
  const double cpu_before = cpu_ms();
  const auto start = std::chrono::steady_clock::now();
  feeder.run();
  const double wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const double cpu = cpu_ms() - cpu_before;
  fmt::print("wall {:.2f} s, {:.0f} requests/s, share of the limit {:.3f}, CPU {:.1f} ms per 1,000\n", wall,
             static_cast<double>(count) / wall, limit / wall, cpu * 1000 / static_cast<double>(count));
  for (const auto& [kind, times] : feeder.kinds()) fmt::print("  {} x {}\n", times, kind);
  return 0;
}
