#include "local_model/server.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "base/thread.h"
#include "local_model/health_check.h"
#include "local_model/log_tail.h"
#include "local_model/process_tree.h"

namespace local_model {
namespace {

constexpr base::Milliseconds kFirstLook{100};
constexpr base::Milliseconds kSlowestLook{2000};
constexpr base::Milliseconds kAnswerTime{5000};  // of one look
constexpr base::Milliseconds kPortTime{65'000};
constexpr std::size_t kQuotedLines = 15;

/// One life of the server, from its start to its end.
struct Life {
  std::string end;                   // `exited with code 1`
  std::string quote;                 // what the log says last
  base::Milliseconds ready_for{-1};  // -1: it was never ready
};

struct Log {
  base::Descriptor fd;
  std::uint64_t start = 0;  // where this life's lines begin
};

}  // namespace

struct Server::Impl {
  explicit Impl(ServerSpec s) : spec(std::move(s)), stop_fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (spec.health.empty()) spec.health = spec.models.front().base_url + "/models";
  }

  // Of the thread.
  void supervise();
  Life live();
  Life lost(std::string end, const Log& log) const;
  base::Result<Log> open_log() const;
  std::optional<std::string> taken(HealthCheck& check) const;
  void wait_for_port(HealthCheck& check) const;
  bool wait_until_ready(HealthCheck& check, ProcessTree& tree, base::Milliseconds started) const;
  void look_at_models(HealthCheck& check);
  void give_up(const std::string& message);

  std::string name() const;
  void say(const std::string& message) const {
    if (note) note(message);
  }

  ServerSpec spec;
  base::Descriptor stop_fd;  // readable: to be stopped
  std::function<void(const std::string&)> note;
  std::atomic<State> state{State::coming};
  std::atomic<bool> stopping{false};
  std::once_flag begun;
  std::thread thread;
  mutable std::mutex mutex;
  std::string why;  // guarded by mutex
  bool looked_at_models = false;
};

std::string Server::Impl::name() const {
  std::vector<std::string> ids;
  for (const ServedModel& model : spec.models) ids.push_back(model.id);
  return fmt::format("the server {} of model {}", spec.command.front(), fmt::join(ids, ", "));
}

void Server::Impl::supervise() {
  ::pthread_setname_np(::pthread_self(), "slotmill-server");
  say(fmt::format("starting {}; its log is {}", name(), spec.log.string()));
  bool ever_ready = false;
  int deaths = 0;
  for (;;) {
    const Life life = stopping ? Life{} : live();
    if (stopping) return give_up("stopped");
    ever_ready = ever_ready || life.ready_for.count() >= 0;
    deaths = life.ready_for >= spec.steady ? 1 : deaths + 1;
    if (!ever_ready) return give_up(fmt::format("{} {}{}", name(), life.end, life.quote));
    if (deaths == kMostDeaths)
      return give_up(fmt::format("{} was started {} times and never served for {} seconds; at last it {}{}",
                                 name(), kMostDeaths, spec.steady.count() / 1000, life.end, life.quote));
    const base::Milliseconds pause = spec.pause * (1 << (deaths - 1));
    say(fmt::format("{} {}; requests wait, starting it again in {}", name(), life.end,
                    base::format_duration(std::chrono::duration<double>(pause).count())));
    HealthCheck({stop_fd.get()}).pause(pause);  // ends early at stop()
  }
}

Life Server::Impl::live() {
  HealthCheck before({stop_fd.get()});
  if (auto other = taken(before)) return {std::move(*other), ""};
  wait_for_port(before);
  if (stopping) return {};
  auto log = open_log();
  if (!log) return {log.error().message, ""};
  auto tree = ProcessTree::start(spec.command, spec.environment, log->fd);
  if (!tree) return {tree.error().message, ""};

  const base::Milliseconds started = base::steady_now();
  HealthCheck check({stop_fd.get(), tree->fd()});
  if (!wait_until_ready(check, *tree, started)) {
    if (const auto end = tree->end()) {
      if (end->start_error != 0) return {describe(*end), ""};
      return lost(fmt::format("{} before it was ready{}", describe(*end),
                              end->status == 0 ? " (it has to stay in the foreground)" : ""),
                  *log);
    }
    return lost(fmt::format("didn't answer {} within {} (start.timeout)", spec.health,
                            base::format_duration(spec.timeout_seconds)),
                *log);
  }
  const base::Milliseconds ready = base::steady_now();
  say(fmt::format("{} is ready after {}", name(),
                  base::format_duration(std::chrono::duration<double>(ready - started).count())));
  look_at_models(check);
  state = State::up;
  while (!stopping && !tree->end()) check.pause(std::chrono::hours(1));
  state = State::coming;
  if (stopping) {
    tree->stop();
    return {};
  }
  Life life = lost(describe(*tree->end()), *log);
  life.ready_for = base::steady_now() - ready;
  return life;
}

Life Server::Impl::lost(std::string end, const Log& log) const {
  const std::string tail = log_tail(spec.log, log.start, kQuotedLines);
  return {std::move(end), tail.empty() ? fmt::format("; it wrote nothing into {}", spec.log.string())
                                       : fmt::format("; the end of {}:\n{}", spec.log.string(), tail)};
}

base::Result<Log> Server::Impl::open_log() const {
  if (auto status = base::make_directories(spec.log.parent_path()); !status) return base::pass(status);
  Log log{base::Descriptor(::open(spec.log.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666)), 0};
  if (!log.fd.valid()) return base::errno_error("open", spec.log);
  const std::string line =
      fmt::format("--- {} slotmill starts {}\n", base::utc_timestamp(), fmt::join(spec.command, " "));
  static_cast<void>(!::write(log.fd.get(), line.data(), line.size()));
  log.start = static_cast<std::uint64_t>(::lseek(log.fd.get(), 0, SEEK_END));
  return log;
}

std::optional<std::string> Server::Impl::taken(HealthCheck& check) const {
  for (const std::string& url : {spec.health, spec.models.front().base_url})
    if (check.taken(url))
      return fmt::format(
          "wasn't started: something answers on {} already; stop it, or leave start: out to use it",
          host_and_port(url));
  return std::nullopt;
}

/// The kernel keeps a port for a minute for connections that its last user closed. Most servers don't mind;
/// `swift deploy` silently takes the next port.
void Server::Impl::wait_for_port(HealthCheck& check) const {
  const base::Milliseconds last = base::steady_now() + kPortTime;
  for (bool said = false; !port_is_free(spec.health) && base::steady_now() < last && !stopping; said = true) {
    if (!said)
      say(fmt::format("the port of {} is free in a minute at most; waiting for it",
                      host_and_port(spec.health)));
    check.pause(kFirstLook);
  }
}

bool Server::Impl::wait_until_ready(HealthCheck& check, ProcessTree& tree, base::Milliseconds started) const {
  const base::Milliseconds last =
      started + base::Milliseconds(static_cast<base::Milliseconds::rep>(spec.timeout_seconds * 1000));
  std::string body;
  for (base::Milliseconds look = kFirstLook; !stopping && !tree.end();
       look = std::min(2 * look, kSlowestLook)) {
    const base::Milliseconds left = last - base::steady_now();
    if (left.count() <= 0) return false;
    if (is_ready(check.get(spec.health, std::min(left, kAnswerTime), body))) return true;
    check.pause(std::min(look, left));
  }
  return false;
}

/// A list without the job's model is most often a slip that the first request would tell in worse words; but
/// some servers know names that they don't list.
void Server::Impl::look_at_models(HealthCheck& check) {
  if (std::exchange(looked_at_models, true)) return;
  std::string body;
  for (const ServedModel& model : spec.models) {
    if (check.get(model.base_url + "/models", kAnswerTime, body) != 200) continue;
    const std::vector<std::string> names = model_names(body);
    if (names.empty() || std::find(names.begin(), names.end(), model.name) != names.end()) continue;
    say(fmt::format("warning: model {}: the server lists no model {}; it lists {}", model.id, model.name,
                    fmt::join(names, ", ")));
  }
}

void Server::Impl::give_up(const std::string& message) {
  {
    const std::lock_guard lock(mutex);
    why = message;
  }
  state = State::gone;
}

Server::Server(ServerSpec spec) : impl_(std::make_unique<Impl>(std::move(spec))) {}

Server::~Server() {
  stop();
  wait();
}

void Server::on_note(std::function<void(const std::string&)> note) { impl_->note = std::move(note); }

void Server::need() {
  std::call_once(impl_->begun, [this] {
    auto thread = base::start_thread([this] { impl_->supervise(); });
    if (thread)
      impl_->thread = std::move(*thread);
    else
      impl_->give_up(fmt::format("{} can't be watched: {}", impl_->name(), thread.error().message));
  });
}

Server::State Server::state() const { return impl_->state; }

std::string Server::why() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->why;
}

void Server::stop() {
  impl_->stopping = true;
  const std::uint64_t one = 1;
  static_cast<void>(!::write(impl_->stop_fd.get(), &one, sizeof one));
}

void Server::wait() {
  if (impl_->thread.joinable()) impl_->thread.join();
}

}  // namespace local_model
