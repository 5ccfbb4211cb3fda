#include "tests/cli/outcomes.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <fstream>
#include <string>
#include <unordered_set>

namespace cli_testing {

Outcomes read_outcomes(const Workspace& workspace) {
  Outcomes outcomes;
  std::unordered_set<std::string> keys;
  std::ifstream journal(workspace.path("out/remote/journal/run.jsonl"));
  for (std::string line; std::getline(journal, line);) {
    const bool reply = line.starts_with("{\"reply\"");
    if (!reply && !line.starts_with("{\"failed\"")) continue;
    ++(reply ? outcomes.replies : outcomes.failed);
    if (!keys.insert(line.substr(line.find("\"key\":\"") + 7, 32)).second) ++outcomes.twice;
  }
  return outcomes;
}

void expect_one_outcome_each(const testing_support::Provider& provider, const Outcomes& outcomes) {
  const std::string counted = provider.get("/stats");
  EXPECT_EQ(outcomes.twice, 0U);
  EXPECT_GT(outcomes.replies, 0U);
  EXPECT_EQ(provider.statistic("/asked_after_answer"), 0) << counted;
  EXPECT_EQ(provider.statistic("/answered/1"), static_cast<std::int64_t>(outcomes.replies)) << counted;
  EXPECT_EQ(provider.statistic("/distinct"), static_cast<std::int64_t>(outcomes.replies + outcomes.failed))
      << counted;
}

}  // namespace cli_testing
