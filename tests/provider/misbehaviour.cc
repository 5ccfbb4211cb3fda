#include "tests/provider/misbehaviour.h"

#include <fmt/format.h>

#include "base/json_writer.h"
#include "tests/provider/completions.h"
#include "tests/provider/http.h"
#include "tests/provider/replies.h"

namespace provider {
namespace {

constexpr const char* kHtml =
    "<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>";
constexpr const char* kThoughts =
    "The user wants utterances. {\"utterances\": [\"no, not yet\"]} Let me see.";

std::string half(std::string text) {
  text.resize(text.size() / 2);
  while (!text.empty() && (text.back() & 0x80) != 0) text.pop_back();  // not within a character
  return text;
}

Response html(int status) {
  Response response;
  response.status = status;
  response.content_type = "text/html";
  response.body = kHtml;
  return response;
}

/// A good reply, also if its clothes are odd.
Response reply(const ChatRequest& request, const Completion& completion, const Asked& asked) {
  Response response;
  response.body = completion_body(request, completion, asked.body.size());
  response.answer_tokens = tokens_of(completion.content.size());
  response.delivers = true;
  return response;
}

/// A reply that breaks on its way, or that nobody can read.
Response broken(Response response, Sending sending, Ending ending) {
  response.delivers = false;
  response.sending = sending;
  response.ending = ending;
  return response;
}

/// Replies whose text, message or usage is out of the ordinary; true if `mode` is one of them.
bool dress(Mode mode, Completion& completion) {
  switch (mode) {
    case Mode::parts: {
      completion.raw = R"([{"type":"text","text":)";
      base::append_json_string(completion.content, completion.raw);
      completion.raw += "}]";
      return true;
    }
    case Mode::fenced:
      completion.content = "好的 (here you are):\n```json\n" + completion.content + "\n```\n";
      return true;
    case Mode::reasoning_content:
    case Mode::reasoning:
      completion.reasoning_field = mode == Mode::reasoning ? "reasoning" : "reasoning_content";
      completion.reasoning = kThoughts;
      return true;
    case Mode::think_text:
      completion.content = fmt::format("<think>\n{}\n</think>\n\n{}", kThoughts, completion.content);
      return true;
    case Mode::answer_in_reasoning:
      completion.reasoning_field = "reasoning_content";
      completion.reasoning = completion.content;
      completion.raw = "null";
      return true;
    case Mode::no_usage:
      completion.usage = Completion::Usage::none;
      return true;
    case Mode::zero_usage:
      completion.usage = Completion::Usage::zero;
      return true;
    case Mode::absurd_usage:
      completion.usage = Completion::Usage::absurd;
      return true;
    case Mode::broken_content:
      completion.content = half(completion.content);
      return true;
    case Mode::refusal:
      completion.raw = R"(null,"refusal":"I can't help with that.")";
      return true;
    case Mode::null_content:
      completion.raw = "null";
      return true;
    case Mode::cut_off:
      completion.content = half(completion.content);
      completion.finish = "length";
      return true;
    case Mode::abort:
      completion.content = half(completion.content);
      completion.finish = "abort";
      return true;
    default:
      return false;
  }
}

Response fault(Mode mode, const ChatRequest& request, const Asked& asked, const Options& options) {
  const auto say = [&](Fault said) { return fault_response(options.form, said, request.native); };
  const std::string key(asked.authorization);
  Response response;
  switch (mode) {
    case Mode::error_in_200:
      response = say({502, "the backend is gone", "server_error", "internal"});
      response.status = 200;
      return response;
    case Mode::throttle_in_200:
      response = say({429, "too fast", "", "rpm_rate_limit_exceeded"});
      response.status = 200;
      return response;
    case Mode::throttle:
    case Mode::throttle_wait:
      response = say({429, "Rate limit reached", "rate_limit_error", "rate_limit_exceeded"});
      if (mode == Mode::throttle_wait)
        response.headers = retry_after_header(options.retry_after > 0 ? options.retry_after : 1);
      return response;
    case Mode::error_500:
      return say({500, "Internal server error", "server_error", "internal_error"});
    case Mode::error_503:
      return say({503, "The server is overloaded", "service_unavailable_error", "server_is_overloaded"});
    case Mode::bad_request:
      return say({400, "unknown parameter", "invalid_request_error", "unknown_parameter"});
    case Mode::unauthorized:
      return say({401, "invalid key", "invalid_request_error", "invalid_api_key"});
    case Mode::echo_key:
      return say({401, fmt::format("the key \"{}\" is wrong", key), "invalid_request_error", key});
    case Mode::echo_key_text:
      response.status = 401;
      response.content_type = "text/plain";
      response.body = std::string(180, 'x') + " " + key + " is wrong";
      return response;
    case Mode::not_found:
      return say({404, fmt::format("The model `{}` does not exist.", request.model), "NotFoundError",
                  "model_not_found"});
    case Mode::no_quota:
      return say({429, "You exceeded your current quota.", "insufficient_quota", "insufficient_quota"});
    default:  // content_filter
      response = say({400, "The prompt was filtered.", "invalid_request_error", "content_filter"});
      response.delivers = true;
      return response;
  }
}

}  // namespace

Response answer_in_mode(Mode mode, const ChatRequest& request, const Asked& asked, const Options& options) {
  Completion completion;
  completion.content = write_content(request, base::hash128(asked.body), options.fault_rate, options.faults);
  if (dress(mode, completion)) {
    Response response = reply(request, completion, asked);
    response.delivers = mode != Mode::abort;
    return response;
  }
  Response normal = reply(request, completion, asked);
  switch (mode) {
    case Mode::normal:
      return normal;
    case Mode::slow:
    case Mode::drip:
      normal.sending = mode == Mode::slow ? Sending::pieces : Sending::bytes;
      return normal;
    case Mode::gzip:
      normal.body = gzip_stored(normal.body);
      normal.headers = "Content-Encoding: gzip\r\n";
      return normal;
    case Mode::close:
    case Mode::close_silently:
      normal.ending = mode == Mode::close ? Ending::close : Ending::drop;
      return normal;
    case Mode::invalid_utf8:
      // The first byte of a sequence behind the first word of the content: a letter that nobody asked for.
      normal.body.insert(normal.body.find(R"(\":[\")") + 6, 1, '\xE4');
      return normal;
    case Mode::half_body:
      return broken(std::move(normal), Sending::half, Ending::reset);
    case Mode::wrong_length:
      return broken(std::move(normal), Sending::too_short, Ending::drop);
    case Mode::hang:
      return broken(std::move(normal), Sending::nothing, Ending::keep);
    case Mode::unanswered:
      return broken(std::move(normal), Sending::nothing, Ending::drop);
    case Mode::invalid_json:
      normal.body = half(normal.body);
      return broken(std::move(normal), Sending::whole, Ending::keep);
    case Mode::empty_body:
      normal.body.clear();
      return broken(std::move(normal), Sending::whole, Ending::keep);
    case Mode::huge:
      normal.body.assign(std::size_t{17} << 20, ' ');
      return broken(std::move(normal), Sending::whole, Ending::keep);
    case Mode::html:
      return html(200);
    case Mode::html_502:
      return html(502);
    case Mode::redirect: {
      if (asked.path.starts_with("/moved")) return normal;
      Response response;
      response.status = 307;
      response.headers = options.redirect_to.empty()
                             ? fmt::format("Location: /moved{}?token=secret\r\n", asked.path)
                             : fmt::format("Location: {}\r\n", options.redirect_to);
      return response;
    }
    default:
      return fault(mode, request, asked, options);
  }
}

}  // namespace provider
