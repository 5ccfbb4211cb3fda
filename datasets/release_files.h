// The data files of a release, made from rows.jsonl in one pass: read in order, parsed and formatted in
// parallel (oneTBB's parallel_pipeline), written in order, so the bytes depend on no thread. Memory: a
// few batches of kBatchSize each way.
#pragma once

#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "datasets/card.h"
#include "datasets/release.h"

namespace datasets {

/// Writes `train.NAME.jsonl` and so on into `directory`, counts the rows into `card` and appends what
/// was written to `files`, sorted by name. A file that would be empty is not made: ms-swift refuses to
/// load one.
base::Status write_release_files(const base::Path& rows, const base::Path& directory, const ReleaseInfo& info,
                                 const std::vector<ReleaseFormat>& formats, DatasetCard& card,
                                 std::vector<FileSummary>& files);

}  // namespace datasets
