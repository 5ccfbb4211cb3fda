// What a row is compared by, and the members of a row that are computed: id, language, template. The same as
// a run computes them (row_builder.h), for a row that no reply brought. Any thread; some microseconds a row.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/hash.h"
#include "datasets/row.h"
#include "prompts/job.h"
#include "validators/row_builder.h"

namespace validators {

struct RowKeys {
  base::Hash128 text;         // of language and normalised text
  std::uint64_t intents = 0;  // of the frames' intents: rows with another one are in conflict
  std::uint64_t values = 0;   // of names and canonical values, in the order of the text
  std::uint64_t template_hash = 0;
};

class RowKeyMaker {
 public:
  explicit RowKeyMaker(const prompts::Job& job) : job_(&job), rows_(job) {}

  /// Fills `language`, `id` and `template_text` of the row.
  RowKeys make(datasets::Row& row) const;

 private:
  const prompts::Job* job_;
  RowBuilder rows_;
};

}  // namespace validators
