// Progress on stderr: in a terminal one line per lane, redrawn in place, and a line of totals; elsewhere
// a plain line every ten seconds. Messages go above the lines. Any thread may call say().
#pragma once

#include <chrono>
#include <mutex>
#include <string>
#include <vector>

#include "pipeline/progress.h"
#include "prompts/job.h"
#include "prompts/plan.h"

namespace cli {

class ProgressView {
 public:
  explicit ProgressView(const prompts::Job& job);
  /// What is drawn from now on: the lanes of `plan`. What was drawn before stays.
  void begin(const prompts::Plan& plan);
  void say(const std::string& message);
  void draw(const pipeline::Progress& progress, double cost);
  /// Draws the last state for good (terminal) and ends.
  void close();

 private:
  std::string totals(const pipeline::Progress& progress, double cost) const;
  std::string lane_line(std::size_t lane, const pipeline::Progress& progress, std::size_t width) const;
  void draw_lines(const pipeline::Progress& progress, double cost);
  void erase();

  struct LaneTarget {
    std::string name;
    std::int64_t quota = 0;
  };

  std::mutex mutex_;
  std::vector<LaneTarget> lanes_;
  std::int64_t quota_ = 0;
  bool values_ = false;  // of catalogues, not rows
  std::size_t name_width_ = 0;
  std::string currency_;
  double budget_ = 0;  // 0: none
  bool terminal_ = false;
  bool drawn_before_ = false;  // plain lines only
  std::size_t drawn_ = 0;      // lines on the screen
  std::chrono::steady_clock::time_point start_;
  std::chrono::steady_clock::time_point last_plain_;
};

}  // namespace cli
