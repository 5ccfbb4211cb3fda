#include "pipeline/batch_journal.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/scratch.h"

namespace pipeline {
namespace {

using remote_model::StoredBatch;

class BatchJournalTest : public ::testing::Test {
 protected:
  void open() {
    batches_.reset();
    notes_.clear();
    journal_ = std::move(Journal::open(directory_, "job", "run", notes_).value());
    auto opened = BatchJournal::open(directory_, "job", *journal_);
    ASSERT_TRUE(opened) << opened.error().message;
    batches_ = std::move(*opened);
  }
  void answer(std::uint64_t key) {
    ReplyContext context;
    context.key = {0, key};
    model::Outcome outcome;
    outcome.kind = model::Outcome::Kind::reply;
    journal_->add(context, outcome);
    ASSERT_TRUE(journal_->flush());
  }
  /// `reference id requests`, or nothing.
  std::string find(std::uint64_t key) const {
    StoredBatch batch;
    if (!batches_->find({0, key}, batch)) return {};
    return batch.reference + " " + batch.id + " " + std::to_string(batch.requests);
  }
  base::Path file() const { return directory_ / "batches.jsonl"; }

  const testing_support::Scratch scratch_;
  const base::Path directory_ = scratch_.path() / "journal";
  std::vector<std::string> notes_;
  std::unique_ptr<Journal> journal_;
  std::unique_ptr<BatchJournal> batches_;
};

TEST_F(BatchJournalTest, RemembersWhatIsWhere) {
  open();
  EXPECT_FALSE(std::filesystem::exists(file()));
  EXPECT_EQ(find(1), "");
  ASSERT_TRUE(batches_->intend("r1", "qwen", {{0, 1}, {0, 2}}));
  ASSERT_TRUE(batches_->created("r1", "batch_1"));
  ASSERT_TRUE(batches_->intend("r2", "qwen", {{0, 2}, {0, 3}}));
  ASSERT_TRUE(batches_->intend("r3", "other", {{0, 4}}));
  ASSERT_TRUE(batches_->gone("r3"));
  for (const bool reopened : {false, true}) {
    if (reopened) open();
    EXPECT_TRUE(notes_.empty());
    EXPECT_EQ(find(1), "r1 batch_1 2");
    EXPECT_EQ(find(2), "r2  2") << "the last batch counts";
    EXPECT_EQ(find(4), "") << "gone";
    EXPECT_EQ(batches_->unfinished("qwen").size(), 2U);
    EXPECT_TRUE(batches_->unfinished("other").empty());
  }
  answer(1);
  EXPECT_EQ(batches_->unfinished("qwen").size(), 1U) << "all of r1 is answered, or in a later batch";
}

TEST_F(BatchJournalTest, CutsATornTailAtEveryByteAndGoesOn) {
  open();
  ASSERT_TRUE(batches_->intend("r1", "qwen", {{0, 1}}));
  const std::uint64_t safe = std::filesystem::file_size(file());
  ASSERT_TRUE(batches_->created("r1", "batch_1"));
  const std::string whole = *base::read_file(file());
  const std::uint64_t recorded = whole.find("{\"sync\"", safe);
  for (std::uint64_t size = 0; size < whole.size(); ++size) {
    batches_.reset();
    ASSERT_TRUE(base::replace_file(file(), std::string_view(whole).substr(0, size)));
    open();
    EXPECT_EQ(find(1), size >= recorded ? "r1 batch_1 1" : size >= safe ? "r1  1" : find(1)) << size;
    ASSERT_TRUE(batches_->intend("r2", "qwen", {{0, 2}}));
    open();
    EXPECT_EQ(find(2), "r2  1");
  }
}

TEST_F(BatchJournalTest, BelongsToItsJob) {
  open();
  ASSERT_TRUE(batches_->intend("r1", "qwen", {{0, 1}}));
  std::vector<std::string> notes;
  EXPECT_FALSE(Journal::open(directory_, "another", "run", notes));
}

}  // namespace
}  // namespace pipeline
