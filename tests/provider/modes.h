// The ways in which the provider can answer, good and bad: their names, what each is in a sentence, and
// the groups that can be drawn from. What each does is in misbehaviour.cc.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace provider {

enum class Mode {
  normal,
  // good answers in odd clothes
  parts,
  slow,
  drip,
  gzip,
  close,
  close_silently,
  invalid_utf8,
  fenced,
  reasoning_content,
  reasoning,
  think_text,
  answer_in_reasoning,
  no_usage,
  zero_usage,
  absurd_usage,
  // replies without an utterance
  broken_content,
  content_filter,
  refusal,
  null_content,
  cut_off,
  // failures that another try gets over
  throttle,
  throttle_wait,
  error_500,
  error_503,
  html,
  html_502,
  empty_body,
  half_body,
  invalid_json,
  error_in_200,
  throttle_in_200,
  abort,
  hang,
  wrong_length,
  huge,
  unanswered,
  // failures that stay
  bad_request,
  unauthorized,
  echo_key,
  echo_key_text,
  not_found,
  no_quota,
  redirect,
};

std::optional<Mode> mode_named(std::string_view name);
/// The modes that a mode's name, or a group's (`odd`, `lost`, `passing`), stands for; empty: no such name.
std::vector<Mode> modes_named(std::string_view name);
/// `name: what it does` for --help.
std::string describe_modes();

}  // namespace provider
