#include "tests/provider/modes.h"

#include <fmt/format.h>

namespace provider {
namespace {

struct Entry {
  std::string_view name;
  Mode mode;
  std::string_view group;
  std::string_view what;
};

constexpr Entry kModes[] = {
    {"normal", Mode::normal, "", "answers"},
    {"parts", Mode::parts, "odd", "content is an array of parts"},
    {"slow", Mode::slow, "odd", "sends 64 bytes each 20 ms"},
    {"drip", Mode::drip, "odd", "sends byte by byte, some three a millisecond"},
    {"gzip", Mode::gzip, "odd", "Content-Encoding: gzip"},
    {"close", Mode::close, "odd", "answers, says that it closes the connection, and does"},
    {"close-silently", Mode::close_silently, "odd", "answers, and closes the connection without a word"},
    {"invalid-utf8", Mode::invalid_utf8, "odd", "one byte of the text is no UTF-8"},
    {"fenced", Mode::fenced, "odd", "prose and a code fence around the JSON"},
    {"reasoning-content", Mode::reasoning_content, "odd", "thinks in reasoning_content"},
    {"reasoning", Mode::reasoning, "odd", "thinks in reasoning"},
    {"think-text", Mode::think_text, "odd", "thinks in the content, <think>…</think>"},
    {"answer-in-reasoning", Mode::answer_in_reasoning, "odd",
     "content is null, the answer in reasoning_content"},
    {"no-usage", Mode::no_usage, "odd", "without usage"},
    {"zero-usage", Mode::zero_usage, "odd", "usage counts no token"},
    {"absurd-usage", Mode::absurd_usage, "odd", "usage of 9e18 prompt and -5 completion tokens"},
    {"broken-content", Mode::broken_content, "lost", "a good body, but the model's text is half a JSON text"},
    {"content-filter", Mode::content_filter, "lost", "400 of a content filter"},
    {"refusal", Mode::refusal, "lost", "no content, a refusal instead"},
    {"null-content", Mode::null_content, "lost", "content is null"},
    {"cut-off", Mode::cut_off, "lost", "half the text, finish_reason length"},
    {"throttle", Mode::throttle, "passing", "429 without Retry-After"},
    {"throttle-wait", Mode::throttle_wait, "passing", "429 with Retry-After: 1, or --retry-after"},
    {"error-500", Mode::error_500, "passing", "500"},
    {"error-503", Mode::error_503, "passing", "503 without Retry-After"},
    {"html", Mode::html, "passing", "status 200 with an HTML page"},
    {"html-502", Mode::html_502, "passing", "502 with an HTML page"},
    {"empty-body", Mode::empty_body, "passing", "status 200 with no body"},
    {"half-body", Mode::half_body, "passing", "half of the reply, then a TCP reset"},
    {"invalid-json", Mode::invalid_json, "passing", "status 200, the body is half a JSON text"},
    {"error-in-200", Mode::error_in_200, "passing", "status 200 with an error object"},
    {"throttle-in-200", Mode::throttle_in_200, "passing", "status 200 with a rate limit's error object"},
    {"abort", Mode::abort, "passing", "half the text, finish_reason abort"},
    {"hang", Mode::hang, "passing", "never answers"},
    {"wrong-length", Mode::wrong_length, "passing", "Content-Length is larger than the body, then the end"},
    {"huge", Mode::huge, "passing", "17 MiB of spaces"},
    {"unanswered", Mode::unanswered, "passing", "closes the connection instead of an answer"},
    {"bad-request", Mode::bad_request, "", "400"},
    {"unauthorized", Mode::unauthorized, "", "401"},
    {"echo-key", Mode::echo_key, "", "401 that repeats the Authorization header in its message"},
    {"echo-key-text", Mode::echo_key_text, "", "the same as a long plain text"},
    {"not-found", Mode::not_found, "", "404, unknown model"},
    {"no-quota", Mode::no_quota, "", "429 insufficient_quota"},
    {"redirect", Mode::redirect, "",
     "307 to another path of this server, which answers; or to --redirect-to"},
};

}  // namespace

std::optional<Mode> mode_named(std::string_view name) {
  for (const Entry& entry : kModes)
    if (entry.name == name) return entry.mode;
  return std::nullopt;
}

std::vector<Mode> modes_named(std::string_view name) {
  std::vector<Mode> modes;
  for (const Entry& entry : kModes)
    if (!name.empty() && (entry.name == name || entry.group == name)) modes.push_back(entry.mode);
  return modes;
}

std::string describe_modes() {
  std::string text =
      "Modes (--mode; or the name of a request's model; or a line `#mode NAME` in its last message; the\n"
      "groups odd: a good answer, lost: a reply without an utterance, passing: another try may succeed):\n";
  for (const Entry& entry : kModes)
    text += fmt::format("  {:<20} {:<8} {}\n", entry.name, entry.group, entry.what);
  return text;
}

}  // namespace provider
