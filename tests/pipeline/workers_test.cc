#include "pipeline/workers.h"

#include <gtest/gtest.h>

#include <chrono>

namespace {

using std::chrono::milliseconds;
using Workers = pipeline::Workers;

constexpr Workers::Moment kBegin{};

/// With the thread that waits for them.
std::size_t allowed() {
  return tbb::global_control::active_value(tbb::global_control::max_allowed_parallelism);
}

/// A period with tasks to do for `busy` of its 200 ms.
void pass(Workers& workers, Workers::Moment& now, milliseconds busy) {
  workers.begin(now);
  workers.end(now + busy);
  now += milliseconds(200);
  workers.adjust(now);
}

TEST(Workers, OneWorksAloneWhileItKeepsUp) {
  Workers workers(3, kBegin);
  auto now = kBegin;
  EXPECT_EQ(allowed(), 2U);
  pass(workers, now, milliseconds(100));
  EXPECT_EQ(allowed(), 2U);
  pass(workers, now, milliseconds(199));
  EXPECT_EQ(allowed(), 4U);
  pass(workers, now, milliseconds(100));  // half of what one was kept busy with
  EXPECT_EQ(allowed(), 4U);
  pass(workers, now, milliseconds(50));
  EXPECT_EQ(allowed(), 2U);
  workers.call_all();
  EXPECT_EQ(allowed(), 4U);
}

TEST(Workers, NoneIsNeededWhereThereIsLittleToDo) {
  Workers workers(3, kBegin);
  auto now = kBegin;
  EXPECT_FALSE(workers.rest());  // a window is to be planned
  pass(workers, now, milliseconds(70));
  EXPECT_TRUE(workers.rest());
  pass(workers, now, milliseconds(110));
  EXPECT_TRUE(workers.rest());
  pass(workers, now, milliseconds(130));
  EXPECT_FALSE(workers.rest());
  EXPECT_EQ(allowed(), 2U);
  pass(workers, now, milliseconds(90));  // it would be as busy again
  EXPECT_FALSE(workers.rest());
  pass(workers, now, milliseconds(199));
  pass(workers, now, milliseconds(70));
  EXPECT_FALSE(workers.rest());  // all, then one, then none
  EXPECT_EQ(allowed(), 2U);
  pass(workers, now, milliseconds(70));
  EXPECT_TRUE(workers.rest());
}

TEST(Workers, ATaskThatLastsLongerThanAPeriodKeepsThemBusyInEach) {
  Workers workers(2, kBegin);
  auto now = kBegin;
  workers.begin(now);
  workers.adjust(now += milliseconds(200));
  EXPECT_EQ(allowed(), 3U);
  workers.adjust(now += milliseconds(200));
  EXPECT_EQ(allowed(), 3U);
  workers.end(now += milliseconds(20));
  workers.adjust(now += milliseconds(180));
  EXPECT_EQ(allowed(), 2U);
}

TEST(Workers, TasksAtTheSameTimeCountOnce) {
  Workers workers(2, kBegin);
  auto now = kBegin;
  workers.begin(now);
  workers.begin(now);
  workers.end(now + milliseconds(60));
  workers.end(now + milliseconds(90));
  workers.adjust(now += milliseconds(100));  // too early
  EXPECT_EQ(allowed(), 2U);
  workers.adjust(now += milliseconds(100));
  EXPECT_EQ(allowed(), 2U);
}

}  // namespace
