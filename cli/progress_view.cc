#include "cli/progress_view.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "base/clock.h"
#include "cli/commands.h"
#include "pipeline/run.h"
#include "validators/verdict.h"

namespace cli {
namespace {

constexpr std::chrono::seconds kPlainInterval{10};
constexpr std::size_t kBarWidth = 20;
/// From so many candidates on a lane that rejects most of them says why.
constexpr std::int64_t kFewestForReason = 20;

struct ScreenSize {
  std::size_t rows = 24;
  std::size_t columns = 80;
};

ScreenSize screen_size() {
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0) return {};
  return {size.ws_row, size.ws_col};
}

std::string percent(std::int64_t part, std::int64_t whole) {
  return whole == 0 ? "  - "
                    : fmt::format("{:3.0f}%", 100.0 * static_cast<double>(part) / static_cast<double>(whole));
}

// `text` cut to `width` columns; all of ours are one column wide.
std::string cut(std::string text, std::size_t width) {
  std::size_t columns = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if ((static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) continue;
    if (columns++ == width) {
      text.resize(at);
      break;
    }
  }
  return text;
}

}  // namespace

ProgressView::ProgressView(const prompts::Job& job)
    : currency_(pipeline::currency_of(job)),
      budget_(job.budget.cost),
      start_(std::chrono::steady_clock::now()) {
  const char* term = std::getenv("TERM");
  terminal_ = ::isatty(STDERR_FILENO) != 0 && (term == nullptr || std::strcmp(term, "dumb") != 0);
}

void ProgressView::begin(const prompts::Plan& plan) {
  const std::lock_guard lock(mutex_);
  drawn_ = 0;
  start_ = std::chrono::steady_clock::now();
  lanes_.clear();
  quota_ = 0;
  name_width_ = 0;
  values_ = plan.lanes.front().cells.front().catalogue.has_value();
  for (const prompts::Lane& lane : plan.lanes) {
    LaneTarget target{lane.name, 0};
    for (const prompts::Cell& cell : lane.cells) target.quota += cell.quota;
    quota_ += target.quota;
    name_width_ = std::max(name_width_, target.name.size());
    lanes_.push_back(std::move(target));
  }
}

void ProgressView::say(const std::string& message) {
  const std::lock_guard lock(mutex_);
  erase();
  fmt::print(stderr, "{}\n", message);
}

void ProgressView::erase() {
  if (drawn_ > 0) fmt::print(stderr, "\x1b[{}A\x1b[J", drawn_);
  drawn_ = 0;
}

std::string ProgressView::totals(const pipeline::Progress& progress, double cost) const {
  std::int64_t accepted = 0;
  std::int64_t passed = 0;
  std::int64_t candidates = 0;
  for (const pipeline::LaneProgress& lane : progress.lanes) {
    accepted += lane.accepted;
    passed += lane.passed;
    candidates += lane.candidates;
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  const std::int64_t replies = progress.replies;
  std::string text =
      fmt::format("{}/{} {}, {} accepted, {} requests", with_commas(accepted), with_commas(quota_),
                  values_ ? "values" : "rows", percent(passed, candidates), with_commas(replies));
  if (progress.reused > 0) text += fmt::format(" + {} stored", with_commas(progress.reused));
  if (seconds > 0.5) text += fmt::format(", {:.1f}/s", static_cast<double>(replies) / seconds);
  if (progress.completion_tokens > 0)
    text += fmt::format(", {} tokens/s",
                        with_commas(static_cast<long long>(static_cast<double>(progress.completion_tokens) /
                                                           std::max(seconds, 0.1))));
  if (progress.batches > 0)
    text +=
        fmt::format(", {} of {} done in {} batch{}", with_commas(static_cast<long long>(progress.batch_done)),
                    with_commas(static_cast<long long>(progress.batch_requests)), progress.batches.load(),
                    progress.batches == 1 ? "" : "es");
  if (!currency_.empty()) text += ", " + format_money(cost, currency_);
  if (budget_ > 0) text += " of " + format_money(budget_, currency_);
  if (accepted > 0 && accepted < quota_ && seconds > 2)
    text += fmt::format(", {} left", base::format_duration(seconds * static_cast<double>(quota_ - accepted) /
                                                           static_cast<double>(accepted)));
  return text;
}

std::string ProgressView::lane_line(std::size_t lane, const pipeline::Progress& progress,
                                    std::size_t width) const {
  const LaneTarget& target = lanes_[lane];
  const pipeline::LaneProgress& state = progress.lanes[lane];
  const std::int64_t accepted = state.accepted;
  const auto filled = target.quota == 0 ? kBarWidth
                                        : static_cast<std::size_t>(static_cast<double>(kBarWidth) *
                                                                   static_cast<double>(accepted) /
                                                                   static_cast<double>(target.quota));
  std::string reason;
  const std::int64_t candidates = state.candidates;
  if (candidates >= kFewestForReason && 2 * state.passed < candidates &&
      state.reason.load() != validators::Verdict::accepted)
    reason = fmt::format(", mostly {}", validators::verdict_code(state.reason));
  std::string bar;
  for (std::size_t i = 0; i < kBarWidth; ++i) bar += i < filled ? "█" : "░";
  return cut(fmt::format("  {:<{}}  {}  {:>7}/{:<7} {} accepted{}", target.name, name_width_, bar,
                         with_commas(accepted), with_commas(target.quota), percent(state.passed, candidates),
                         reason),
             width);
}

void ProgressView::draw_lines(const pipeline::Progress& progress, double cost) {
  const ScreenSize screen = screen_size();
  const std::size_t width = screen.columns - 1;
  std::vector<std::size_t> shown(lanes_.size());
  for (std::size_t i = 0; i < shown.size(); ++i) shown[i] = i;
  const std::size_t room = screen.rows > 4 ? screen.rows - 3 : 1;
  std::size_t hidden = 0;
  if (shown.size() > room) {  // full lanes make place for those that aren't
    std::stable_partition(shown.begin(), shown.end(), [&](std::size_t lane) {
      return progress.lanes[lane].accepted < lanes_[lane].quota;
    });
    hidden = shown.size() - room;
    shown.resize(room);
    std::sort(shown.begin(), shown.end());
  }
  std::string out;
  for (const std::size_t lane : shown) out += lane_line(lane, progress, width) + "\n";
  std::string last = totals(progress, cost);
  if (hidden > 0) last += fmt::format(" ({} lanes not shown)", hidden);
  out += cut(last, width) + "\n";
  erase();
  fmt::print(stderr, "{}", out);
  std::fflush(stderr);
  drawn_ = shown.size() + 1;
}

void ProgressView::draw(const pipeline::Progress& progress, double cost) {
  const std::lock_guard lock(mutex_);
  if (terminal_) {
    draw_lines(progress, cost);
    return;
  }
  const auto now = std::chrono::steady_clock::now();
  if (!drawn_before_) {
    drawn_before_ = true;
    last_plain_ = now;
    return;
  }
  if (now - last_plain_ < kPlainInterval) return;
  last_plain_ = now;
  fmt::print(stderr, "{}\n", totals(progress, cost));
}

void ProgressView::close() {
  const std::lock_guard lock(mutex_);
  drawn_ = 0;
}

}  // namespace cli
