#include "local_model/llama_prompter.h"

namespace local_model {
namespace {

constexpr std::string_view kUnsharedMark = "<|slots|>";  // of the compact profile

}  // namespace

Prompt Prompter::split(std::string_view prefix, std::string_view tail) const {
  std::size_t shared = compact() ? tail.find(kUnsharedMark) : 0;
  if (shared == std::string_view::npos) shared = 0;
  Prompt prompt;
  prompt.prefix = prefix;
  prompt.prefix += tail.substr(0, shared);
  prompt.tail = tail.substr(shared);
  return prompt;
}

std::vector<Token> Prompter::prefix(std::string_view text) const {
  std::vector<Token> tokens;
  if (const Token begin = weights_.begin_token(); begin >= 0) tokens.push_back(begin);
  if (text.empty()) return tokens;
  add(format_.before_prefix, true, tokens);
  add(text, compact(), tokens);
  add(format_.after_prefix, true, tokens);
  return tokens;
}

std::vector<Token> Prompter::tail(std::string_view text) const {
  std::vector<Token> tokens;
  add(format_.before_tail, true, tokens);
  add(text, compact(), tokens);
  add(format_.after_tail, true, tokens);
  if (thinking_off_) add(kNoThinking, true, tokens);
  return tokens;
}

void Prompter::add(std::string_view text, bool marks, std::vector<Token>& tokens) const {
  const std::vector<Token> more = weights_.tokenize(text, marks);
  tokens.insert(tokens.end(), more.begin(), more.end());
}

}  // namespace local_model
