#include "tests/provider/options.h"

#include <CLI/CLI.hpp>
#include <charconv>
#include <string_view>

#include "base/text.h"
#include "tests/provider/faults.h"

namespace provider {
namespace {

template <class Number>
bool read_number(std::string_view text, Number& number) {
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  return read.ec == std::errc() && read.ptr == text.data() + text.size();
}

/// `NAME:RATE[,NAME:RATE…]`: use(name, rate) says what is wrong with a name.
template <class Use>
std::string read_rates(const std::string& text, const Use& use) {
  double total = 0;
  for (const std::string_view item : base::split(text, ',')) {
    double rate = 0;
    const std::size_t colon = item.find(':');
    if (colon == std::string_view::npos || !read_number(item.substr(colon + 1), rate))
      return "expected NAME:RATE";
    if (rate < 0 || rate > 1) return "the rate must be 0 to 1";
    if (const std::string why = use(item.substr(0, colon), rate); !why.empty()) return why;
    total += rate;
  }
  return total > 1 ? "the rates add up to more than 1" : "";
}

std::string read_status_rates(const std::string& text, Options& o) {
  return read_rates(text, [&](std::string_view name, double rate) {
    int status = 0;
    if (!read_number(name, status) || status < 300 || status > 599) return "the code must be 300 to 599";
    o.status_rates.push_back({status, rate});
    return "";
  });
}

std::string read_mode_rates(const std::string& text, Options& o) {
  return read_rates(text, [&](std::string_view name, double rate) {
    auto modes = modes_named(name);
    if (modes.empty()) return "there is no mode or group " + std::string(name);
    o.mode_rates.push_back({std::move(modes), rate});
    return std::string();
  });
}

std::string read_faults(const std::string& text, Options& o) {
  return read_rates(text, [&](std::string_view name, double rate) {
    auto faults = faults_named(name);
    if (faults.empty()) return "there is no fault or group " + std::string(name);
    o.faults.push_back({std::move(faults), rate});
    return std::string();
  });
}

std::string read_mode(const std::string& name, Options& o) {
  const auto mode = mode_named(name);
  if (mode) o.mode = *mode;
  return mode ? "" : "there is no mode " + name;
}

std::string read_form(const std::string& name, Options& o) {
  const auto form = form_named(name);
  if (form) o.form = *form;
  return form ? "" : "there is no form " + name;
}

std::string read_first(const std::string& text, Options& o) {
  const auto parts = base::split(text, ':');
  const bool good =
      parts.size() == 2 && read_number(parts[0], o.first_status) && read_number(parts[1], o.first_count);
  return good ? "" : "expected CODE:COUNT";
}

std::string read_burst(const std::string& text, Options& o) {
  const auto parts = base::split(text, ':');
  Burst& burst = o.burst;
  const bool good = parts.size() == 3 && read_number(parts[0], burst.status) &&
                    read_number(parts[1], burst.period) && read_number(parts[2], burst.length) &&
                    burst.length < burst.period;
  return good ? "" : "expected CODE:PERIOD:LENGTH, the length less than the period";
}

std::string read_delay(const std::string& text, Options& o) { return read_latency(text, o.latency); }

void add_batch_options(CLI::App& app, BatchOptions& batch) {
  app.add_option("--batch-lines", batch.most_lines, "most lines of a batch's file (default 50,000)");
  app.add_option("--batch-bytes", batch.most_bytes, "most bytes of an uploaded file (default 200 MB)");
  app.add_option("--batch-polls", batch.polls, "a batch is over when it was asked about so often (default 2)")
      ->check(CLI::PositiveNumber);
  app.add_option("--batch-seconds", batch.seconds, "or after so many seconds")->check(CLI::PositiveNumber);
  app.add_option("--batch-fail-rate", batch.fail_rate, "share of its lines that end in the error file")
      ->check(CLI::Range(0.0, 1.0));
  app.add_option("--batch-end", batch.end, "completed (default), failed, or expired with half of the lines")
      ->check(CLI::IsMember({"completed", "failed", "expired"}));
}

}  // namespace

Parsed parse_command_line(int argc, char** argv) {
  Parsed parsed;
  Options& o = parsed.options;
  CLI::App app(
      "A server on 127.0.0.1 that speaks the APIs of language models, for trying out and testing slotmill\n"
      "without a model. It understands nothing: it looks for lines like `3. [device:TV] [level:30] | …` in\n"
      "the last message and writes, for each, an utterance of these tags and words drawn from a fixed list.\n"
      "The text is a pure function of the request body (readings with --remember: of those before it, too).\n"
      "Prints `listening on PORT` when it is ready.\n"
      "POST …/chat/completions, /api/chat (form ollama), /v1/embeddings, /v1/rerank,\n"
      "/compatible-api/v1/reranks, /v1/files, /v1/batches, /reset; GET /v1/models, /v1/batches[/ID],\n"
      "/v1/files/ID/content, /stats. No streaming, no keys checked.",
      "slotmill-provider");
  using Read = std::string (*)(const std::string&, Options&);
  const auto add = [&](const std::string& name, Read read, const std::string& what) {
    app.add_option_function<std::string>(
        name,
        [&o, name, read](const std::string& text) {
          if (const std::string why = read(text, o); !why.empty()) throw CLI::ValidationError(name, why);
        },
        what);
  };
  app.add_option("--port", o.port, "0 (default): one that is free");
  add("--form", read_form, "openai (default), tgi, ollama, swift, sglang, xinference: errors and parameters");
  app.add_option("--seed", o.seed, "of all that is drawn from the number of a request");
  app.add_option("--delay-ms", o.latency.first, "answer this late");
  add("--latency", read_delay,
      "fixed:MS, uniform:FROM:TO or log-normal:MEDIAN:SIGMA, drawn from the request's number");
  app.add_option("--fault-rate", o.fault_rate,
                 "share of utterances with a wrong value, a missing or unknown tag, broken brackets or an "
                 "earlier text, drawn from the request body")
      ->check(CLI::Range(0.0, 1.0));
  add("--fault", read_faults,
      "NAME:RATE[,NAME:RATE…]: share of utterances (of replies, if it is one of JSON) with this fault, or "
      "one "
      "of this group, drawn from the request body");
  app.add_option("--against-rate", o.against_rate,
                 "share of judged lines with a vote against them, drawn from the line; of readings, of those "
                 "that are wrong")
      ->check(CLI::Range(0.0, 1.0));
  app.add_flag("--remember", o.remember, "what utterances say that were written, to read them when asked to");
  add("--status-rate", read_status_rates,
      "CODE:RATE[,CODE:RATE…]: share of requests that get this status, drawn from the request's number");
  add("--mode-rate", read_mode_rates,
      "NAME:RATE[,NAME:RATE…]: share of requests that are answered in this mode, or one of this group");
  add("--first-status", read_first, "CODE:COUNT: the first COUNT requests get this status");
  add("--burst-status", read_burst,
      "CODE:PERIOD:LENGTH: of every PERIOD requests the last LENGTH get this status");
  app.add_option("--retry-after", o.retry_after,
                 "seconds in the Retry-After of 429 and 503; fractions go to retry-after-ms");
  app.add_option("--refusal-ms", o.refusal_ms, "answer 429 and 503 this late");
  app.add_option("--max-rate", o.max_rate, "requests per second beyond which 429 is answered");
  app.add_option("--burst", o.most_at_once,
                 "how many --max-rate lets in at once after a pause (default: one second's)");
  app.add_option("--tokens-per-minute", o.tokens_per_minute, "tokens beyond which 429 is answered");
  add("--mode", read_mode, "misbehave; see below");
  app.add_option("--redirect-to", o.redirect_to, "where the mode redirect sends to");
  CLI::Option* certificate =
      app.add_option("--certificate", o.certificate, "PEM file: TLS, HTTP/2 too, on the same port");
  CLI::Option* key = app.add_option("--key", o.key, "PEM file with the certificate's key");
  certificate->needs(key);
  key->needs(certificate);
  app.add_option(
      "--go-away-after", o.go_away_after,
      "requests of an HTTP/2 connection after which it is closed by GOAWAY, with what is under way");
  add_batch_options(app, o.batch);
  app.footer(describe_modes() + describe_faults());
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    parsed.exit_code = code == 0 ? 0 : 2;
  }
  return parsed;
}

}  // namespace provider
