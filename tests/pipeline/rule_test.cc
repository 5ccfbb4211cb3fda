// The one rule: rows, rejects and releases are a pure function of the job and the outcomes. Threads,
// window, order of arrival and kills change no byte.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/text.h"
#include "tests/pipeline/hard_job.h"
#include "tests/support/scratch.h"

namespace pipeline::testing {
namespace {

using testing_support::Scratch;
using validators::Verdict;

// The undisturbed run that all others are held against.
const HardRun& reference() {
  static const HardRun run = run_hard_job(Scratch().path(), 2, 16, 1);
  return run;
}

std::int64_t count(const RunReport& report, Verdict verdict) {
  std::int64_t sum = 0;
  for (const LaneReport& lane : report.lanes)
    for (const CellReport& cell : lane.cells) sum += cell.state.verdicts[static_cast<std::size_t>(verdict)];
  return sum;
}

void expect_same_files(const HardRun& run, const std::string& what) {
  ASSERT_EQ(run.files.size(), reference().files.size()) << what;
  for (const auto& [name, contents] : reference().files) {
    const auto found = run.files.find(name);
    ASSERT_NE(found, run.files.end()) << what << ": " << name << " is missing";
    EXPECT_TRUE(found->second == contents) << what << ": " << name << " differs";
  }
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (const std::string_view line : base::split(text, '\n'))
    if (!line.empty()) lines.emplace_back(line);
  return lines;
}

TEST(OneRule, TheJobIsHard) {
  const RunReport& report = reference().report;
  EXPECT_EQ(report.end, End::exhausted);
  EXPECT_GT(count(report, Verdict::duplicate), 20);
  EXPECT_GT(count(report, Verdict::conflict), 2);
  EXPECT_GT(count(report, Verdict::failed), 0);
  EXPECT_GT(count(report, Verdict::refused), 0);
  EXPECT_GT(count(report, Verdict::surplus), 0);
  EXPECT_GT(count(report, Verdict::template_repeated), 0);
  EXPECT_GT(count(report, Verdict::value_changed), 5);
  EXPECT_GT(count(report, Verdict::broken_tags), 2);
  EXPECT_GT(count(report, Verdict::unknown_slot), 2);
  EXPECT_GT(count(report, Verdict::judged_wrong), 10);
  std::vector<validators::VoteCounts> votes(2);
  for (const LaneReport& lane : report.lanes)
    for (std::size_t voice = 0; voice < votes.size(); ++voice) {
      votes[voice].yes += lane.votes[voice].yes;
      votes[voice].no += lane.votes[voice].no;
      votes[voice].none += lane.votes[voice].none;
    }
  for (const validators::VoteCounts& voice : votes) {
    EXPECT_GT(voice.yes, 10);
    EXPECT_GT(voice.no, 10);
    EXPECT_GT(voice.none, 10);
  }
  EXPECT_GT(lines_of(reference().files.at("review.jsonl")).size(), 10U);
  std::int64_t exhausted = 0;
  std::int64_t topped_up = 0;
  for (const LaneReport& lane : report.lanes)
    for (const CellReport& cell : lane.cells) {
      if (cell.state.exhausted) ++exhausted;
      if (!cell.state.exhausted && cell.state.accepted == cell.quota &&
          cell.state.candidates * 7 > cell.quota * 10)
        ++topped_up;
    }
  EXPECT_GE(exhausted, 1);
  EXPECT_GE(topped_up, 1);
  EXPECT_EQ(reference().files.count("releases/0001/train.swift.jsonl"), 1U);
  ASSERT_EQ(report.catalogues.size(), 2U);
  std::int64_t twice = 0;
  for (const LaneReport& lane : report.catalogues) {
    EXPECT_EQ(lane.accepted, lane.quota);
    twice += lane.cells[0].state.verdicts[static_cast<std::size_t>(Verdict::duplicate)];
  }
  EXPECT_GT(twice, 10);
  EXPECT_EQ(lines_of(reference().files.at("catalogues/room.txt")).size(), 2U + 12U);
  EXPECT_EQ(lines_of(reference().files.at("catalogues/person.txt")).size(), 2U + 60U);
}

TEST(OneRule, NoTextStandsTwice) {
  std::map<std::string, int> texts;
  for (const std::string& line : lines_of(reference().files.at("rows.jsonl"))) {
    const auto begin = line.find("\"text\":\"");
    ++texts[line.substr(begin, line.find("\",\"language\"") - begin)];
  }
  for (const auto& [text, times] : texts) EXPECT_EQ(times, 1) << text;
}

TEST(OneRule, ThreadsWindowsAndArrivalChangeNothing) {
  std::uint64_t seed = 100;
  for (const std::size_t threads : {0U, 1U, 2U, 8U})
    for (const std::size_t window : {1U, 16U, 256U}) {
      const std::string what = "threads_" + std::to_string(threads) + "_window_" + std::to_string(window);
      expect_same_files(run_hard_job(Scratch().path(), threads, window, ++seed), what);
    }
}

TEST(OneRule, AFullWaitingRoomNeverHoldsBackWhatItWaitsFor) {
  for (const std::size_t window : {1U, 16U, 256U})
    expect_same_files(run_hard_job(Scratch().path(), 2, window, 7 + window, 2), "at most two waiting");
}

TEST(OneRule, TheSameCommandAgainAsksForNothingAndPublishesNothing) {
  const Scratch scratch;
  const base::Path& directory = scratch.path();
  run_hard_job(directory, 2, 16, 1);
  const HardRun again = run_hard_job(directory, 2, 16, 2);
  EXPECT_TRUE(again.asked.empty());
  EXPECT_FALSE(again.report.release->published);
  expect_same_files(again, "again");
}

// A kill leaves a prefix of the journal, perhaps with half a line at its end: nothing else is read back.
TEST(OneRule, AKillAtEveryTenthJournalLineChangesNothing) {
  const Scratch scratch;
  const base::Path& whole = scratch.path();
  run_hard_job(whole, 2, 16, 9);
  const std::string journal = *base::read_file(whole / "out/hard/journal/run.jsonl");
  const std::vector<std::string> lines = lines_of(journal);
  ASSERT_GT(lines.size(), 200U);
  for (std::size_t kept = 0; kept < lines.size(); kept += 10) {
    const std::string what = "killed_after_" + std::to_string(kept);
    const Scratch killed;
    const base::Path& directory = killed.path();
    std::string prefix;
    for (std::size_t i = 0; i < kept; ++i) prefix += lines[i] + "\n";
    prefix += lines[kept].substr(0, lines[kept].size() / 2);
    ASSERT_TRUE(base::make_directories(directory / "out/hard/journal"));
    ASSERT_TRUE(base::replace_file(directory / "out/hard/journal/run.jsonl", prefix));
    const HardRun run = run_hard_job(directory, 2, 16, kept);
    expect_same_files(run, what);
    for (const auto& [key, times] : run.asked) {
      EXPECT_EQ(times, 1) << what << ": " << key;
      EXPECT_EQ(prefix.substr(0, prefix.rfind('\n') + 1).find(key), std::string::npos)
          << what << ": a stored reply was asked for again";
    }
    if (::testing::Test::HasFailure()) return;
  }
}

TEST(OneRule, ACatalogueThatIsRemovedIsFilledFromTheJournal) {
  const Scratch scratch;
  const base::Path& directory = scratch.path();
  run_hard_job(directory, 2, 16, 1);
  ASSERT_TRUE(std::filesystem::remove(directory / "out/hard/catalogues/person.txt"));
  const HardRun again = run_hard_job(directory, 2, 16, 2);
  EXPECT_TRUE(again.asked.empty());
  expect_same_files(again, "filled again");
}

TEST(OneRule, ACatalogueThatAPersonEditedWins) {
  const Scratch scratch;
  const base::Path& directory = scratch.path();
  run_hard_job(directory, 2, 16, 1);
  const base::Path file = directory / "out/hard/catalogues/room.txt";
  ASSERT_TRUE(base::replace_file(file, "# ours\n阁楼\n地下室 = 地窖\n"));
  const HardRun edited = run_hard_job(directory, 2, 16, 2);
  EXPECT_EQ(*base::read_file(file), "# ours\n阁楼\n地下室 = 地窖\n");
  EXPECT_TRUE(edited.report.catalogues.empty());
  EXPECT_FALSE(edited.asked.empty());  // cells with a room
  const std::string& rows = edited.files.at("rows.jsonl");
  for (const char* text : {"\"text\":\"阁楼\",\"value\":\"阁楼\"", "\"text\":\"地窖\",\"value\":\"地下室\""})
    EXPECT_NE(rows.find(text), std::string::npos) << text;
  const std::string room = lines_of(reference().files.at("catalogues/room.txt"))[2];
  EXPECT_EQ(rows.find("\"name\":\"room\",\"text\":\"" + room), std::string::npos);
}

TEST(OneRule, ALargerQuotaReusesWhatIsStored) {
  const Scratch scratch;
  const base::Path& directory = scratch.path();
  const HardRun small = run_hard_job(directory, 2, 16, 1);
  const std::string job = *base::read_file(directory / "job.yaml");
  EXPECT_NE(job.find("per_intent: 90"), std::string::npos);
  prompts::Job larger = load_hard_job(directory);
  larger.rows.per_intent = 120;
  const auto plan = prompts::make_plan(larger);
  ASSERT_TRUE(plan);
  Models models;
  auto one = std::make_unique<ShuffledModel>("m1", 256, 1);
  auto two = std::make_unique<ShuffledModel>("m2", 256, 2);
  auto three = std::make_unique<ShuffledModel>("m3", 256, 3);
  const ShuffledModel* const seen[] = {one.get(), two.get(), three.get()};
  models.models.push_back(std::move(one));
  models.models.push_back(std::move(two));
  models.models.push_back(std::move(three));
  const auto renderer = prompts::Renderer::make(larger);
  ASSERT_TRUE(renderer);
  RunOptions options;
  const auto report = run(larger, *plan, models, *renderer, options);
  std::size_t asked_again = 0;
  for (const ShuffledModel* model : seen)
    for (const auto& [key, times] : model->asked()) asked_again += small.asked.count(key);
  ASSERT_TRUE(report);
  EXPECT_GT(report->rows, small.report.rows);
  EXPECT_EQ(asked_again, 0U);
  EXPECT_GT(report->reused, 50);
}

}  // namespace
}  // namespace pipeline::testing
