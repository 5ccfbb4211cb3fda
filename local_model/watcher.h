// The process between slotmill and a program that it started: it sees to it that the program and all that
// it starts, in whatever session or group, end with slotmill, even if slotmill is killed.
//
//   slotmill ──socket── watcher ──> program (its own session and group) ──> workers …
//
// The watcher holds one end of a socket pair; the other end is slotmill's alone. A byte on it, or its end
// (the kernel closes it when slotmill dies), is the order to end the program. The watcher is the
// subreaper of the program's descendants: who loses his parent becomes the watcher's child, so killing
// children until there are none misses nobody. That needs /proc; without it only the program's group is
// killed. If the watcher itself is killed, the kernel kills the program (PR_SET_PDEATHSIG).
//
// It runs in a forked child of a process with many threads and so calls async-signal-safe functions only
// (and glibc's execvp, which allocates nothing).
#pragma once

namespace local_model {

/// slotmill to watcher.
constexpr char kEndGently = 't';  // SIGTERM, after kGraceMs SIGKILL; the same at the socket's end
constexpr char kEndNow = 'k';     // SIGKILL
constexpr long kGraceMs = 10'000;

/// Watcher to slotmill, one packet each.
struct WatcherNews {
  enum class Kind : int {
    not_started,  // `value` is errno
    ended,        // `value` is waitpid's status; the rest of its processes are being killed
  };
  Kind kind;
  int value;
};

/// In the forked child, all signals blocked or not: starts the program and stays until it and all its
/// descendants are gone. `environment` is the whole of it; PATH in it finds argv[0].
[[noreturn]] void watch(int socket, int log, char* const* argv, char** environment);

}  // namespace local_model
