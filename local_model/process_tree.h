// A program that runs beside slotmill, with all that it starts: begun without a shell, in a session of its
// own, stdin from /dev/null, stdout and stderr appended to a log. It ends when it is told to, when this
// object goes, and when slotmill dies, however that happens (watcher.h). One thread at a time. Starting
// costs a fork of this process (a few ms per GB of it) and 20 kB.
#pragma once

#include <sys/types.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/result.h"

namespace local_model {

/// How the program ended.
struct ProcessEnd {
  int start_error = 0;  // errno: it could not be started
  int status = 0;       // else as waitpid reports it
};

/// `exited with code 3`, `was killed by signal 9 (Killed)`, `can't be started: No such file or directory`.
std::string describe(const ProcessEnd& end);

class ProcessTree {
 public:
  /// `environment` is added to this process's own. A program that isn't found is an end(), not an error.
  static base::Result<ProcessTree> start(const std::vector<std::string>& command,
                                         const std::map<std::string, std::string>& environment,
                                         const base::Descriptor& log);
  ProcessTree(ProcessTree&& other) noexcept;
  ProcessTree& operator=(ProcessTree&&) = delete;
  /// Kills what still runs, at once, and waits until nothing is left.
  ~ProcessTree();

  /// Readable when end() has something to say.
  int fd() const { return socket_.get(); }
  /// The program's end, once it has come. Never waits.
  std::optional<ProcessEnd> end();
  /// SIGTERM, after kGraceMs SIGKILL, and waits until nothing is left.
  void stop();

 private:
  ProcessTree(base::Descriptor socket, pid_t watcher);
  void wait_for_watcher();

  base::Descriptor socket_;
  pid_t watcher_ = -1;
  std::optional<ProcessEnd> end_;
};

}  // namespace local_model
