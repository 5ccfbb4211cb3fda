// Who waits for which answer, and who is let go when.
#include "pipeline/waiting_room.h"

#include <gtest/gtest.h>

namespace pipeline {
namespace {

Question question(std::size_t model, std::uint64_t key, bool answered = false) {
  Question made;
  made.model = model;
  made.key = {0, key};
  made.answered = answered;
  return made;
}

TEST(WaitingRoom, AnAttemptLeavesWithItsLastAnswer) {
  WaitingRoom room(2);
  Item attempt;
  attempt.questions = {question(0, 1), question(1, 2), question(1, 3, true)};
  room.enter(&attempt);
  EXPECT_EQ(room.size(), 1U);
  const auto first = room.take(0);
  const auto second = room.take(1);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->question, 0U);
  EXPECT_EQ(second->question, 1U);
  EXPECT_FALSE(room.take(1));
  EXPECT_EQ(room.back(*second, true), nullptr);
  EXPECT_EQ(room.back(*first, true), &attempt);
  EXPECT_FALSE(attempt.owes);
  EXPECT_EQ(room.size(), 0U);
}

TEST(WaitingRoom, OneThatStaysOwedMakesTheAttemptOwed) {
  WaitingRoom room(1);
  Item attempt;
  attempt.questions = {question(0, 1), question(0, 2)};
  room.enter(&attempt);
  const auto first = room.take(0);
  const auto second = room.take(0);
  EXPECT_EQ(room.back(*first, false), nullptr);
  EXPECT_EQ(room.back(*second, true), &attempt);
  EXPECT_TRUE(attempt.owes);
}

TEST(WaitingRoom, WhatIsAskedAlreadyIsNotAskedTwice) {
  WaitingRoom room(1);
  Item one;
  Item other;
  one.questions = {question(0, 7)};
  other.questions = {question(0, 7)};
  room.enter(&one);
  room.enter(&other);
  const auto first = room.take(0);
  ASSERT_TRUE(first);
  EXPECT_FALSE(room.take(0));  // waits for the same
  EXPECT_EQ(room.back(*first, true), &one);
  const auto second = room.take(0);  // finds its answer in the journal now
  ASSERT_TRUE(second);
  EXPECT_EQ(room.back(*second, true), &other);
  EXPECT_EQ(room.size(), 0U);
}

TEST(WaitingRoom, ClosingLetsGoWhatIsNotOnItsWay) {
  WaitingRoom room(1);
  Item waits;
  Item on_its_way;
  Item both;
  on_its_way.questions = {question(0, 1)};
  both.questions = {question(0, 2), question(0, 3)};
  waits.questions = {question(0, 4)};
  for (Item* item : {&on_its_way, &both, &waits}) room.enter(item);
  const auto first = room.take(0);
  const auto second = room.take(0);
  EXPECT_EQ(room.close(), std::vector<Item*>{&waits});
  EXPECT_TRUE(waits.owes);
  EXPECT_EQ(room.back(*first, true), &on_its_way);
  EXPECT_FALSE(on_its_way.owes);
  EXPECT_EQ(room.back(*second, true), &both);
  EXPECT_TRUE(both.owes);
  EXPECT_EQ(room.size(), 0U);
}

}  // namespace
}  // namespace pipeline
