// The state machine alone, with candidates made by hand.
#include "pipeline/lane.h"

#include <gtest/gtest.h>

#include "pipeline/conflicts.h"

namespace pipeline {
namespace {

using validators::Verdict;

class Output final : public LaneOutput {
 public:
  base::Status row(std::size_t, std::string_view json) override {
    rows.emplace_back(json);
    return {};
  }
  base::Status reject(std::size_t, std::string_view json) override {
    rejects.emplace_back(json);
    return {};
  }
  std::vector<std::string> rows;
  std::vector<std::string> rejects;
};

class LaneTest : public ::testing::Test {
 protected:
  LaneTest() {
    job_.per_request = 2;
    job_.per_template = 3;
    job_.models.resize(1);
    job_.models[0].id = "m";
    job_.models[0].per_request = 2;
  }

  prompts::Lane plan(const std::string& name, std::vector<std::int64_t> quotas,
                     std::int64_t max_candidates = 100) {
    prompts::Lane lane{name, {}};
    for (std::size_t i = 0; i < quotas.size(); ++i) {
      prompts::Cell cell;
      cell.id = name + "|" + std::to_string(i);
      cell.quota = quotas[i];
      cell.max_candidates = max_candidates;
      lane.cells.push_back(cell);
    }
    return lane;
  }

  // A reply whose candidates have these texts; 0 is one that failed its checks.
  Arrival reply(std::vector<std::uint64_t> texts, std::uint32_t cell = 0, std::uint64_t template_hash = 0) {
    Arrival arrival;
    for (std::size_t i = 0; i < texts.size(); ++i) {
      validators::Candidate candidate;
      candidate.index = static_cast<std::uint32_t>(i);
      candidate.cell = cell;
      candidate.text = {texts[i], texts[i]};
      candidate.template_hash = template_hash == 0 ? texts[i] + 1000 : template_hash;
      candidate.row = std::to_string(texts[i]);
      if (texts[i] == 0) candidate.verdict = Verdict::missing_slot;
      arrival.checked.candidates.push_back(candidate);
    }
    return arrival;
  }

  std::vector<std::uint64_t> take_all(Lane& lane) {
    std::vector<std::uint64_t> sequences;
    while (const auto attempt = lane.take(0)) sequences.push_back(attempt->sequence);
    return sequences;
  }

  prompts::Job job_;
  ConflictSet conflicts_;
  Output output_;
};

TEST_F(LaneTest, PlansTheWholeExpectedNeedAtOnce) {
  const auto lane_plan = plan("a", {14, 7});
  Lane lane(job_, lane_plan, 0, conflicts_);
  // need - outstanding x 2 x 0.7 <= 0: 10 attempts for 14 rows, 5 for 7.
  EXPECT_EQ(lane.cells()[0].outstanding, 10);
  EXPECT_EQ(lane.cells()[1].outstanding, 5);
  EXPECT_EQ(lane.uncommitted(), 15U);
  const auto first = lane.take(0);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->cell, 0U);  // the neediest
  EXPECT_EQ(first->attempt, 0U);
}

TEST_F(LaneTest, CommitsInPlannedOrderWhateverTheArrival) {
  const auto lane_plan = plan("a", {20});
  Lane lane(job_, lane_plan, 0, conflicts_);
  const auto sequences = take_all(lane);
  ASSERT_GE(sequences.size(), 3U);
  ASSERT_TRUE(lane.arrive(sequences[2], reply({5, 6}), output_));
  ASSERT_TRUE(lane.arrive(sequences[1], reply({3, 4}), output_));
  EXPECT_EQ(lane.accepted(), 0);
  EXPECT_EQ(lane.waiting(), 2U);
  ASSERT_TRUE(lane.arrive(sequences[0], reply({1, 2}), output_));
  EXPECT_EQ(output_.rows, (std::vector<std::string>{"1", "2", "3", "4", "5", "6"}));
  EXPECT_EQ(lane.waiting(), 0U);
}

TEST_F(LaneTest, DuplicatesTemplatesAndFaultsAreRejectedAndRefilled) {
  const auto lane_plan = plan("a", {4});
  Lane lane(job_, lane_plan, 0, conflicts_);
  auto sequences = take_all(lane);
  ASSERT_EQ(sequences.size(), 3U);
  ASSERT_TRUE(lane.arrive(sequences[0], reply({1, 1}), output_));
  ASSERT_TRUE(lane.arrive(sequences[1], reply({0, 2}), output_));
  EXPECT_EQ(lane.accepted(), 2);
  EXPECT_EQ(lane.cells()[0].verdicts[static_cast<std::size_t>(Verdict::duplicate)], 1);
  EXPECT_EQ(lane.cells()[0].verdicts[static_cast<std::size_t>(Verdict::missing_slot)], 1);
  ASSERT_TRUE(lane.arrive(sequences[2], reply({0, 0}), output_));
  EXPECT_EQ(lane.uncommitted(), 2U);  // topped up: 2 needed, 2 x 2 x (2 + 14) / (6 + 20)
  sequences = take_all(lane);
  ASSERT_TRUE(lane.arrive(sequences[0], reply({8, 9}), output_));
  EXPECT_TRUE(lane.full());
  EXPECT_EQ(lane.uncommitted(), 0U);                                 // the other one was dropped
  ASSERT_TRUE(lane.arrive(sequences[1], reply({10, 11}), output_));  // and is not looked at
  EXPECT_EQ(output_.rows.size(), 4U);
}

TEST_F(LaneTest, ATemplateIsUsedPerTemplateTimes) {
  const auto lane_plan = plan("a", {8});
  Lane lane(job_, lane_plan, 0, conflicts_);
  const auto sequences = take_all(lane);
  ASSERT_TRUE(lane.arrive(sequences[0], reply({1, 2}, 0, 7), output_));
  ASSERT_TRUE(lane.arrive(sequences[1], reply({3, 4}, 0, 7), output_));
  EXPECT_EQ(lane.accepted(), 3);
  EXPECT_EQ(lane.cells()[0].verdicts[static_cast<std::size_t>(Verdict::template_repeated)], 1);
}

struct Wording {
  std::vector<validators::Token> tokens;
  std::uint64_t values = 0;
};

Arrival with_wordings(Arrival arrival, const std::vector<Wording>& wordings) {
  for (std::size_t i = 0; i < wordings.size(); ++i) {
    arrival.checked.candidates[i].tokens = wordings[i].tokens;
    arrival.checked.candidates[i].values = wordings[i].values;
  }
  return arrival;
}

// 4 of 5 tokens in common are 0.8, 4 of 6 are not.
TEST_F(LaneTest, WhatIsNearARowWithTheSameValuesIsRejected) {
  job_.near = 0.8;
  const auto lane_plan = plan("a", {8});
  Lane lane(job_, lane_plan, 0, conflicts_);
  const auto sequences = take_all(lane);
  ASSERT_TRUE(lane.arrive(sequences[0],
                          with_wordings(reply({1, 2}), {{{1, 2, 3, 4, 5}, 7}, {{1, 2, 3, 4}, 7}}), output_));
  ASSERT_TRUE(lane.arrive(sequences[1],
                          with_wordings(reply({3, 4}), {{{1, 2, 3, 4}, 8}, {{1, 2, 3, 4, 6}, 7}}), output_));
  EXPECT_EQ(output_.rows, (std::vector<std::string>{"1", "3", "4"}));
  EXPECT_EQ(lane.cells()[0].verdicts[static_cast<std::size_t>(Verdict::near_duplicate)], 1);
}

TEST_F(LaneTest, NearWordingsShareTheTemplateCap) {
  job_.near = 0.8;
  job_.per_template = 2;
  const auto lane_plan = plan("a", {8});
  Lane lane(job_, lane_plan, 0, conflicts_);
  const auto sequences = take_all(lane);
  ASSERT_TRUE(lane.arrive(sequences[0],
                          with_wordings(reply({1, 2}), {{{1, 2, 3, 4, 5}, 1}, {{1, 2, 3, 4}, 2}}), output_));
  ASSERT_TRUE(
      lane.arrive(sequences[1], with_wordings(reply({3, 4}), {{{1, 2, 3, 4, 5}, 3}, {{8, 9}, 4}}), output_));
  EXPECT_EQ(output_.rows, (std::vector<std::string>{"1", "2", "4"}));
  EXPECT_EQ(lane.cells()[0].verdicts[static_cast<std::size_t>(Verdict::template_repeated)], 1);
}

TEST_F(LaneTest, ARowInAConflictIsNearNothing) {
  job_.near = 0.8;
  const auto lane_plan = plan("a", {8});
  Lane lane(job_, lane_plan, 0, conflicts_);
  const auto sequences = take_all(lane);
  ASSERT_TRUE(lane.arrive(sequences[0], with_wordings(reply({1, 0}), {{{1, 2, 3, 4, 5}, 7}, {}}), output_));
  lane.mark_conflict(0);
  ASSERT_TRUE(lane.arrive(sequences[1], with_wordings(reply({2, 0}), {{{1, 2, 3, 4}, 7}, {}}), output_));
  EXPECT_EQ(output_.rows, (std::vector<std::string>{"1", "2"}));
}

TEST_F(LaneTest, ACandidateWithASiblingsSlotSetCountsThere) {
  const auto lane_plan = plan("a", {4, 1});
  Lane lane(job_, lane_plan, 0, conflicts_);
  const auto first = lane.take(0);
  ASSERT_TRUE(lane.arrive(first->sequence, reply({1, 2}, 1), output_));
  EXPECT_EQ(lane.cells()[0].accepted, 0);
  EXPECT_EQ(lane.cells()[1].accepted, 1);
  EXPECT_EQ(lane.cells()[1].surplus, 1);
  EXPECT_EQ(lane.cells()[1].outstanding, 0);  // it is full: its own attempts were dropped
}

TEST_F(LaneTest, ExhaustedCellsStop) {
  const auto lane_plan = plan("a", {4}, 10);
  Lane lane(job_, lane_plan, 0, conflicts_);
  std::size_t attempts = 0;
  while (const auto attempt = lane.take(0)) {
    ++attempts;
    ASSERT_TRUE(lane.arrive(attempt->sequence, reply({0, 0}), output_));
  }
  EXPECT_EQ(attempts, 5U);
  EXPECT_TRUE(lane.cells()[0].exhausted);
  EXPECT_EQ(lane.uncommitted(), 0U);
}

TEST_F(LaneTest, OwedAttemptsStayPlannedAndBlockTheCommitBehindThem) {
  const auto lane_plan = plan("a", {4});
  Lane lane(job_, lane_plan, 0, conflicts_);
  const auto sequences = take_all(lane);
  lane.arrive_owed(sequences[0]);
  ASSERT_TRUE(lane.arrive(sequences[1], reply({1, 2}), output_));
  EXPECT_EQ(lane.accepted(), 0);
  EXPECT_FALSE(lane.has_unsent(0));
  lane.retry_owed();
  const auto again = lane.take(0);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->sequence, sequences[0]);
  ASSERT_TRUE(lane.arrive(again->sequence, reply({3, 4}), output_));
  EXPECT_EQ(output_.rows, (std::vector<std::string>{"3", "4", "1", "2"}));
}

TEST_F(LaneTest, AConflictRejectsBothSidesAndReopens) {
  std::vector<Lane> lanes;
  const auto plan_a = plan("a", {2});
  const auto plan_b = plan("b", {2});
  lanes.emplace_back(job_, plan_a, 0, conflicts_);
  lanes.emplace_back(job_, plan_b, 1, conflicts_);
  ASSERT_TRUE(lanes[0].arrive(lanes[0].take(0)->sequence, reply({1, 2}), output_));
  const auto sequence = lanes[1].take(0)->sequence;
  ASSERT_TRUE(lanes[1].arrive(sequence, reply({2, 3, 4}), output_));  // 4 is surplus
  EXPECT_TRUE(lanes[0].full());
  EXPECT_TRUE(lanes[1].full());
  EXPECT_EQ(mark_conflicts(lanes, conflicts_), 2U);
  for (Lane& lane : lanes) lane.reopen();
  EXPECT_EQ(lanes[0].accepted(), 1);
  EXPECT_GT(lanes[0].uncommitted(), 0U);
  EXPECT_EQ(lanes[1].accepted(), 2);  // the surplus row took the place
  EXPECT_EQ(lanes[1].row_state(0), RowState::conflict);
  EXPECT_EQ(lanes[1].row_state(2), RowState::accepted);
  ASSERT_TRUE(lanes[0].arrive(lanes[0].take(0)->sequence, reply({2, 9}), output_));
  EXPECT_EQ(lanes[0].cells()[0].verdicts[static_cast<std::size_t>(Verdict::conflict)], 2);
  EXPECT_TRUE(lanes[0].full());
  EXPECT_EQ(mark_conflicts(lanes, conflicts_), 0U);
}

}  // namespace
}  // namespace pipeline
