// The compact profile: the prompt of the tiny model that ships (docs/tiny_model.md). Not a text for a
// reader but a protocol that the model was trained on, and so not a template that a job may replace:
//
//   <|intent|>set_volume<|desc|>调节音量<|example|>把[device:主屏]音量调到[level:三十]<|example|>…
//   <|slots|>level<|is|>40<|and|>device<|is|>副屏<|style|>口语, 7-12<|out|>
//   <|near|>set_volume<|desc|>…<|example|>…<|slots|><|style|>…<|out|>        near an intent, not it
//   <|far|>zh<|style|>…<|out|>                                               about anything else
//
// without spaces and line ends between the parts. It asks for one utterance, which comes back as a line.
// Marks in a job's own text are broken up, so that no description can forge them. Pure functions, any
// thread, a microsecond each.
#pragma once

#include <string>

#include "prompts/job.h"
#include "prompts/plan.h"

namespace prompts {

/// What all attempts of an in-scope lane share; empty for the others.
std::string compact_prefix(const Job& job, const Lane& lane);

/// One attempt: up to three of the intent's examples, drawn by the plan's examples_seed and the first with
/// the cell's slot set if there is one, its values and style. The plan must be of one utterance with one
/// frame.
std::string compact_tail(const Job& job, const Cell& cell, const AttemptPlan& plan);

}  // namespace prompts
