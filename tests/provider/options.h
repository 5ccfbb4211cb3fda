// What the provider is told on its command line, and the ways in which it can misbehave.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace provider {

/// Chosen for all requests by --mode, or for one by the name of its model or a line `#mode NAME` in its
/// last message.
enum class Mode {
  normal,
  html,
  empty_body,
  half_body,
  invalid_json,
  broken_content,
  error_in_200,
  throttle_in_200,
  bad_request,
  unauthorized,
  echo_key,
  echo_key_text,
  not_found,
  no_quota,
  content_filter,
  refusal,
  null_content,
  parts,
  cut_off,
  hang,
  slow,
  gzip,
  redirect,
  wrong_length,
  huge,
  close,
};

std::optional<Mode> mode_named(std::string_view name);
/// `name: what it does` for --help.
std::string describe_modes();

struct StatusRate {
  int status = 500;
  double rate = 0;
};

struct Options {
  int port = 0;
  double delay_ms = 0;
  double jitter_ms = 0;
  double fault_rate = 0;
  std::vector<StatusRate> status_rates;
  int first_status = 0;  // the first first_count requests get it
  std::uint64_t first_count = 0;
  double retry_after = 0;  // seconds; 0: no header
  double refusal_ms = 0;   // 429 and 503 are answered this late
  double max_rate = 0;     // requests per second beyond which 429 is answered; 0: no limit
  double burst = 0;        // of max_rate's bucket; 0: what it lets in in a second
  std::uint64_t seed = 0;
  Mode mode = Mode::normal;
};

/// The options, or the exit code with which the program ends now.
struct Parsed {
  Options options;
  std::optional<int> exit_code;
};
Parsed parse_command_line(int argc, char** argv);

}  // namespace provider
