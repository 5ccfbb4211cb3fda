// What travels through the graph: one attempt on its way from being planned to being committed, or one
// question about the reply of an attempt that waits (waiting_room.h). Items are made once and reused
// (item_pool.h); whoever holds the pointer owns the item.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/model.h"
#include "model/request.h"
#include "pipeline/budget.h"
#include "pipeline/follow_ups.h"
#include "pipeline/journal.h"
#include "pipeline/lane.h"
#include "prompts/plan.h"
#include "validators/checker.h"

namespace pipeline {

struct Item {
  model::Ticket ticket = 0;  // its place among the items
  std::size_t lane = 0;
  Lane::Attempt attempt;
  std::size_t asked = 0;  // in the chain of its model and that one's fallbacks, the one that is asked
  std::size_t model = 0;  // that one: index into Job::models
  std::string down;       // why one before it doesn't answer any more
  prompts::AttemptPlan plan;
  model::Request request;
  bool stored = false;  // the journal has the outcome, at `stored_at`
  StoredAt stored_at;
  model::Outcome outcome;
  Charge charge;
  double cost = 0;  // what it was charged
  bool refused_by_budget = false;
  validators::CheckedReply checked;
  base::Status status;  // an error of this machine: ends the run

  // A question: the attempt that it is about, and which of its questions it is.
  Item* about = nullptr;
  std::size_t question = 0;

  // An attempt: what is asked about its reply. Of the waiting room: how many answers are missing, and
  // whether one of them will not come in this run.
  std::vector<Question> questions;
  std::size_t missing = 0;
  bool owes = false;
};

}  // namespace pipeline
