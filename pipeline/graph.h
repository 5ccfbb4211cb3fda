// The flow graph: a credit loop of three nodes over oneTBB.
//
//   lanes (serial) --attempts--> dispatch (async) --> model --> writer --> check (parallel) --> lanes
//          --questions-->
//
// lanes commits and plans, and hands out as many attempts as there are credits. dispatch plans the
// values, renders, makes the key and either finds the outcome in the journal or submits the request.
// Each attempt comes back exactly once, so "nothing in flight, nothing to hand out" is the end, and
// back-pressure follows from the structure.
//
// With judges, an attempt whose reply is checked waits (waiting_room.h) while questions about it
// (follow_ups.h) take the same way: each holds a credit of the judge, and the attempt none. It is committed
// when all are answered. No new attempt is handed out while as many wait as may wait in a lane, so items are
// at most that many and two windows more. A question waits for nothing but its model: no deadlock.
//
// Where replies come one by one, handing them from thread to thread costs more than what is done with them:
// then the writer's thread checks and commits what it has written, and sends what is asked for next
// (workers.h). With 64 in flight that halves the wake-ups, and takes a fifth off the CPU.
//
// A model with fallbacks is the head of a chain. When it is down, or has failed an attempt, dispatch asks the
// next of its chain; an attempt fails when all have failed it, and stays owed while one that is down could
// still answer. Who answered may differ from run to run, what counts may not: the first stored reply in the
// order of the chain.
//
// Measured traps of oneTBB 2021.8 that shape this: the caller waits on its own event and never in
// wait_for_all (which spins); the arena is small and has workers only; async_node drops what its
// successor won't take, so its successor queues; bodies never throw; nothing is ever cancelled.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/model.h"
#include "pipeline/budget.h"
#include "pipeline/journal.h"
#include "pipeline/lane.h"
#include "pipeline/progress.h"
#include "prompts/job.h"
#include "prompts/plan.h"
#include "prompts/renderer.h"
#include "validators/checker.h"

namespace pipeline {

/// Why the graph came to rest.
enum class End {
  complete,     // every quota is met
  exhausted,    // some cells can't be filled with the candidates they may ask for
  budget,       // cost or wall time is used up; attempts stay owed
  interrupted,  // stop() was called
  model_down,   // a model is unusable; its attempts stay owed
  failed,       // this machine failed (disk full, …)
};

struct GraphParts {
  const prompts::Job* job = nullptr;
  const prompts::Plan* plan = nullptr;
  const prompts::Renderer* renderer = nullptr;
  const validators::Checker* checker = nullptr;
  Journal* journal = nullptr;
  std::vector<model::Model*> models;  // in the order of Job::models
  std::vector<Lane>* lanes = nullptr;
  ConflictSet* conflicts = nullptr;
  LaneOutput* output = nullptr;
  Budget* budget = nullptr;
  Progress* progress = nullptr;
};

struct GraphOptions {
  std::size_t threads = 1;       // workers at most (workers.h)
  std::size_t window = 0;        // at most so many attempts at once per model; 0: its credits
  std::size_t most_waiting = 0;  // outcomes that may wait in a lane; 0: four windows, at least 256
  double wall_seconds = 0;       // 0: no limit
  /// Before the first request is sent: attempts that are planned and not answered.
  std::function<void(std::size_t to_send)> before_sending;
  std::function<void()> at_end;                  // from a worker thread, once
  std::function<void(const std::string&)> note;  // from a worker thread: what a person should know
};

struct GraphResult {
  End end = End::complete;
  std::string message;  // model_down, failed: for a person
  std::size_t owed = 0;
  std::vector<std::string> warnings;  // all that was noted about replies
};

class Graph {
 public:
  Graph(GraphParts parts, GraphOptions options);
  ~Graph();
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;

  void start();
  /// Any thread: hand out no more, let what is in flight arrive.
  void stop();
  /// After at_end, once: waits for the last tasks and the writer.
  GraphResult finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pipeline
