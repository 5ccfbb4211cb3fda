// Turns the attempts of a run into requests, and knows whom else to ask: what requests of a lane share is
// rendered once, and a model with fallbacks is the head of a chain (graph.h). Const; any thread; rendering a
// request costs some microseconds.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "model/model.h"
#include "pipeline/item.h"
#include "prompts/job.h"
#include "prompts/plan.h"
#include "prompts/renderer.h"

namespace pipeline {

class RequestMaker {
 public:
  /// `models` in the order of Job::models. All are borrowed.
  RequestMaker(const prompts::Job& job, const prompts::Plan& plan, const prompts::Renderer& renderer,
               std::vector<model::Model*> models);

  /// Whom the attempt may ask, in this order: the model that it was planned for, and those of its fallbacks
  /// that serve the lane.
  const std::vector<std::size_t>& chain(const Item& item) const {
    return chains_[item.attempt.model][item.lane];
  }

  /// What stands in the journal for the attempt, whoever gave it: the first reply of the chain, in the
  /// chain's order, so that it doesn't matter who answered when; without one, that all of them failed. False:
  /// `item` has become the request to the next of the chain, from `asked` on, that can still answer; `asked`
  /// is behind the last if there is none.
  bool look_up(Item& item, const Journal& journal) const;

 private:
  void make(Item& item) const;

  const prompts::Job& job_;
  const prompts::Plan& plan_;
  const prompts::Renderer& renderer_;
  const std::vector<model::Model*> models_;
  std::vector<std::vector<std::shared_ptr<const std::string>>> prefixes_;  // by model and lane; null: unused
  std::vector<std::vector<std::vector<std::string>>> tags_;                // by lane and cell
  std::vector<std::vector<std::vector<std::size_t>>> chains_;              // by model and lane
};

}  // namespace pipeline
