// The sentences of a job's prompt templates that are the same in every prompt: what a model repeats when it
// takes its instructions for an example. Called once a run; any thread.
#pragma once

#include <string>
#include <vector>

#include "prompts/job.h"

namespace prompts {

/// Pieces without a tag, of 8 Chinese characters or 24 bytes at least, as they are written; each once. Of a
/// template that can't be read there are none: Renderer::make reports it.
std::vector<std::string> template_sentences(const Job& job);

}  // namespace prompts
