// Asks each model of a job a few of the requests that it will get, before a run is begun: whether it answers,
// what it says, and how fast. Costs those requests; writes nothing.
#pragma once

#include <string>
#include <vector>

#include "pipeline/models.h"
#include "prompts/renderer.h"

namespace pipeline {

struct Ping {
  std::string model;        // its id
  std::string description;  // Model::describe
  bool answers = false;
  std::string message;  // why it doesn't, and which models its server lists if this one isn't there
  std::size_t replies = 0;
  double seconds = 0;
  std::int64_t completion_tokens = 0;  // 0: the model doesn't say
  std::string first;                   // the first reply
};

/// One after the other, in the order of the job; a model that serves nothing is not asked. A model in this
/// process gets as many requests as it has sequences, any other one.
std::vector<Ping> ping(const prompts::Job& job, const prompts::Plan& plan, const prompts::Renderer& renderer,
                       Models& models);

}  // namespace pipeline
