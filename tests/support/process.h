// Programs as tests run them: started, fed, killed, waited for. Every wait has a bound, so a hanging
// program fails the test instead of hanging it.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace testing_support {

using Environment = std::vector<std::pair<std::string, std::string>>;

class Process {
 public:
  /// Starts argv[0] with stdout and stderr caught in files. `environment` is added to ours.
  explicit Process(const std::vector<std::string>& argv, const Environment& environment = {});
  /// Kills what still runs.
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  void signal(int number) const;
  /// Waits for the end; the exit code, 128 + the signal that ended it, or -1 after `seconds`.
  int wait(double seconds = 280);
  bool running();
  pid_t id() const { return pid_; }
  /// Waits until stdout has its first line, and returns it.
  std::string first_line(double seconds = 20);
  std::string output() const;  // stdout so far
  std::string errors() const;  // stderr so far

 private:
  pid_t pid_ = -1;
  int status_ = 0;
  bool ended_ = false;
  std::string output_path_;
  std::string error_path_;
};

struct Finished {
  int code = 0;
  std::string output;
  std::string errors;
};

/// Runs a program to its end.
Finished run_program(const std::vector<std::string>& argv, const Environment& environment = {});

/// A loopback provider (tests/provider) on a port of the kernel's choice.
class Provider {
 public:
  explicit Provider(const std::vector<std::string>& options = {});
  std::string base_url() const { return "http://127.0.0.1:" + port_ + "/v1"; }
  /// The same over TLS, of a provider with a certificate.
  std::string secure_url() const { return "https://127.0.0.1:" + port_ + "/v1"; }
  /// GET of a path of the provider; the body.
  std::string get(const std::string& path) const;
  /// POST; the whole response, with its head. `headers`: whole lines, each with its CRLF.
  std::string post(const std::string& path, const std::string& body, const std::string& headers = "") const;
  /// A number of /stats by its JSON pointer, `/answered/1`; 0 if it isn't there.
  std::int64_t statistic(const std::string& pointer) const;
  int port() const { return std::stoi(port_); }

 private:
  std::string exchange(const std::string& request) const;
  Process process_;
  std::string port_;
};

/// A port of this machine on which nothing listens.
int unused_port();

}  // namespace testing_support
