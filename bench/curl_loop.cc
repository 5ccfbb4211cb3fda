// The least that a client on libcurl can cost: a window of transfers on one multi handle, driven by epoll,
// with nothing around them. No journal, no parsing, no checks; each reply is read and dropped.
//
//   slotmill-provider --port 8899 --delay-ms 200 &
//   curl_loop http://127.0.0.1:8899/v1 20000 1024 bodies.jsonl [CA_FILE [HTTP]]
//
// Sends the lines of bodies.jsonl in turn. Prints one JSON object: sending_seconds, failed,
// reply_bytes (of a body, on average).
#include <curl/curl.h>
#include <fmt/format.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

namespace {

using SteadyClock = std::chrono::steady_clock;

std::vector<std::string> lines_of(const char* path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

class Loop {
 public:
  Loop(std::string url, std::size_t requests, std::size_t in_flight, std::vector<std::string> bodies)
      : url_(std::move(url)),
        bodies_(std::move(bodies)),
        requests_(requests),
        in_flight_(in_flight),
        epoll_(epoll_create1(EPOLL_CLOEXEC)),
        multi_(curl_multi_init()) {
    curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, static_cast<long>(in_flight));
    const curl_socket_callback socket = [](CURL*, curl_socket_t fd, int what, void* self, void* known) {
      return static_cast<Loop*>(self)->watch(fd, what, known);
    };
    curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, socket);
    curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
    const curl_multi_timer_callback timer = [](CURLM*, long ms, void* self) {
      auto& due = static_cast<Loop*>(self)->due_;
      due.reset();
      if (ms >= 0) due = SteadyClock::now() + std::chrono::milliseconds(ms);
      return 0;
    };
    curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, timer);
    curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
    headers_ = curl_slist_append(headers_, "Content-Type: application/json");
    headers_ = curl_slist_append(headers_, "Expect:");
  }
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  ~Loop() {
    for (CURL* easy : all_) curl_easy_cleanup(easy);
    curl_multi_cleanup(multi_);
    curl_slist_free_all(headers_);
    close(epoll_);
  }

  void run(const char* ca_file, int http) {
    for (std::size_t i = 0; i < in_flight_; ++i) start(make(ca_file, http));
    std::array<epoll_event, 256> events{};
    int running = 0;
    while (ended_ < requests_) {
      const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), wait_ms());
      for (int i = 0; i < count; ++i) {
        const epoll_event& event = events[static_cast<std::size_t>(i)];
        const int flags = (event.events & EPOLLIN ? CURL_CSELECT_IN : 0) |
                          (event.events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
                          (event.events & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);
        curl_multi_socket_action(multi_, event.data.fd, flags, &running);
      }
      if (due_ && *due_ <= SteadyClock::now()) {
        due_.reset();
        curl_multi_socket_action(multi_, CURL_SOCKET_TIMEOUT, 0, &running);
      }
      reap();
    }
  }
  std::size_t ended() const { return ended_; }
  std::size_t failed() const { return failed_; }
  /// Bytes of bodies.
  std::size_t received() const { return received_; }

 private:
  int wait_ms() const {
    if (!due_) return -1;
    const auto ms = std::chrono::ceil<std::chrono::milliseconds>(*due_ - SteadyClock::now()).count();
    return static_cast<int>(std::clamp<long long>(ms, 0, 60000));
  }

  int watch(curl_socket_t fd, int what, void* known) {
    epoll_event event{};
    event.data.fd = fd;
    event.events =
        (what & CURL_POLL_IN ? unsigned{EPOLLIN} : 0U) | (what & CURL_POLL_OUT ? unsigned{EPOLLOUT} : 0U);
    const bool gone = what == CURL_POLL_REMOVE;
    const int change = known == nullptr ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
    epoll_ctl(epoll_, gone ? EPOLL_CTL_DEL : change, fd, &event);
    curl_multi_assign(multi_, fd, gone ? nullptr : this);
    return 0;
  }

  CURL* make(const char* ca_file, int http) {
    CURL* easy = curl_easy_init();
    all_.push_back(easy);
    const curl_write_callback drop = [](char*, std::size_t size, std::size_t n, void* received) {
      *static_cast<std::size_t*>(received) += size * n;
      return size * n;
    };
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, drop);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &received_);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers_);
    curl_easy_setopt(easy, CURLOPT_URL, url_.c_str());
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
                     static_cast<long>(http == 2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1));
    curl_easy_setopt(easy, CURLOPT_PIPEWAIT, http == 2 ? 1L : 0L);
    if (ca_file != nullptr) curl_easy_setopt(easy, CURLOPT_CAINFO, ca_file);
    return easy;
  }

  void start(CURL* easy) {
    if (started_ == requests_) return;
    const std::string& body = bodies_[started_++ % bodies_.size()];
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body.data());
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size()));
    curl_multi_add_handle(multi_, easy);
  }

  void reap() {
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
      CURL* easy = message->easy_handle;
      long status = 0;
      curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
      failed_ += message->data.result != CURLE_OK || status != 200 ? 1 : 0;
      ++ended_;
      curl_multi_remove_handle(multi_, easy);
      start(easy);
    }
  }

  const std::string url_;
  const std::vector<std::string> bodies_;
  const std::size_t requests_;
  const std::size_t in_flight_;
  const int epoll_;
  CURLM* const multi_;
  curl_slist* headers_ = nullptr;
  std::vector<CURL*> all_;
  std::optional<SteadyClock::time_point> due_;
  std::size_t started_ = 0;
  std::size_t ended_ = 0;
  std::size_t failed_ = 0;
  std::size_t received_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) {
    fmt::print(stderr, "curl_loop BASE_URL REQUESTS IN_FLIGHT BODIES [CA_FILE [HTTP]]\n");
    return 2;
  }
  auto bodies = lines_of(argv[4]);
  if (bodies.empty()) {
    fmt::print(stderr, "{} has no line\n", argv[4]);
    return 2;
  }
  curl_global_init(CURL_GLOBAL_DEFAULT);
  Loop loop(std::string(argv[1]) + "/chat/completions", static_cast<std::size_t>(std::atoll(argv[2])),
            static_cast<std::size_t>(std::atoll(argv[3])), std::move(bodies));
  const auto began = SteadyClock::now();
  loop.run(argc > 5 && *argv[5] != '\0' ? argv[5] : nullptr, argc > 6 ? std::atoi(argv[6]) : 1);
  fmt::print("{{\"sending_seconds\": {:.4f}, \"failed\": {}, \"reply_bytes\": {}}}\n",
             std::chrono::duration<double>(SteadyClock::now() - began).count(), loop.failed(),
             loop.received() / std::max<std::size_t>(1, loop.ended()));
  return 0;
}
