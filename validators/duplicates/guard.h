// Evaluation files (`guard:` of a job), so that no row comes near them: a model that has seen its examination
// proves nothing. Three comparisons, each exact:
//
//   - the normalised text is a guarded one;
//   - the shingles of the text, values and all, are near those of a guarded text;
//   - the shingles of the template are near those of a guarded template: the wording of the examination with
//     other values is the examination, as far as its slots are concerned, just as the split
//     (datasets/split.h) keeps the rows of one template on one side. But only a wording with something to it
//     counts, of at least kLeastWording tokens beside its masks (把[device]音量调到[level], set the volume to
//     [level]): shorter ones (play [song], [device]静音) are what everybody says, and an intent without them
//     would be crippled.
//
// A guarded row whose slots have other names than the job's is guarded by its text. Guarded are intents of
// all kinds together: the same text under another intent is no better.
//
// Immutable once made, so it's asked in the parallel check of a reply, not at the commit; any thread. Nothing
// in it depends on other rows: whether a candidate is guarded is a function of the job and of its text.
// Costs a microsecond or two a candidate; memory as two near_index.h, and the places of the rows.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/hash.h"
#include "prompts/job.h"
#include "validators/duplicates/near_index.h"
#include "validators/row_builder.h"

namespace validators {

class Guard {
 public:
  static constexpr std::size_t kLeastWording = 4;

  /// `job` and `rows` (of the same job) must outlive it.
  Guard(const prompts::Job& job, const RowBuilder& rows);

  bool empty() const { return guard_->rows.empty(); }
  /// Why a row with this text and template mustn't be: which guarded row it is near; nothing if it may.
  /// `text` is the hash of the normalised text, `tokens` are those of the template.
  std::optional<std::string> find(const base::Hash128& text, std::string_view normalised,
                                  std::span<const Token> tokens) const;

 private:
  const prompts::Guard* guard_;
  std::unordered_map<base::Hash128, std::uint32_t, base::Hash128Hasher> texts_;
  NearIndex near_texts_;  // numbered as the guarded rows
  NearIndex near_wordings_;
  std::vector<std::uint32_t> wording_rows_;  // by the number in near_wordings_
};

}  // namespace validators
