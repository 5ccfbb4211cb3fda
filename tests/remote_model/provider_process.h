// The loopback provider as a child process of a test: its port is known when start() returns, and it
// dies with the test.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace remote_model {

class ProviderProcess {
 public:
  explicit ProviderProcess(const std::vector<std::string>& arguments = {});
  ~ProviderProcess();
  ProviderProcess(const ProviderProcess&) = delete;
  ProviderProcess& operator=(const ProviderProcess&) = delete;

  int port() const { return port_; }
  /// `http://127.0.0.1:PORT/v1`
  std::string base_url() const;

 private:
  pid_t pid_ = -1;
  int port_ = 0;
};

/// A port on which nothing listens.
int unused_port();

}  // namespace remote_model
