// A folder of a test's own with a job in it, and the program run in it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/file.h"
#include "datasets/row.h"
#include "tests/support/process.h"
#include "tests/support/scratch.h"

namespace cli_testing {

class Workspace {
 public:
  base::Path path(const std::string& relative) const { return scratch_.path() / relative; }
  void write(const std::string& relative, const std::string& text) const;
  std::string read(const std::string& relative) const;
  /// `slotmill ARGUMENTS`, with paths relative to the workspace spelt as absolute ones by the caller.
  testing_support::Finished slotmill(std::vector<std::string> arguments,
                                     const testing_support::Environment& environment = {}) const;
  /// rows.jsonl of a run directory.
  std::vector<datasets::Row> rows(const std::string& run_directory) const;
  /// rows.jsonl, rejects.jsonl and all files of the releases: contents by name.
  std::map<std::string, std::string> results(const std::string& run_directory) const;

 private:
  testing_support::Scratch scratch_;
};

/// A small job of three lanes with a remote model at `base_url`; `extra` are more lines of YAML.
std::string remote_job(const std::string& base_url, int per_intent, const std::string& model_keys = "",
                       const std::string& extra = "");

}  // namespace cli_testing
