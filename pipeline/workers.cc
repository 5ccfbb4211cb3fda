#include "pipeline/workers.h"

#include <algorithm>
#include <utility>

namespace pipeline {
namespace {

// Longer than it takes to plan a large window at the start.
constexpr std::chrono::milliseconds kPeriod{200};
// One that hardly ever rests lets replies wait. What keeps one so busy keeps two busy for half of the time,
// so less than that must be left before they are sent to rest.
constexpr double kCallAll = 0.9;
constexpr double kCallOne = 0.6;
constexpr double kRest = 0.4;
constexpr std::size_t kWaitingThread = 1;  // counted by oneTBB, and asleep
constexpr std::size_t kAtLeast = 1;
constexpr std::size_t kOne = kAtLeast + kWaitingThread;

}  // namespace

Workers::Workers(std::size_t most, Moment now)
    : always_rest_(most == 0),
      most_(tbb::global_control::max_allowed_parallelism, std::max(most, kAtLeast) + kWaitingThread),
      arena_(static_cast<int>(std::max(most, kAtLeast)), 0),
      rest_(always_rest_),
      busy_since_(now),
      period_began_(now) {
  arena_.initialize();  // oneTBB warns of an arena that begins with fewer workers than it has room for
  alone_.emplace(tbb::global_control::max_allowed_parallelism, kOne);
}

void Workers::begin(Moment now) {
  const std::lock_guard lock(mutex_);
  if (tasks_++ == 0) busy_since_ = now;
}

void Workers::end(Moment now) {
  const std::lock_guard lock(mutex_);
  if (--tasks_ == 0) busy_ += now - busy_since_;
}

std::optional<double> Workers::busy_share(Moment now) {
  const std::lock_guard lock(mutex_);
  const auto period = now - period_began_;
  if (period < kPeriod) return std::nullopt;
  if (tasks_ > 0) busy_ += now - std::exchange(busy_since_, now);
  period_began_ = now;
  return std::chrono::duration<double>(std::exchange(busy_, std::chrono::nanoseconds(0))) / period;
}

void Workers::adjust(Moment now) {
  if (always_rest_) return;
  const auto share = busy_share(now);
  if (!share) return;
  if (*share > kCallAll)
    alone_.reset();
  else if (*share < kRest && !alone_)
    alone_.emplace(tbb::global_control::max_allowed_parallelism, kOne);
  else if (*share < kRest)
    rest_ = true;
  if (*share > kCallOne) rest_ = false;
}

}  // namespace pipeline
