// Renders prompts. The compact profile is a protocol of its own (compact.h); all the rest here is about
// the chat profile: Mustache templates with the job's words in them. The prefix is the same for all
// attempts of a lane, so that servers can reuse its evaluation; the tail holds one attempt's values
// and styles. Const after make(); any thread. A prefix takes some 20 microseconds, a tail of ten
// utterances 4.
//
// A template may use, in a prefix: assistant (the job's name), language; the sections in_scope,
// out_of_scope, multi_intent, one of which is on; intent, description, and the lists slots {name,
// samples, required, many}, contrast {name, description}, examples {text} of an in_scope lane; the list
// intents {name, description, slot_names} of all; has_slots, has_contrast, has_examples, has_tags; styles
// (the names of the axes), has_styles. In a tail: the same sections, near and far within out_of_scope,
// assistant, language, intent, description, count, and lines, which must stand in it: one line per
// utterance with its planned tags and styles,
//
//   3. [device:主屏] [level:百分之三十] | 口语, 7-12
//   2. start_meeting + set_volume [set_volume.level:三十] | 礼貌        (multi_intent)
//   1. set_volume | 口语, 3-6                (out of scope, near: the intent to come close to)
//
// Catalogues and judges have prompts of their own (catalogue_prompt.h, judge_prompt.h). Nothing is escaped
// but `[`, `]` and `\` in tags. Empty lines in a row become one.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "prompts/job.h"
#include "prompts/judge_prompt.h"
#include "prompts/plan.h"

namespace prompts {

class Renderer {
 public:
  /// Parses and lints the job's templates, or the built-in ones of its language: an unknown name or an
  /// unclosed section is an error with file and line, since Mustache would render it as nothing.
  /// `job` must outlive the renderer.
  static base::Result<Renderer> make(const Job& job);
  Renderer(Renderer&&) noexcept;
  Renderer& operator=(Renderer&&) noexcept;
  ~Renderer();

  std::string prefix(const Lane& lane, Profile profile) const;
  std::string tail(const Cell& cell, const AttemptPlan& plan, Profile profile) const;
  const JudgePrompt& judge() const;

 private:
  struct Impl;
  explicit Renderer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace prompts
