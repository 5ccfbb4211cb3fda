// Catalogues that models fill (`ask:`), from the values that their lanes accept to files of the run
// directory. The values of a lane that is full are frozen: written to catalogues/TYPE.txt and put into the
// job in place of the stand-ins that it was planned with. From then on the file decides: the next run reads
// it with the job, as a person has left it, and asks nothing. What is written is what will be read, so that
// the run that asked and those behind it plan the same.
//
// One thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "pipeline/lane.h"
#include "prompts/job.h"

namespace pipeline {

/// Keeps the values that lanes accept. What they reject stands in the journal.
class CatalogueOutput final : public LaneOutput {
 public:
  explicit CatalogueOutput(std::size_t lanes) : values_(lanes) {}

  base::Status row(std::size_t lane, std::string_view json) override;
  base::Status reject(std::size_t, std::string_view) override { return {}; }

  /// Freezes the values of all lanes that are full; `lanes` are those that wrote here.
  base::Status freeze(const std::vector<Lane>& lanes, prompts::Job& job) const;

 private:
  std::vector<std::vector<std::string>> values_;  // of each lane, in its order
};

}  // namespace pipeline
