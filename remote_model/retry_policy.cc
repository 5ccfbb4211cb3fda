#include "remote_model/retry_policy.h"

#include <algorithm>
#include <cstdlib>

#include "base/hash.h"

namespace remote_model {
namespace {

using Failure = HttpResponse::Failure;

/// The status that a server means when it answers 200 with an error inside; 200 if it can't be told.
int meant_status(const ChatAnswer& answer) {
  const bool is_status = answer.code.size() == 3 && (answer.code[0] == '4' || answer.code[0] == '5');
  return is_status ? std::atoi(answer.code.c_str()) : 200;
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
    case Failure::certificate:  // the next one will be the same
      return Verdict::down;
    case Failure::too_large:
      return Verdict::unreadable;
    default:
      return Verdict::retry;
  }
}

}  // namespace

bool is_content_filter(const ChatAnswer& answer, const Dialect& dialect) {
  return answer.kind == ChatAnswer::Kind::error &&
         meaning_of(dialect, answer.code, answer.type) == Meaning::filtered;
}

Verdict classify(const HttpResponse& response, const ChatAnswer& answer, const Dialect& dialect) {
  if (response.status == 0) return verdict_of_failure(response.failure);
  if (response.status == 200 && answer.kind == ChatAnswer::Kind::reply) return Verdict::reply;
  if (answer.kind == ChatAnswer::Kind::error) {
    switch (meaning_of(dialect, answer.code, answer.type)) {
      case Meaning::filtered:
        return Verdict::reply;
      case Meaning::throttled:
        return Verdict::throttled;
      case Meaning::retry:
        return Verdict::retry;
      case Meaning::refused:
        return Verdict::refused;
      case Meaning::down:
        return Verdict::down;
      case Meaning::unknown:
        break;
    }
    if (response.status == 200) return verdict_of_status(meant_status(answer));
  }
  if (response.status == 400 && dialect.vague_errors) return Verdict::unreadable;
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
  // A pause of our own never eats up the deadline.
  const Milliseconds own = std::min(backoff(history.failures, seed), history.deadline / 4);
  const Milliseconds delay = retry_after.count() > 0 ? retry_after : own;
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
