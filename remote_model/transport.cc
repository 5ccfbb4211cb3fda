#include "remote_model/transport.h"

#include <curl/curl.h>
#include <fmt/format.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "base/thread.h"
#include "remote_model/trace.h"
#include "remote_model/transfer.h"

namespace remote_model {
namespace {

using SteadyClock = std::chrono::steady_clock;
using Moment = SteadyClock::time_point;
using Failure = HttpResponse::Failure;

struct Task {
  Moment due;
  std::uint64_t order = 0;  // equal times run in the order given
  std::function<void()> run;
  bool operator<(const Task& other) const {  // the heap's top is the earliest
    return due != other.due ? due > other.due : order > other.order;
  }
};

struct Inbox {
  std::vector<std::pair<HttpRequest, Transport::Callback>> sends;
  std::vector<Task> tasks;
  bool empty() const { return sends.empty() && tasks.empty(); }
  void clear() {
    sends.clear();
    tasks.clear();
  }
};

}  // namespace

struct Transport::Impl {
  Impl(std::size_t connections, Trace* traced) : max_connections(connections), trace(traced) {}
  ~Impl() {
    transfers.clear();  // before the multi handle that their connections belong to
    curl_multi_cleanup(multi);
  }

  base::Status open();
  void run();
  template <class Add>
  void add_to_inbox(const Add& add);
  void wake() {
    const std::uint64_t one = 1;
    (void)!write(wake_fd.get(), &one, sizeof one);  // fails only when it is already readable
  }

  // Everything below runs on the io thread.
  int wait_ms(Moment now) const;
  void take_inbox();
  void start_transfer(HttpRequest request, Callback done);
  void finish(Transfer& transfer, HttpResponse response);
  void reap();
  void run_due_tasks();
  void stop();
  int on_socket(curl_socket_t fd, int what, void* known);

  const std::size_t max_connections;
  Trace* const trace;
  base::Descriptor epoll_fd;
  base::Descriptor wake_fd;
  CURLM* multi = nullptr;
  std::thread thread;

  std::mutex mutex;
  Inbox inbox;                  // guarded by mutex
  bool stop_requested = false;  // guarded by mutex

  Inbox local;  // filled by the io thread itself, without the lock
  Inbox taken;  // keeps its capacity between turns
  std::optional<Moment> curl_due;
  std::vector<Task> tasks;  // a heap
  std::uint64_t task_order = 0;
  std::vector<std::unique_ptr<Transfer>> transfers;
  std::vector<Transfer*> free;
  bool stopping = false;

  static thread_local const Impl* current;  // the transport whose io thread this is
};

thread_local const Transport::Impl* Transport::Impl::current = nullptr;

base::Status Transport::Impl::open() {
  epoll_fd = base::Descriptor(epoll_create1(EPOLL_CLOEXEC));
  wake_fd = base::Descriptor(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = wake_fd.get();
  if (!epoll_fd.valid() || !wake_fd.valid() ||
      epoll_ctl(epoll_fd.get(), EPOLL_CTL_ADD, wake_fd.get(), &event) != 0)
    return base::failed(
        fmt::format("cannot start the network thread: {}; raise the limit of open files "
                    "(ulimit -n) and run the same command again",
                    std::strerror(errno)));
  multi = curl_multi_init();
  if (multi == nullptr) return base::failed("cannot start the network thread: curl_multi_init failed");
  curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, static_cast<long>(max_connections));
  using Socket = int (*)(CURL*, curl_socket_t, int, void*, void*);
  const Socket socket = [](CURL*, curl_socket_t fd, int what, void* self, void* known) {
    return static_cast<Impl*>(self)->on_socket(fd, what, known);
  };
  curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, socket);
  curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, this);
  using Timer = int (*)(CURLM*, long, void*);
  const Timer timer = [](CURLM*, long ms, void* self) {
    auto& due = static_cast<Impl*>(self)->curl_due;
    if (ms < 0)
      due.reset();
    else
      due = SteadyClock::now() + std::chrono::milliseconds(ms);
    return 0;
  };
  curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, timer);
  curl_multi_setopt(multi, CURLMOPT_TIMERDATA, this);

  auto started = base::start_thread([this] { run(); });
  if (!started)
    return base::failed(fmt::format("cannot start the network thread: {}", started.error().message));
  thread = std::move(*started);
  return {};
}

int Transport::Impl::on_socket(curl_socket_t fd, int what, void* known) {
  epoll_event event{};
  event.data.fd = fd;
  if (what == CURL_POLL_REMOVE) {
    epoll_ctl(epoll_fd.get(), EPOLL_CTL_DEL, fd, &event);
    curl_multi_assign(multi, fd, nullptr);
    return 0;
  }
  event.events =
      (what & CURL_POLL_IN ? unsigned{EPOLLIN} : 0U) | (what & CURL_POLL_OUT ? unsigned{EPOLLOUT} : 0U);
  if (known == nullptr) {
    // EEXIST: the kernel reused the number of a socket that curl closed without telling.
    if (epoll_ctl(epoll_fd.get(), EPOLL_CTL_ADD, fd, &event) != 0 && errno == EEXIST)
      epoll_ctl(epoll_fd.get(), EPOLL_CTL_MOD, fd, &event);
    curl_multi_assign(multi, fd, this);
  } else if (epoll_ctl(epoll_fd.get(), EPOLL_CTL_MOD, fd, &event) != 0 && errno == ENOENT) {
    epoll_ctl(epoll_fd.get(), EPOLL_CTL_ADD, fd, &event);
  }
  return 0;
}

int Transport::Impl::wait_ms(Moment now) const {
  if (!local.empty()) return 0;
  std::optional<Moment> due = curl_due;
  if (!tasks.empty() && (!due || tasks.front().due < *due)) due = tasks.front().due;
  if (!due) return -1;
  if (*due <= now) return 0;
  const auto ms = std::chrono::ceil<std::chrono::milliseconds>(*due - now).count();
  return static_cast<int>(std::min<long long>(ms, 60000));
}

void Transport::Impl::run() {
  current = this;
  pthread_setname_np(pthread_self(), "slotmill-io");
  std::array<epoll_event, 256> events{};
  int running = 0;
  while (!stopping) {
    const int count = epoll_wait(epoll_fd.get(), events.data(), static_cast<int>(events.size()),
                                 wait_ms(SteadyClock::now()));
    bool woken = !local.empty();
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      if (event.data.fd == wake_fd.get()) {
        std::uint64_t ignored = 0;
        (void)!read(wake_fd.get(), &ignored, sizeof ignored);
        woken = true;
        continue;
      }
      const int flags = (event.events & EPOLLIN ? CURL_CSELECT_IN : 0) |
                        (event.events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
                        (event.events & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);
      curl_multi_socket_action(multi, event.data.fd, flags, &running);
    }
    if (woken) take_inbox();
    if (curl_due && *curl_due <= SteadyClock::now()) {
      curl_due.reset();
      curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &running);
    }
    reap();
    run_due_tasks();
  }
  stop();
  current = nullptr;
}

template <class Add>
void Transport::Impl::add_to_inbox(const Add& add) {
  if (current == this) {
    add(local);
    return;
  }
  bool was_empty = false;
  {
    const std::lock_guard lock(mutex);
    was_empty = inbox.empty();
    add(inbox);
  }
  if (was_empty) wake();
}

void Transport::Impl::take_inbox() {
  const auto use = [this](Inbox& from) {
    for (Task& task : from.tasks) {
      task.order = task_order++;
      tasks.push_back(std::move(task));
      std::push_heap(tasks.begin(), tasks.end());
    }
    for (auto& [request, done] : from.sends) start_transfer(std::move(request), std::move(done));
    from.clear();
  };
  {
    const std::lock_guard lock(mutex);
    std::swap(inbox, taken);
    stopping = stop_requested;
  }
  use(taken);
  std::swap(local, taken);
  use(taken);
}

void Transport::Impl::start_transfer(HttpRequest request, Callback done) {
  if (free.empty()) {
    auto transfer = Transfer::make();
    if (transfer == nullptr) {
      HttpResponse response;
      response.failure = Failure::other;
      response.error = "out of memory";
      done(std::move(response));
      return;
    }
    free.push_back(transfer.get());
    transfers.push_back(std::move(transfer));
  }
  Transfer& transfer = *free.back();
  free.pop_back();
  transfer.active = true;
  const base::Milliseconds timeout = request.timeout;
  transfer.prepare(std::move(request), std::move(done));
  if (trace != nullptr) transfer.trace_number = trace->request(transfer, timeout);
  const CURLMcode code = curl_multi_add_handle(multi, transfer.easy);
  if (code == CURLM_OK) return;
  HttpResponse response;
  response.failure = Failure::other;
  response.error = curl_multi_strerror(code);
  finish(transfer, std::move(response));
}

void Transport::Impl::finish(Transfer& transfer, HttpResponse response) {
  if (trace != nullptr) trace->reply(transfer.trace_number, transfer, response);
  const Callback done = std::exchange(transfer.done, nullptr);
  transfer.active = false;
  free.push_back(&transfer);
  done(std::move(response));
}

void Transport::Impl::reap() {
  int left = 0;
  while (CURLMsg* message = curl_multi_info_read(multi, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode code = message->data.result;
    CURL* easy = message->easy_handle;
    Transfer* transfer = nullptr;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
    HttpResponse response = transfer->take_response(code);
    curl_multi_remove_handle(multi, easy);  // `message` is gone with it
    finish(*transfer, std::move(response));
  }
}

void Transport::Impl::run_due_tasks() {
  if (tasks.empty()) return;
  const Moment now = SteadyClock::now();
  while (!tasks.empty() && tasks.front().due <= now) {
    std::pop_heap(tasks.begin(), tasks.end());
    const auto task = std::move(tasks.back().run);
    tasks.pop_back();
    task();
  }
}

void Transport::Impl::stop() {
  HttpResponse aborted;
  aborted.failure = Failure::aborted;
  aborted.error = "stopped";
  // By index: a callback may not start transfers any more, but nothing forbids it to try.
  for (const auto& transfer : transfers) {
    if (!transfer->active) continue;
    curl_multi_remove_handle(multi, transfer->easy);
    transfer->response = {};
    finish(*transfer, aborted);
  }
  std::vector<Task> waiting = std::exchange(tasks, {});
  std::sort(waiting.begin(), waiting.end(), [](const Task& a, const Task& b) { return b < a; });
  for (Task& task : waiting) task.run();
  // What was sent meanwhile, by them or by other threads.
  for (;;) {
    {
      const std::lock_guard lock(mutex);
      for (auto& send : inbox.sends) local.sends.push_back(std::move(send));
      inbox.clear();
    }
    local.tasks.clear();
    if (local.sends.empty()) break;
    const auto sends = std::exchange(local.sends, {});
    for (const auto& send : sends) send.second(aborted);
  }
}

base::Result<std::unique_ptr<Transport>> Transport::start(std::size_t max_connections, Trace* trace) {
  auto impl = std::make_unique<Impl>(std::max<std::size_t>(max_connections, 1), trace);
  if (base::Status status = impl->open(); !status) return base::pass(status);
  return std::unique_ptr<Transport>(new Transport(std::move(impl)));
}

Transport::Transport(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Transport::~Transport() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stop_requested = true;
  }
  impl_->wake();
  impl_->thread.join();
}

void Transport::send(HttpRequest request, Callback done) {
  impl_->add_to_inbox([&](Inbox& inbox) { inbox.sends.emplace_back(std::move(request), std::move(done)); });
}

void Transport::after(base::Milliseconds delay, std::function<void()> task) {
  Task timed;
  timed.due = SteadyClock::now() + delay;
  timed.run = std::move(task);
  impl_->add_to_inbox([&](Inbox& inbox) { inbox.tasks.push_back(std::move(timed)); });
}

base::Status init_transport_library() {
  if (const CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT); code != CURLE_OK)
    return base::failed(fmt::format("cannot initialise libcurl: {}", curl_easy_strerror(code)));
  return {};
}

}  // namespace remote_model
