// Publishes a data set: releases/0001/ with one file per split and format, dataset.json and README.md,
// written aside, fsynced and renamed; then `latest` is pointed at it. A reader sees the old release or
// the new one, never a part. A release whose bytes equal the latest one's is not published again.
//
// Nothing in a release depends on when or where it was made (docs/formats.md, "Release").
//
// One thread, and one publish at a time in a run directory (the run's lock sees to it). rows.jsonl is
// streamed: memory is a few buffers and the longest line; about 500,000 rows per second and format. A
// damaged line is refused with its number, and so is a file without rows.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "datasets/row.h"
#include "datasets/split.h"

namespace datasets {

/// How rows become lines of one kind of file.
struct ReleaseFormat {
  std::string name;  // `swift`: files are train.swift.jsonl, …
  std::function<void(const Row&, std::string&)> append;
};

struct ReleaseInfo {
  std::string job_name;
  std::string language;
  std::uint64_t seed = 0;
  /// Sides are chosen anew from the rows' templates; without it they stay as they are.
  std::optional<SplitShares> shares;
  bool complete = true;  // all quotas met
};

struct PublishedRelease {
  base::Path directory;    // releases/0001
  bool published = false;  // false: equal to the latest, which `directory` then is
  std::uint64_t rows = 0;
  std::uint64_t train = 0, dev = 0, test = 0;
};

/// Reads `run_directory`/rows.jsonl and publishes it in all `formats`.
base::Result<PublishedRelease> publish_release(const base::Path& run_directory, const ReleaseInfo& info,
                                               const std::vector<ReleaseFormat>& formats);

}  // namespace datasets
