// What is wrong with a job, collected until all of it is read, so that a person fixes a file in one
// go. A problem has a file (the job, or a values file that it names), a place and a message; the
// report is sorted by file and place, with equal lines once, whatever the order of reading.
//
// One thread. Reports at most kMaxReported errors and counts the rest: a values file in the wrong
// encoding has a million.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/text.h"
#include "prompts/job.h"

namespace prompts {

class Problems {
 public:
  static constexpr std::size_t kMaxReported = 1000;

  /// `job_path` as the user gave it; it stands before every message.
  explicit Problems(std::string job_path) : job_path_(std::move(job_path)) {}

  const std::string& job_path() const { return job_path_; }
  void error(Mark mark, std::string message) { errors_.push_back({{}, mark, std::move(message)}); }
  void warn(Mark mark, std::string message) { warnings_.push_back({{}, mark, std::move(message)}); }
  /// In another file than the job; an empty `file` means the job.
  void error_in(std::string file, Mark mark, std::string message) {
    errors_.push_back({std::move(file), mark, std::move(message)});
  }
  void warn_in(std::string file, Mark mark, std::string message) {
    warnings_.push_back({std::move(file), mark, std::move(message)});
  }

  /// Errors so far.
  std::size_t count() const { return errors_.size(); }
  /// One line per error: `job.yaml:12:7: message`.
  std::string report() const;
  std::vector<std::string> warnings() const { return lines(warnings_); }

 private:
  struct Problem {
    std::string file;  // empty: the job
    Mark mark;
    std::string message;
  };
  std::vector<std::string> lines(std::vector<Problem> problems) const;

  std::string job_path_;
  std::vector<Problem> errors_;
  std::vector<Problem> warnings_;
};

/// The place of byte `offset` of `text`: columns are code points, as editors count them.
Mark mark_at(std::string_view text, std::size_t offset);

/// Reports the first byte of `text` that is no UTF-8, or is a control character other than tab and
/// line end, as an error in `file` (empty: the job). False if there is one.
bool check_encoding(std::string_view text, const std::string& file, Problems& problems);

/// `text` in quotes for a message, cut after 40 code points.
std::string in_quotes(std::string_view text);
/// `; did you mean X?`, or nothing.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace prompts
