#include "remote_model/retry_policy.h"

#include <algorithm>
#include <cctype>
#include <initializer_list>
#include <string>

#include "base/hash.h"

namespace remote_model {
namespace {

using Failure = HttpResponse::Failure;

/// Codes and types are compared without case, `_`, `-`, `.` and spaces: `RateLimitExceeded`,
/// `rate_limit_exceeded` and `Throttling.RateQuota` are spellings of few things.
std::string squeeze(std::string_view text) {
  std::string squeezed;
  for (const char c : text)
    if (std::isalnum(static_cast<unsigned char>(c)) != 0)
      squeezed += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return squeezed;
}

bool mentions(const ChatAnswer& answer, std::initializer_list<std::string_view> words) {
  const std::string code = squeeze(answer.code);
  const std::string type = squeeze(answer.type);
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) {
    return code.find(word) != std::string::npos || type.find(word) != std::string::npos;
  });
}

bool no_money(const ChatAnswer& answer, std::string_view provider) {
  if (mentions(answer, {"insufficientquota"})) return provider != "dashscope";
  return mentions(answer, {"arrearage", "overdue", "notpurchased", "insufficientbalance", "billinghardlimit",
                           "creditexhausted", "accountdeactivated"});
}

bool throttles(const ChatAnswer& answer) {
  return mentions(answer, {"ratelimit", "throttl", "limitrequests", "limitburstrate", "toomanyrequests",
                           "overloaded", "insufficientquota", "slowdown"});
}

/// The status that a server means when it answers 200 with an error inside; 200 if it can't be told.
int meant_status(const ChatAnswer& answer) {
  if (throttles(answer)) return 429;
  if (mentions(answer, {"invalidapikey", "authentication", "unauthorized", "invalidiamtoken"})) return 401;
  if (mentions(answer, {"modelnotfound", "invalidmodel", "notfounderror"})) return 404;
  if (answer.code.size() == 3 && (answer.code[0] == '4' || answer.code[0] == '5'))
    return std::atoi(answer.code.c_str());
  return 200;
}

Verdict verdict_of_status(int status) {
  switch (status) {
    case 429:
    case 503:
    case 529:
      return Verdict::throttled;
    case 408:
    case 409:
    case 424:
    case 425:
      return Verdict::retry;
    case 401:
    case 402:
    case 403:
    case 404:
    case 405:
      return Verdict::down;
    case 501:
      return Verdict::refused;
    default:
      break;
  }
  if (status >= 500) return Verdict::retry;
  if (status >= 400) return Verdict::refused;
  if (status >= 300) return Verdict::down;
  return Verdict::unreadable;
}

Verdict verdict_of_failure(Failure failure) {
  switch (failure) {
    case Failure::connect:
    case Failure::proxy:
    case Failure::resolve:
    case Failure::tls:
      return Verdict::unreachable;
    case Failure::too_large:
      return Verdict::unreadable;
    default:
      return Verdict::retry;
  }
}

}  // namespace

bool is_content_filter(const ChatAnswer& answer) {
  return answer.kind == ChatAnswer::Kind::error &&
         mentions(answer, {"contentfilter", "datainspection", "contentpolicy", "sensitivecontent"});
}

Verdict classify(const HttpResponse& response, const ChatAnswer& answer, std::string_view provider) {
  if (response.status == 0) return verdict_of_failure(response.failure);
  const bool error = answer.kind == ChatAnswer::Kind::error;
  if (error && no_money(answer, provider)) return Verdict::down;
  if (response.status == 200) {
    if (answer.kind == ChatAnswer::Kind::reply || is_content_filter(answer)) return Verdict::reply;
    return error ? verdict_of_status(meant_status(answer)) : Verdict::unreadable;
  }
  if (response.status == 400 && error) {
    if (is_content_filter(answer)) return Verdict::reply;
    if (throttles(answer)) return Verdict::throttled;
  }
  return verdict_of_status(response.status);
}

bool may_be_billed(const HttpResponse& response, Verdict verdict) {
  if (response.status == 0) return response.was_sent;
  return response.status == 200 && verdict == Verdict::unreadable;
}

Milliseconds backoff(int failures, std::uint64_t seed) {
  const int doublings = std::min(std::max(failures, 0), 16);
  const double most =
      static_cast<double>(std::min(kBackoffCap, Milliseconds(kBackoffBase.count() << doublings)).count());
  const double draw = base::unit_interval(base::mix(seed, static_cast<std::uint64_t>(failures)));
  return Milliseconds(static_cast<Milliseconds::rep>(draw * most));
}

Step next_step(Verdict verdict, const History& history, Milliseconds retry_after, std::uint64_t seed) {
  using Kind = Step::Kind;
  const Kind give_up = history.model_answered ? Kind::failed : Kind::down;
  const Milliseconds delay = retry_after.count() > 0 ? retry_after : backoff(history.failures, seed);
  const bool answered_since = history.last_answer.count() >= 0 && history.last_answer >= history.first_sent;
  // Only a model that answers others *now* can fail a request; in an outage it stays owed.
  const bool alive = answered_since && history.now - history.last_answer <= 2 * history.timeout;
  const bool broken =
      verdict == Verdict::retry || verdict == Verdict::unreachable || verdict == Verdict::throttled;
  if (broken && history.server_away) return {Kind::again, delay};
  switch (verdict) {
    case Verdict::reply:
      return {Kind::reply, {}};
    case Verdict::down:
      return {Kind::down, {}};
    case Verdict::refused:
      return {give_up, {}};
    case Verdict::unreadable:
      if (history.unreadable + 1 >= kUnreadableTries) return {give_up, {}};
      break;
    case Verdict::unreachable:
      if (!history.model_answered && history.now + delay > history.first_sent + kFirstContact)
        return {Kind::down, {}};
      break;
    case Verdict::throttled: {
      const Milliseconds silent_since = answered_since ? history.last_answer : history.first_sent;
      if (history.now + delay > silent_since + history.deadline) return {Kind::down, {}};
      return {Kind::again, delay};
    }
    case Verdict::retry:
      break;
  }
  if (broken && history.outage_since.count() >= 0)
    return {history.now + delay > history.outage_since + history.deadline ? Kind::down : Kind::again, delay};
  // What never reached the server says nothing about the request.
  const bool reached = verdict != Verdict::unreachable;
  if (history.now + delay + kLeastTry > history.first_sent + history.deadline + history.excused)
    return {alive && reached ? Kind::failed : Kind::down, {}};
  return {Kind::again, delay};
}

}  // namespace remote_model
