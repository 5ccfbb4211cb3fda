// Prompts as tokens: in the part that many requests share, evaluated once, and the rest. Text of a job never
// becomes special tokens, but in the compact profile, which consists of them (prompts/compact.h breaks up
// those that a job's text might forge). Const; any thread; a few microseconds per hundred tokens.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "local_model/llama_weights.h"
#include "local_model/prompt_format.h"

namespace local_model {

/// A prompt's text in the part that many requests share and the rest.
struct Prompt {
  std::string prefix;
  std::string_view tail;
};

class Prompter {
 public:
  /// Both are borrowed. `thinking_off`: the answer begins behind an empty think block.
  Prompter(const LlamaWeights& weights, const PromptFormat& format, bool thinking_off)
      : weights_(weights), format_(format), thinking_off_(thinking_off) {}

  /// With the compact profile the examples in the tail are shared, too: by the requests of a few attempts.
  Prompt split(std::string_view prefix, std::string_view tail) const;
  /// Of Prompt::prefix: with what the model wants in front of everything.
  std::vector<Token> prefix(std::string_view text) const;
  /// Of Prompt::tail: up to where the answer begins.
  std::vector<Token> tail(std::string_view text) const;

 private:
  bool compact() const { return format_.name == kCompactFormat; }
  void add(std::string_view text, bool marks, std::vector<Token>& tokens) const;

  const LlamaWeights& weights_;
  const PromptFormat& format_;
  const bool thinking_off_;
};

}  // namespace local_model
