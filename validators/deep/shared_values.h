// Which slots share their values, so that the value says nothing of which of them it is: the city from which
// and the city to which. What the job says (slots of one slot type), and what the data show: two slots of
// which many values stand under both, again and again. Any thread once it is made.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "prompts/job.h"
#include "validators/deep/value_counts.h"

namespace validators::deep {

class SharedValues {
 public:
  /// `groups`: names of slots that share values; names that no row has are ignored.
  SharedValues(const Corpus& corpus, const ValueCounts& counts,
               const std::vector<std::vector<std::string>>& groups);
  bool shared(std::uint32_t name, std::uint32_t other) const { return shared_[name * names_ + other]; }

 private:
  void share(std::uint32_t name, std::uint32_t other);

  std::size_t names_;
  std::vector<bool> shared_;
};

/// The names of slots that have one slot type in a job, type by type: they share its values.
std::vector<std::vector<std::string>> slots_of_one_type(const prompts::Job& job);

}  // namespace validators::deep
