// What the provider is told on its command line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/provider/forms.h"
#include "tests/provider/latency.h"
#include "tests/provider/modes.h"

namespace provider {

struct StatusRate {
  int status = 500;
  double rate = 0;
};

struct ModeRate {
  std::vector<Mode> modes;  // each as likely as the others
  double rate = 0;
};

/// Faults inside the text: of each utterance, or of each reply's JSON.
struct FaultRate {
  std::vector<std::string_view> faults;  // each as likely as the others
  double rate = 0;
};

/// Of every `period` requests the last `length` get `status`.
struct Burst {
  int status = 503;
  std::uint64_t period = 0;
  std::uint64_t length = 0;
};

struct BatchOptions {
  std::uint64_t most_lines = 50000;
  std::uint64_t most_bytes = 200'000'000;
  int polls = 2;       // questions about a batch until it is over
  double seconds = 0;  // or seconds, if it isn't 0
  double fail_rate = 0;
  std::string end = "completed";
};

struct Options {
  int port = 0;
  Form form = Form::openai;
  std::uint64_t seed = 0;
  Latency latency;
  double fault_rate = 0;
  std::vector<FaultRate> faults;
  double against_rate = 0;  // of the lines that are judged
  bool remember = false;    // what utterances say, for those who ask
  std::vector<StatusRate> status_rates;
  std::vector<ModeRate> mode_rates;
  int first_status = 0;  // the first first_count requests get it
  std::uint64_t first_count = 0;
  Burst burst;
  double retry_after = 0;   // seconds; 0: no header
  double refusal_ms = 0;    // 429 and 503 are answered this late
  double max_rate = 0;      // requests per second beyond which 429 is answered; 0: no limit
  double most_at_once = 0;  // of max_rate's bucket; 0: what it lets in in a second
  double tokens_per_minute = 0;
  Mode mode = Mode::normal;
  std::string redirect_to;
  std::string certificate;  // PEM; TLS is spoken to those who begin with it
  std::string key;
  std::uint64_t go_away_after = 0;  // requests of an HTTP/2 connection; 0: never
  BatchOptions batch;
};

/// The options, or the exit code with which the program ends now.
struct Parsed {
  Options options;
  std::optional<int> exit_code;
};
Parsed parse_command_line(int argc, char** argv);

}  // namespace provider
