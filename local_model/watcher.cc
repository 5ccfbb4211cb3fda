#include "local_model/watcher.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>

namespace local_model {
namespace {

constexpr int kSocket = 3;
constexpr int kFreeDescriptors = 16;  // where the given ones are out of the way of 0 to 3
// A process that SIGKILL doesn't end hangs in the kernel; it dies when that lets go of it.
constexpr long kKillMs = 5'000;
constexpr int kLookAgainMs = 20;  // while processes end

long now_ms() {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000 + time.tv_nsec / 1'000'000;
}

void tell(WatcherNews::Kind kind, int value) {
  const WatcherNews news{kind, value};
  static_cast<void>(!::send(kSocket, &news, sizeof news, MSG_NOSIGNAL));
}

// Nothing of slotmill's stays open here, or a killed slotmill would leave its lock and its sockets behind.
void arrange_descriptors(int socket, int log) {
  socket = ::fcntl(socket, F_DUPFD, kFreeDescriptors);
  log = ::fcntl(log, F_DUPFD, kFreeDescriptors);
  const int null = ::open("/dev/null", O_RDONLY);
  ::dup2(null, STDIN_FILENO);
  ::dup2(log, STDOUT_FILENO);
  ::dup2(log, STDERR_FILENO);
  ::dup2(socket, kSocket);
  ::closefrom(kSocket + 1);
  ::fcntl(kSocket, F_SETFD, FD_CLOEXEC);
}

[[noreturn]] void become_program(pid_t watcher, char* const* argv, char** environment) {
  ::setsid();
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != watcher) ::_exit(127);
  ::signal(SIGPIPE, SIG_DFL);
  ::signal(SIGXFSZ, SIG_DFL);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  environ = environment;
  ::execvp(argv[0], argv);
  tell(WatcherNews::Kind::not_started, errno);
  ::_exit(127);
}

/// The process id that `name` in /proc stands for; 0 if none.
pid_t process_number(const char* name) {
  pid_t number = 0;
  for (; *name >= '0' && *name <= '9'; ++name) number = number * 10 + (*name - '0');
  return *name == '\0' ? number : 0;
}

/// From `/proc/NAME/stat`: `12 (a name, perhaps with brackets) S 11 …`; 0 if it is gone.
pid_t parent_of(const char* name) {
  char path[6 + sizeof(dirent64::d_name) + 6] = "/proc/";
  ::strcat(path, name);
  ::strcat(path, "/stat");
  const int file = ::open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  char text[512];
  const ssize_t size = ::read(file, text, sizeof text - 1);
  ::close(file);
  if (size <= 0) return 0;
  text[size] = '\0';
  const char* behind_name = ::strrchr(text, ')');
  if (behind_name == nullptr || ::strlen(behind_name) < 5) return 0;
  pid_t parent = 0;
  for (const char* c = behind_name + 4; *c >= '0' && *c <= '9'; ++c) parent = parent * 10 + (*c - '0');
  return parent;
}

void signal_children(int number) {
  const pid_t self = ::getpid();
  const int proc = ::open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (proc < 0) return;
  alignas(dirent64) char entries[8192];
  for (ssize_t size = 0; (size = ::getdents64(proc, entries, sizeof entries)) > 0;)
    for (ssize_t at = 0; at < size;) {
      const auto* entry = reinterpret_cast<const dirent64*>(entries + at);
      const pid_t process = process_number(entry->d_name);
      if (process > 0 && parent_of(entry->d_name) == self) ::kill(process, number);
      at += entry->d_reclen;
    }
  ::close(proc);
}

class Watch {
 public:
  explicit Watch(pid_t program) : program_(program) {
    sigset_t child;
    ::sigemptyset(&child);
    ::sigaddset(&child, SIGCHLD);
    children_ = ::signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
  }

  void wait_until_all_are_gone() {
    for (;;) {
      pollfd fds[2] = {{listening_ ? kSocket : -1, POLLIN, 0}, {children_, POLLIN, 0}};
      ::poll(fds, 2, phase_ == Phase::running ? -1 : kLookAgainMs);
      signalfd_siginfo info{};
      while (::read(children_, &info, sizeof info) == sizeof info) {
      }
      if (fds[0].revents != 0) listen();
      if (!reap()) return;
      if (phase_ == Phase::ending && now_ms() > until_) enter(Phase::killing, kKillMs);
      if (phase_ != Phase::killing) continue;
      signal_program(SIGKILL);
      signal_children(SIGKILL);
      if (now_ms() > until_) return;
    }
  }

 private:
  enum class Phase { running, ending, killing };

  void enter(Phase phase, long ms) {
    phase_ = phase;
    until_ = now_ms() + ms;
  }

  void listen() {
    char order = 0;
    const ssize_t size = ::recv(kSocket, &order, 1, MSG_DONTWAIT);
    if (size < 0 && errno == EAGAIN) return;
    if (size <= 0) listening_ = false;
    if (size > 0 && order == kEndNow) {
      enter(Phase::killing, kKillMs);
    } else if (phase_ == Phase::running) {
      enter(Phase::ending, kGraceMs);
      signal_program(SIGTERM);
    }
  }

  /// False when there are no children left.
  bool reap() {
    for (;;) {
      int status = 0;
      const pid_t process = ::waitpid(-1, &status, WNOHANG);
      if (process == 0) return true;
      if (process < 0) return errno != ECHILD;
      if (process == program_) {
        program_alive_ = false;
        tell(WatcherNews::Kind::ended, status);
        // What it left behind is of no use, and may hold its port and its memory.
        if (phase_ == Phase::running) enter(Phase::killing, kKillMs);
      }
      // Each death may have made others our children.
      if (phase_ == Phase::ending && !program_alive_) signal_children(SIGTERM);
    }
  }

  void signal_program(int number) const {
    if (!program_alive_) return;  // its number may be another's now
    if (::kill(-program_, number) != 0) ::kill(program_, number);
  }

  const pid_t program_;
  int children_ = -1;
  bool program_alive_ = true;
  bool listening_ = true;
  Phase phase_ = Phase::running;
  long until_ = 0;
};

}  // namespace

void watch(int socket, int log, char* const* argv, char** environment) {
  // Its own session: neither Ctrl-C nor the end of the terminal reaches it.
  ::setsid();
  sigset_t all;
  ::sigfillset(&all);
  ::sigprocmask(SIG_SETMASK, &all, nullptr);
  ::signal(SIGCHLD, SIG_DFL);
  arrange_descriptors(socket, log);
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  ::prctl(PR_SET_NAME, "slotmill-watch");
  const pid_t self = ::getpid();
  const pid_t program = ::_Fork();
  if (program == 0) become_program(self, argv, environment);
  if (program < 0)
    tell(WatcherNews::Kind::not_started, errno);
  else
    Watch(program).wait_until_all_are_gone();
  ::_exit(0);
}

}  // namespace local_model
