// Makes the models that a job names, and checks that they can do what the plan asks of them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/model.h"
#include "prompts/job.h"
#include "prompts/plan.h"
#include "remote_model/transport.h"

namespace pipeline {

struct Models {
  std::unique_ptr<remote_model::Transport> transport;  // null without remote models
  std::vector<std::unique_ptr<model::Model>> models;   // in the order of Job::models

  std::vector<model::Model*> pointers() const;
  /// Ends everything in flight; see model::Model::abort.
  void abort();
};

/// Loads pattern files and starts the transport; sends nothing. All problems of all models in one
/// error. Refuses a quota that patterns alone must fill and can't: it says how many wordings there are.
base::Result<Models> make_models(const prompts::Job& job, const prompts::Plan& plan);

}  // namespace pipeline
