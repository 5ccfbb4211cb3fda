#include "tests/provider/options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>

#include "base/text.h"

namespace provider {
namespace {

struct ModeName {
  std::string_view name;
  Mode mode;
  std::string_view what;
};

constexpr ModeName kModes[] = {
    {"normal", Mode::normal, "answers"},
    {"html", Mode::html, "status 200 with an HTML page"},
    {"empty-body", Mode::empty_body, "status 200 with no body"},
    {"half-body", Mode::half_body, "half of the reply, then a TCP reset"},
    {"invalid-json", Mode::invalid_json, "status 200, the body is half a JSON text"},
    {"broken-content", Mode::broken_content, "a good body, but the model's text is half a JSON text"},
    {"error-in-200", Mode::error_in_200, "status 200 with an error object"},
    {"throttle-in-200", Mode::throttle_in_200, "status 200 with a rate limit's error object"},
    {"bad-request", Mode::bad_request, "400"},
    {"unauthorized", Mode::unauthorized, "401"},
    {"echo-key", Mode::echo_key, "401 that repeats the Authorization header in its message"},
    {"echo-key-text", Mode::echo_key_text, "the same as a long plain text"},
    {"not-found", Mode::not_found, "404, unknown model"},
    {"no-quota", Mode::no_quota, "429 insufficient_quota"},
    {"content-filter", Mode::content_filter, "400 of a content filter"},
    {"refusal", Mode::refusal, "no content, a refusal instead"},
    {"null-content", Mode::null_content, "content is null"},
    {"parts", Mode::parts, "content is an array of parts"},
    {"cut-off", Mode::cut_off, "half the text, finish_reason length"},
    {"hang", Mode::hang, "never answers"},
    {"slow", Mode::slow, "sends 64 bytes each 20 ms"},
    {"gzip", Mode::gzip, "Content-Encoding: gzip"},
    {"redirect", Mode::redirect, "307 to another path of this server, which answers"},
    {"wrong-length", Mode::wrong_length, "Content-Length is larger than the body, then the end"},
    {"huge", Mode::huge, "17 MiB of spaces"},
    {"close", Mode::close, "answers, and closes the connection each time"},
};

/// `429:0.1,500:0.02`
std::string read_rates(const std::string& text, std::vector<StatusRate>& rates) {
  double total = 0;
  for (const std::string_view item : base::split(text, ',')) {
    StatusRate rate;
    const std::size_t colon = item.find(':');
    if (colon == std::string_view::npos) return "expected CODE:RATE";
    const auto code = std::from_chars(item.data(), item.data() + colon, rate.status);
    const auto share = std::from_chars(item.data() + colon + 1, item.data() + item.size(), rate.rate);
    if (code.ptr != item.data() + colon || share.ptr != item.data() + item.size())
      return "expected CODE:RATE";
    if (rate.status < 300 || rate.status > 599) return "the code must be 300 to 599";
    if (rate.rate < 0 || rate.rate > 1) return "the rate must be 0 to 1";
    total += rate.rate;
    rates.push_back(rate);
  }
  return total > 1 ? "the rates add up to more than 1" : "";
}

std::string read_first(const std::string& text, Options& options) {
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos) return "expected CODE:COUNT";
  const char* end = text.data() + text.size();
  const auto code = std::from_chars(text.data(), text.data() + colon, options.first_status);
  const auto count = std::from_chars(text.data() + colon + 1, end, options.first_count);
  return code.ptr == text.data() + colon && count.ptr == end ? "" : "expected CODE:COUNT";
}

}  // namespace

std::optional<Mode> mode_named(std::string_view name) {
  for (const ModeName& mode : kModes)
    if (mode.name == name) return mode.mode;
  return std::nullopt;
}

std::string describe_modes() {
  std::string text =
      "Modes (--mode; or the name of a request's model; or a line `#mode NAME` in its last message):\n";
  for (const ModeName& mode : kModes) text += fmt::format("  {:<17} {}\n", mode.name, mode.what);
  return text;
}

Parsed parse_command_line(int argc, char** argv) {
  Parsed parsed;
  Options& o = parsed.options;
  CLI::App app(
      "A chat-completions server on 127.0.0.1 for trying out and testing slotmill without a model.\n"
      "It understands nothing: it looks for lines like `3. [device:TV] [level:30] | …` in the last\n"
      "message and writes, for each, an utterance of these tags and words drawn from a fixed list. The\n"
      "text is a pure function of the request body. Prints `listening on PORT` when it is ready.\n"
      "Also: GET /v1/models, GET /stats, POST /reset. No TLS, no HTTP/2, no streaming, no keys checked.",
      "slotmill-provider");
  app.add_option("--port", o.port, "0 (default): one that is free");
  app.add_option("--delay-ms", o.delay_ms, "answer this late");
  app.add_option("--jitter-ms", o.jitter_ms,
                 "and up to this much later or earlier, drawn from the request body");
  app.add_option("--fault-rate", o.fault_rate,
                 "share of utterances with a wrong value, a missing or unknown tag, broken brackets or an "
                 "earlier text, drawn from the request body")
      ->check(CLI::Range(0.0, 1.0));
  app.add_option_function<std::string>(
      "--status-rate",
      [&o](const std::string& text) {
        if (const std::string why = read_rates(text, o.status_rates); !why.empty())
          throw CLI::ValidationError("--status-rate", why);
      },
      "CODE:RATE[,CODE:RATE…]: share of requests that get this status, drawn from the request's number");
  app.add_option_function<std::string>(
      "--first-status",
      [&o](const std::string& text) {
        if (const std::string why = read_first(text, o); !why.empty())
          throw CLI::ValidationError("--first-status", why);
      },
      "CODE:COUNT: the first COUNT requests get this status");
  app.add_option("--retry-after", o.retry_after,
                 "seconds in the Retry-After of 429 and 503; fractions go to retry-after-ms");
  app.add_option("--max-rate", o.max_rate, "requests per second beyond which 429 is answered");
  app.add_option("--burst", o.burst, "size of its bucket (default: what it lets in in a second)");
  app.add_option("--refusal-ms", o.refusal_ms, "answer 429 and 503 this late");
  app.add_option("--seed", o.seed, "of all that is drawn from the number of a request");
  app.add_option_function<std::string>(
      "--mode",
      [&o](const std::string& name) {
        const auto mode = mode_named(name);
        if (!mode) throw CLI::ValidationError("--mode", "there is no mode " + name);
        o.mode = *mode;
      },
      "misbehave; see below");
  app.footer(describe_modes());
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    parsed.exit_code = code == 0 ? 0 : 2;
  }
  return parsed;
}

}  // namespace provider
