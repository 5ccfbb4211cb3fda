#include <csignal>
#include <cstdio>

#include "tests/provider/options.h"
#include "tests/provider/server.h"

int main(int argc, char** argv) {
  const provider::Parsed parsed = provider::parse_command_line(argc, argv);
  if (parsed.exit_code) return *parsed.exit_code;
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes to sockets that clients have closed
  provider::Server server(parsed.options);
  const auto port = server.listen();
  if (!port) {
    std::fprintf(stderr, "slotmill-provider: %s\n", port.error().message.c_str());
    return 1;
  }
  std::printf("listening on %d\n", *port);
  std::fflush(stdout);
  const auto status = server.run();
  std::fprintf(stderr, "slotmill-provider: %s\n", status.error().message.c_str());
  return 1;
}
