#include "validators/duplicates/guard.h"

#include <fmt/format.h>

#include <algorithm>

namespace validators {
namespace {

/// The masks in the tokens of a template: a name is one token, however often it stands there.
std::size_t count_masks(const datasets::Row& row) {
  std::vector<std::pair<std::string_view, std::string_view>> names;
  for (const datasets::Frame& frame : row.frames)
    for (const datasets::Slot& slot : frame.slots)
      names.emplace_back(row.frames.size() > 1 ? frame.intent : std::string_view(), slot.name);
  std::sort(names.begin(), names.end());
  return static_cast<std::size_t>(std::unique(names.begin(), names.end()) - names.begin());
}

std::optional<std::uint32_t> first_near(const NearIndex& index, std::span<const Token> tokens) {
  std::optional<std::uint32_t> first;
  index.find(tokens, [&](std::uint32_t row) {
    first = row;
    return false;
  });
  return first;
}

}  // namespace

Guard::Guard(const prompts::Job& job, const RowBuilder& rows)
    : guard_(&job.guard), near_texts_(job.guard.near), near_wordings_(job.guard.near) {
  std::vector<Token> tokens;
  for (std::uint32_t i = 0; i < guard_->rows.size(); ++i) {
    const datasets::Row& row = guard_->rows[i].row;
    const std::string normalised = rows.normalise(row.text);
    texts_.emplace(rows.text_hash(normalised), i);
    shingle(normalised, tokens);
    near_texts_.add(tokens);
    shingle(rows.template_of(row, normalised), tokens);
    if (tokens.size() < count_masks(row) + kLeastWording) continue;
    near_wordings_.add(tokens);
    wording_rows_.push_back(i);
  }
}

std::optional<std::string> Guard::find(const base::Hash128& text, std::string_view normalised,
                                       std::span<const Token> tokens) const {
  const auto tell = [&](std::string_view how, std::uint32_t row) {
    return fmt::format("{} {}: {}", how, guard_->rows[row].place, guard_->rows[row].row.text);
  };
  if (const auto same = texts_.find(text); same != texts_.end()) return tell("the text of", same->second);
  thread_local std::vector<Token> text_tokens;
  shingle(normalised, text_tokens);
  if (const auto row = first_near(near_texts_, text_tokens)) return tell("nearly the text of", *row);
  if (const auto row = first_near(near_wordings_, tokens)) return tell("the wording of", wording_rows_[*row]);
  return std::nullopt;
}

}  // namespace validators
