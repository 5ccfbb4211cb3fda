// Rows and rejects on their way to rows.jsonl and rejects.jsonl. Lanes commit side by side, and what
// became of a row is known for certain only at the end (a conflict takes it away, a place that became
// free takes a surplus row in), so each lane writes into two scratch files of its own; finish() puts
// them together, lane by lane in the order of the plan. Both result files are derived: written aside,
// then renamed over the old ones, never read back by a run. They are not
// fsynced: what a power cut takes of them the next run writes again.
//
// One thread. Disk: the rows twice for a moment.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "pipeline/lane.h"

namespace pipeline {

class Spool final : public LaneOutput {
 public:
  /// Scratch files go to `run_directory`/.scratch, which is emptied. `judged`: rows have votes.
  static base::Result<Spool> open(const base::Path& run_directory, std::size_t lanes, bool judged = false);

  base::Status row(std::size_t lane, std::string_view json) override;
  base::Status reject(std::size_t lane, std::string_view json) override;

  /// Writes rows.jsonl (the accepted rows), rejects.jsonl (rejects, then surplus and conflicts) and, if rows
  /// are judged, review.jsonl (the accepted rows that a judge is against or didn't vote on), and removes the
  /// scratch files. `lanes` are those that wrote here, all commits done.
  base::Status finish(const std::vector<Lane>& lanes);

 private:
  Spool() = default;
  base::Status append_rows(std::size_t lane, const Lane& decided, base::BufferedFile& rows,
                           base::BufferedFile& rejects, base::BufferedFile& review) const;
  base::Path rows_path(std::size_t lane) const;
  base::Path rejects_path(std::size_t lane) const;

  base::Path run_directory_;
  base::Path scratch_;
  bool judged_ = false;
  std::vector<base::BufferedFile> rows_;
  std::vector<base::BufferedFile> rejects_;
};

}  // namespace pipeline
