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
#include <csignal>
#include <cstring>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "remote_model/url.h"

namespace remote_model {
namespace {

using SteadyClock = std::chrono::steady_clock;
using Moment = SteadyClock::time_point;
using Failure = HttpResponse::Failure;

constexpr long kConnectTimeoutMs = 30000;
// Longer than curl's 60 s: an expired name costs one resolver thread per new connection.
constexpr long kDnsCacheSeconds = 600;
constexpr long kKeepIdleSeconds = 60;

Failure failure_of(CURLcode code) {
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return Failure::timeout;
    case CURLE_COULDNT_CONNECT:
      return Failure::connect;
    case CURLE_COULDNT_RESOLVE_HOST:
      return Failure::resolve;
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_PROXY:
      return Failure::proxy;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_ENGINE_NOTFOUND:
    case CURLE_SSL_ENGINE_SETFAILED:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CRL_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
      return Failure::tls;
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
      return Failure::reset;
    case CURLE_FILESIZE_EXCEEDED:
      return Failure::too_large;
    case CURLE_ABORTED_BY_CALLBACK:
      return Failure::aborted;
    default:
      return Failure::other;
  }
}

/// One curl handle with what its current request needs; kept for the next request when done.
struct Transfer {
  Transfer() = default;
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;
  ~Transfer() {
    curl_easy_cleanup(easy);
    curl_slist_free_all(headers);
  }

  CURL* easy = nullptr;
  curl_slist* headers = nullptr;
  std::shared_ptr<const Endpoint> endpoint;  // which the handle is set up for
  std::string body;
  HttpResponse response;
  Transport::Callback done;
  bool active = false;
  bool too_large = false;
  std::array<char, CURL_ERROR_SIZE> error{};
};

std::size_t on_body(char* data, std::size_t size, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  const std::size_t bytes = size * count;
  if (transfer.response.body.size() + bytes > kMaxReplyBytes) {
    transfer.too_large = true;
    return 0;
  }
  transfer.response.body.append(data, bytes);
  return bytes;
}

/// curl_easy_setopt's result only reports options unknown to this curl or lack of memory; the transfer
/// then fails on its own.
template <class T>
void set(CURL* easy, CURLoption option, T value) {
  curl_easy_setopt(easy, option, value);
}

void set_constant_options(Transfer& transfer) {
  CURL* easy = transfer.easy;
  set(easy, CURLOPT_PRIVATE, &transfer);
  set(easy, CURLOPT_ERRORBUFFER, transfer.error.data());
  set(easy, CURLOPT_WRITEFUNCTION, &on_body);
  set(easy, CURLOPT_WRITEDATA, &transfer);
  set(easy, CURLOPT_NOSIGNAL, 1L);
  set(easy, CURLOPT_QUICK_EXIT, 1L);  // don't wait for a slow resolver when stopping
  set(easy, CURLOPT_TCP_NODELAY, 1L);
  set(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  set(easy, CURLOPT_TCP_KEEPIDLE, kKeepIdleSeconds);
  set(easy, CURLOPT_ACCEPT_ENCODING, "");  // all that this curl can inflate
  set(easy, CURLOPT_FOLLOWLOCATION, 0L);
  set(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  set(easy, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  set(easy, CURLOPT_CONNECTTIMEOUT_MS, kConnectTimeoutMs);
  set(easy, CURLOPT_DNS_CACHE_TIMEOUT, kDnsCacheSeconds);
  set(easy, CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(kMaxReplyBytes));
  set(easy, CURLOPT_USERAGENT, "slotmill/0.1");
}

void set_endpoint(Transfer& transfer, std::shared_ptr<const Endpoint> endpoint) {
  CURL* easy = transfer.easy;
  curl_slist_free_all(transfer.headers);
  // Without "Expect:" curl waits up to a second for 100 Continue before it sends a large body.
  transfer.headers = curl_slist_append(nullptr, "Expect:");
  for (const std::string& header : endpoint->headers)
    transfer.headers = curl_slist_append(transfer.headers, header.c_str());
  set(easy, CURLOPT_HTTPHEADER, transfer.headers);
  set(easy, CURLOPT_URL, endpoint->url.c_str());
  const auto url = parse_url(endpoint->url);
  if (!endpoint->proxy.empty()) {
    set(easy, CURLOPT_PROXY, endpoint->proxy.c_str());
    set(easy, CURLOPT_NOPROXY, "");  // what the job says wins over no_proxy
  } else {
    set(easy, CURLOPT_PROXY, static_cast<const char*>(nullptr));
    set(easy, CURLOPT_NOPROXY, url && url->loopback ? "*" : static_cast<const char*>(nullptr));
  }
  if (!endpoint->ca_file.empty()) {
    set(easy, CURLOPT_CAINFO, endpoint->ca_file.c_str());
    set(easy, CURLOPT_PROXY_CAINFO, endpoint->ca_file.c_str());
  } else if (transfer.endpoint && !transfer.endpoint->ca_file.empty()) {
    const char* system = curl_version_info(CURLVERSION_NOW)->cainfo;
    set(easy, CURLOPT_CAINFO, system);
    set(easy, CURLOPT_PROXY_CAINFO, system);
  }
  const bool http2 = endpoint->http == 2;
  set(easy, CURLOPT_HTTP_VERSION, static_cast<long>(http2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1));
  set(easy, CURLOPT_PIPEWAIT, http2 ? 1L : 0L);
  transfer.endpoint = std::move(endpoint);
}

void set_body(Transfer& transfer) {
  CURL* easy = transfer.easy;
  if (transfer.body.empty()) {
    set(easy, CURLOPT_HTTPGET, 1L);
    return;
  }
  set(easy, CURLOPT_POST, 1L);
  set(easy, CURLOPT_POSTFIELDS, transfer.body.data());
  set(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(transfer.body.size()));
}

base::Milliseconds retry_after(CURL* easy) {
  // Longer waits than a day are nonsense, and must not overflow.
  constexpr long long kMostMs = 24LL * 3600 * 1000;
  curl_header* header = nullptr;
  if (curl_easy_header(easy, "retry-after-ms", 0, CURLH_HEADER, -1, &header) == CURLHE_OK) {
    char* end = nullptr;
    const double ms = std::strtod(header->value, &end);
    if (end != header->value && ms > 0)
      return base::Milliseconds(static_cast<long long>(std::min<double>(ms, static_cast<double>(kMostMs))));
  }
  curl_off_t seconds = 0;
  curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &seconds);
  if (seconds <= 0) return base::Milliseconds(0);
  return base::Milliseconds(std::min<long long>(seconds, kMostMs / 1000) * 1000);
}

HttpResponse take_response(Transfer& transfer, CURLcode code) {
  CURL* easy = transfer.easy;
  HttpResponse response = std::exchange(transfer.response, {});
  curl_off_t micros = 0;
  curl_easy_getinfo(easy, CURLINFO_TOTAL_TIME_T, &micros);
  response.elapsed = base::Milliseconds(micros / 1000);
  if (code != CURLE_OK) {
    response.failure = transfer.too_large ? Failure::too_large : failure_of(code);
    response.error = transfer.error[0] != '\0' ? transfer.error.data() : curl_easy_strerror(code);
    if (response.failure == Failure::too_large)
      response.error = fmt::format("the reply is larger than {} MiB", kMaxReplyBytes >> 20);
    response.body.clear();
    return response;
  }
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  response.status = static_cast<int>(status);
  const char* text = nullptr;
  if (curl_easy_getinfo(easy, CURLINFO_CONTENT_TYPE, &text) == CURLE_OK && text != nullptr)
    response.content_type = text;
  if (status == 200) return response;
  response.retry_after = retry_after(easy);
  text = nullptr;
  if (curl_easy_getinfo(easy, CURLINFO_REDIRECT_URL, &text) == CURLE_OK && text != nullptr) {
    const std::string_view target(text);
    response.location = target.substr(0, target.find_first_of("?#"));
  }
  return response;
}

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
  explicit Impl(std::size_t connections) : max_connections(connections) {}
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

  // The io thread takes no signals: main does, and SIGPIPE of a write becomes EPIPE.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  base::Status status;
  try {
    thread = std::thread([this] { run(); });
  } catch (const std::system_error& error) {
    status = base::failed(fmt::format("cannot start the network thread: {}", error.what()));
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return status;
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
    auto transfer = std::make_unique<Transfer>();
    transfer->easy = curl_easy_init();
    if (transfer->easy == nullptr) {
      HttpResponse response;
      response.failure = Failure::other;
      response.error = "out of memory";
      done(std::move(response));
      return;
    }
    set_constant_options(*transfer);
    free.push_back(transfer.get());
    transfers.push_back(std::move(transfer));
  }
  Transfer& transfer = *free.back();
  free.pop_back();
  transfer.body = std::move(request.body);
  transfer.done = std::move(done);
  transfer.too_large = false;
  transfer.error[0] = '\0';
  transfer.active = true;
  if (transfer.endpoint != request.endpoint) set_endpoint(transfer, std::move(request.endpoint));
  set_body(transfer);
  set(transfer.easy, CURLOPT_TIMEOUT_MS,
      static_cast<long>(std::max<base::Milliseconds::rep>(1, request.timeout.count())));
  const CURLMcode code = curl_multi_add_handle(multi, transfer.easy);
  if (code == CURLM_OK) return;
  HttpResponse response;
  response.failure = Failure::other;
  response.error = curl_multi_strerror(code);
  finish(transfer, std::move(response));
}

void Transport::Impl::finish(Transfer& transfer, HttpResponse response) {
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
    HttpResponse response = take_response(*transfer, code);
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

base::Result<std::unique_ptr<Transport>> Transport::start(std::size_t max_connections) {
  auto impl = std::make_unique<Impl>(std::max<std::size_t>(max_connections, 1));
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
