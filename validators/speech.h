// Whether an utterance is something that somebody says to an assistant, or what a model put beside it in
// the list: its thoughts, a refusal, its prompt again, talk about the list. Patterns are data
// (validators/data), beside them the sentences of the job's templates and the descriptions of its intents.
//
// All patterns are one RE2::Set, one pass over the text: about 0.3 microseconds. Const after make(), any
// thread.
#pragma once

#include <memory>
#include <string_view>

#include "base/result.h"
#include "prompts/job.h"
#include "validators/text_rules.h"

namespace validators {

class Speech {
 public:
  static base::Result<Speech> make(const prompts::Job& job);
  Speech(Speech&&) noexcept;
  Speech& operator=(Speech&&) noexcept;
  ~Speech();

  /// `outside_slots` as for TextRules; equal to `text` when nothing is tagged: then it may be a refusal or a
  /// description, too, since tags are an attempt.
  Finding check(std::string_view text, std::string_view outside_slots, bool tagged) const;

 private:
  struct Impl;
  explicit Speech(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace validators
