#include "remote_model/knee.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace remote_model {
namespace {

using base::Milliseconds;
using namespace std::chrono_literals;

/// Answers of a server with `slots` places, each taking `ms`, to a window that is always full.
class Busy {
 public:
  Busy(std::size_t slots, double ms) : slots_(static_cast<double>(slots)), ms_(ms) {}
  void answer(Knee& knee, int answers) {
    for (int i = 0; i < answers; ++i) {
      const auto window = static_cast<double>(knee.window());
      const double rate = std::min(window, slots_) / ms_;
      now_ += 1 / rate;
      knee.answered(Milliseconds(static_cast<Milliseconds::rep>(now_)),
                    Milliseconds(static_cast<Milliseconds::rep>(window / rate)), true);
      least_ = std::min(least_, knee.window());
    }
  }
  void forget() { least_ = 1'000'000; }
  std::size_t least() const { return least_; }

 private:
  const double slots_;
  const double ms_;
  double now_ = 0;
  std::size_t least_ = 1'000'000;
};

TEST(Knee, FindsHowManyAServerUses) {
  for (const std::size_t window : {64U, 256U}) {
    Knee knee(window);
    knee.answered(0ms, 2000ms, false);  // the first request, alone
    Busy server(32, 2000);
    server.answer(knee, static_cast<int>(window) * 100 + 20'000);
    EXPECT_GE(knee.window(), 28U) << window;
    EXPECT_LE(knee.window(), 48U) << window;
  }
}

TEST(Knee, LeavesASteadyServerAlone) {
  Knee knee(64);
  knee.answered(0ms, 200ms, false);
  Busy server(1000, 200);
  server.answer(knee, 100'000);
  EXPECT_EQ(server.least(), 64U);
}

TEST(Knee, TriesSeldomAndReturnsWhereMorePaysOff) {
  Knee knee(64);
  knee.answered(0ms, 50ms, false);  // one short answer: the others look as if they waited
  Busy server(1000, 200);
  server.answer(knee, 100'000);
  EXPECT_EQ(server.least(), 48U) << "it was tried";
  EXPECT_EQ(knee.window(), 64U);
}

TEST(Knee, GrowsBackAfterAllTimedOut) {
  Knee knee(64);
  knee.halve();
  knee.halve();
  EXPECT_EQ(knee.window(), 16U);
  Busy server(1000, 200);
  server.answer(knee, 20'000);
  EXPECT_EQ(knee.window(), 64U);
}

TEST(Knee, IsNeverEmpty) {
  Knee knee(1);
  knee.halve();
  knee.answered(0ms, 10ms, false);
  Busy server(1, 2000);
  server.answer(knee, 10'000);
  EXPECT_EQ(server.least(), 1U);
}

}  // namespace
}  // namespace remote_model
