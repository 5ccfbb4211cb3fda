// Makes the models that a job names, and checks that they can do what the plan asks of them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "local_model/server.h"
#include "model/model.h"
#include "prompts/job.h"
#include "prompts/plan.h"
#include "prompts/renderer.h"
#include "remote_model/batch_model.h"
#include "remote_model/trace.h"
#include "remote_model/transport.h"

namespace pipeline {

struct Models {
  // What a run starts; models ask them, so they go last. Equal `start:` is one server.
  std::vector<std::unique_ptr<local_model::Server>> servers;
  std::unique_ptr<remote_model::Transport> transport;  // null without remote models
  std::vector<std::unique_ptr<model::Model>> models;   // in the order of Job::models
  std::vector<remote_model::BatchModel*> batches;      // those of them that are asked in batches

  std::vector<model::Model*> pointers() const;
  /// Ends everything in flight; see model::Model::abort.
  void abort();
};

/// Loads pattern and model files and starts the transport; sends nothing. All problems of all models in one
/// error. Refuses a quota that patterns alone must fill and can't: it says how many wordings there are.
/// What goes over the wire is written to `trace`, which outlives the models, unless it is null.
base::Result<Models> make_models(const prompts::Job& job, const prompts::Plan& plan,
                                 const prompts::Renderer& renderer, remote_model::Trace* trace = nullptr);

}  // namespace pipeline
