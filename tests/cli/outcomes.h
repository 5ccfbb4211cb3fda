// What a run's journal says of its attempts, held against what the provider counted.
#pragma once

#include <cstddef>

#include "tests/cli/workspace.h"
#include "tests/support/process.h"

namespace cli_testing {

struct Outcomes {
  std::size_t replies = 0;
  std::size_t failed = 0;
  std::size_t twice = 0;  // keys with a second outcome
};

/// Of the run in the workspace's folder out/remote.
Outcomes read_outcomes(const Workspace& workspace);

/// Every request that was asked has exactly one outcome, every reply that was delivered is in the journal,
/// and none of them was asked for again.
void expect_one_outcome_each(const testing_support::Provider& provider, const Outcomes& outcomes);

}  // namespace cli_testing
