#include "tests/provider/chat.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "base/hash.h"
#include "tests/provider/completions.h"
#include "tests/provider/misbehaviour.h"

namespace provider {
namespace {

// What is drawn from the number of one request must not hang together.
enum Draw : std::uint64_t { kStatusDraw = 0x5107, kModeDraw, kKindDraw, kLatencyDraw };

std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

Chat::Chat(const Options& options, Statistics& statistics) : options_(options), statistics_(statistics) {
  if (options.max_rate > 0)
    limits_.requests = Bucket(
        options.max_rate, std::max(1.0, options.most_at_once > 0 ? options.most_at_once : options.max_rate));
  limits_.tokens = Bucket(options.tokens_per_minute / 60, options.tokens_per_minute);
}

int Chat::drawn_status(std::uint64_t number) const {
  if (number < options_.first_count) return options_.first_status;
  const Burst& burst = options_.burst;
  if (burst.period > 0 && number % burst.period >= burst.period - burst.length) return burst.status;
  double draw = base::unit_interval(base::mix(kStatusDraw + options_.seed, number));
  for (const StatusRate& rate : options_.status_rates) {
    if (draw < rate.rate) return rate.status;
    draw -= rate.rate;
  }
  return 200;
}

Mode Chat::drawn_mode(std::uint64_t number) const {
  double draw = base::unit_interval(base::mix(kModeDraw + options_.seed, number));
  for (const ModeRate& rate : options_.mode_rates) {
    if (draw < rate.rate) return rate.modes[base::mix(kKindDraw + options_.seed, number) % rate.modes.size()];
    draw -= rate.rate;
  }
  return options_.mode;
}

/// The text of the answer: of opinions and of what they will be about.
void Chat::write(ChatRequest& request, std::string_view body) {
  if (!request.problem.empty()) return;
  if (request.votes > 0) {
    request.content = write_votes(request.last_message, options_.against_rate);
  } else if (request.readings > 0) {
    request.content = readings_.answer(request.last_message, options_.against_rate);
  } else {
    request.content = write_content(request, base::hash128(body), options_.fault_rate, options_.faults);
    if (options_.remember) readings_.remember(request, request.content);
  }
}

Response Chat::handle(const HttpMessage& message, bool native) {
  const base::Hash128 asked = base::hash128(message.body);
  statistics_.asked(asked);
  ChatRequest request = read_chat_request(message.body, options_.form, native);
  write(request, message.body);
  if (request.constrained) statistics_.constrained();
  Response response = answer(request, message, requests_++);
  response.counted = true;
  response.asked = asked;
  statistics_.responded(response.sending == Sending::nothing ? 0 : response.status);
  return response;
}

Response Chat::answer(const ChatRequest& request, const HttpMessage& message, std::uint64_t number) {
  int status = drawn_status(number);
  const bool refused =
      status == 200 && !limits_.admit(static_cast<double>(tokens_of(message.body.size())), now_ns());
  if (refused) status = 429;
  const double delay = options_.latency.draw(base::mix(kLatencyDraw + options_.seed, number));
  Response response;
  if (status != 200) {
    const bool soon = status == 429 || status == 503;
    response = fault_response(options_.form,
                              {status, refused ? "Rate limit reached" : "drawn by --status-rate and the like",
                               status == 429 ? "rate_limit_error" : "server_error",
                               status == 429 ? "rate_limit_exceeded" : "error"},
                              request.native);
    if (soon) response.headers = retry_after_header(options_.retry_after);
    response.delay_ms = soon ? options_.refusal_ms : delay;
  } else if (!request.problem.empty()) {
    response = fault_response(options_.form, {400, request.problem, "invalid_request_error", "invalid_body"},
                              request.native);
  } else {
    const auto named = mode_named(request.mode.empty() ? std::string_view(request.model) : request.mode);
    response = answer_in_mode(named ? *named : drawn_mode(number), request,
                              {message.body, message.path, message.authorization}, options_);
    response.delay_ms = delay;
    limits_.tokens.take(static_cast<double>(response.answer_tokens));
  }
  response.headers += limits_.headers();
  return response;
}

Response Chat::answer_line(std::string_view body) {
  ChatRequest request = read_chat_request(body, options_.form, false);
  write(request, body);
  if (!request.problem.empty())
    return fault_response(options_.form, {400, request.problem, "invalid_request_error", "invalid_body"});
  const auto named = mode_named(request.mode.empty() ? std::string_view(request.model) : request.mode);
  return answer_in_mode(named.value_or(Mode::normal), request, {body}, options_);
}

}  // namespace provider
