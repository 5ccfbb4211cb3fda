// What a text must be whatever it means: printable, of the right script and language, short enough to be
// said, free of placeholders and of dates that can't be, and obeying the job's `require` and `forbid`
// patterns (one RE2::Set each).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "prompts/job.h"
#include "validators/verdict.h"

namespace validators {

struct Finding {
  Verdict verdict = Verdict::accepted;
  std::string detail;  // for a person: which character, which pattern
};

/// {name}, <slot>, XX, 某某, 张三 where nobody planned it: text that stands for other text.
bool is_placeholder(std::string_view value);

class TextRules {
 public:
  static base::Result<TextRules> make(const prompts::Job& job);
  TextRules(TextRules&&) noexcept;
  TextRules& operator=(TextRules&&) noexcept;
  ~TextRules();

  /// Any thread. `outside_slots` is the text with its slot values removed: script and placeholders are
  /// judged there only, since a value is what the job says it is.
  Finding check(std::string_view text, std::string_view outside_slots) const;

 private:
  struct Impl;
  explicit TextRules(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace validators
