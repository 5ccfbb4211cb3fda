#include "local_model/process_tree.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <string_view>
#include <utility>

#include "local_model/watcher.h"

namespace local_model {
namespace {

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> whole_environment(const std::map<std::string, std::string>& added) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    if (added.find(std::string(text.substr(0, text.find('=')))) == added.end()) all.emplace_back(text);
  }
  for (const auto& [name, value] : added) all.push_back(fmt::format("{}={}", name, value));
  return all;
}

}  // namespace

std::string describe(const ProcessEnd& end) {
  if (end.start_error != 0)
    return fmt::format("can't be started: {}{}", std::strerror(end.start_error),
                       end.start_error == ENOENT ? "; is it installed, and in a directory of PATH?" : "");
  if (WIFSIGNALED(end.status)) {
    const int number = WTERMSIG(end.status);
    return fmt::format("was killed by signal {} ({})", number, ::sigdescr_np(number));
  }
  return fmt::format("exited with code {}", WEXITSTATUS(end.status));
}

base::Result<ProcessTree> ProcessTree::start(const std::vector<std::string>& command,
                                             const std::map<std::string, std::string>& environment,
                                             const base::Descriptor& log) {
  int ends[2] = {-1, -1};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
    return base::errno_error("open", "a socket pair");
  base::Descriptor ours(ends[0]);
  const base::Descriptor watchers(ends[1]);
  // Made before the fork: behind it nothing may allocate.
  std::vector<std::string> arguments = command;
  std::vector<std::string> variables = whole_environment(environment);
  const std::vector<char*> argv = pointers_to(arguments);
  std::vector<char*> envp = pointers_to(variables);
  const pid_t watcher = ::fork();
  if (watcher == 0) watch(watchers.get(), log.get(), argv.data(), envp.data());
  if (watcher < 0) return base::errno_error("start a process for", command.front());
  return ProcessTree(std::move(ours), watcher);
}

ProcessTree::ProcessTree(base::Descriptor socket, pid_t watcher)
    : socket_(std::move(socket)), watcher_(watcher) {}

ProcessTree::ProcessTree(ProcessTree&& other) noexcept
    : socket_(std::move(other.socket_)), watcher_(std::exchange(other.watcher_, -1)), end_(other.end_) {}

ProcessTree::~ProcessTree() {
  if (watcher_ < 0) return;
  static_cast<void>(!::send(socket_.get(), &kEndNow, 1, MSG_NOSIGNAL));
  wait_for_watcher();
}

std::optional<ProcessEnd> ProcessTree::end() {
  WatcherNews news{};
  while (!end_) {
    const ssize_t size = ::recv(socket_.get(), &news, sizeof news, MSG_DONTWAIT);
    if (size < 0) return std::nullopt;
    const bool not_started = size == sizeof news && news.kind == WatcherNews::Kind::not_started;
    // No packet: somebody killed the watcher, and the kernel the program with it.
    end_ = not_started           ? ProcessEnd{news.value, 0}
           : size == sizeof news ? ProcessEnd{0, news.value}
                                 : ProcessEnd{0, SIGKILL};
  }
  return end_;
}

void ProcessTree::stop() {
  static_cast<void>(!::send(socket_.get(), &kEndGently, 1, MSG_NOSIGNAL));
  wait_for_watcher();
}

void ProcessTree::wait_for_watcher() {
  while (::waitpid(watcher_, nullptr, 0) < 0 && errno == EINTR) {
  }
  watcher_ = -1;
}

}  // namespace local_model
