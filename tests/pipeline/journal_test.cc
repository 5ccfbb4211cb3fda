#include "pipeline/journal.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>

#include "base/record_log.h"
#include "tests/support/scratch.h"

namespace pipeline {
namespace {

class JournalTest : public ::testing::Test {
 protected:
  std::unique_ptr<Journal> open() {
    notes_.clear();
    auto journal = Journal::open(directory_, "job", "run", notes_);
    if (journal) return std::move(*journal);
    error_ = journal.error().message;
    return nullptr;
  }

  void add(Journal& journal, std::uint64_t key, const std::string& body,
           model::Outcome::Kind kind = model::Outcome::Kind::reply) {
    ReplyContext context;
    context.key = {0, key};
    context.cell = "set_volume|level|zh-Hans|in_scope";
    context.attempt = key;
    context.model = "qwen";
    context.prefix = &prefix_;
    context.tail = "请写\n10 句";
    model::Outcome outcome;
    outcome.kind = kind;
    outcome.body = body;
    outcome.finish = model::Finish::length;
    outcome.usage = {11, 7, 5};
    outcome.milliseconds = 42;
    journal.add(context, outcome);
    ASSERT_TRUE(journal.flush());
  }

  base::Path file() const { return directory_ / "run.jsonl"; }

  const testing_support::Scratch scratch_;
  const base::Path directory_ = scratch_.path() / "journal";
  const std::string prefix_ = "你是…\"助手\"";
  std::vector<std::string> notes_;
  std::string error_;
};

TEST_F(JournalTest, ReadsBackWhatWasWritten) {
  auto journal = open();
  ASSERT_TRUE(journal);
  add(*journal, 1, "{\"utterances\":[\"把[level:三十]\\u2028\"]}\x01");
  add(*journal, 2, "past its deadline", model::Outcome::Kind::failed);
  ASSERT_TRUE(journal->sync());
  for (const bool reopened : {false, true}) {
    if (reopened) journal = open();
    ASSERT_TRUE(journal);
    StoredAt at;
    model::Outcome outcome;
    ASSERT_TRUE(journal->find({0, 1}, at));
    ASSERT_TRUE(journal->read(at, outcome));
    EXPECT_EQ(outcome.kind, model::Outcome::Kind::reply);
    EXPECT_EQ(outcome.body, "{\"utterances\":[\"把[level:三十]\\u2028\"]}\x01");
    EXPECT_EQ(outcome.finish, model::Finish::length);
    EXPECT_EQ(outcome.usage.prompt_tokens, 11);
    EXPECT_EQ(outcome.usage.cached_tokens, 5);
    EXPECT_EQ(outcome.usage.reasoning_tokens, 0);
    EXPECT_EQ(outcome.milliseconds, 42);
    ASSERT_TRUE(journal->find({0, 2}, at));
    ASSERT_TRUE(journal->read(at, outcome));
    EXPECT_EQ(outcome.kind, model::Outcome::Kind::failed);
    EXPECT_EQ(outcome.body, "past its deadline");
    EXPECT_FALSE(journal->find({0, 3}, at));
    EXPECT_EQ(journal->totals().at("qwen").replies, 1U);
    EXPECT_EQ(journal->totals().at("qwen").failed, 1U);
  }
  EXPECT_EQ(journal->stored(), 2U);
  const std::string text = *base::read_file(file());
  EXPECT_NE(text.find("\"usage\":{\"prompt_tokens\":11,\"completion_tokens\":7,\"cached_tokens\":5}"),
            std::string::npos);
}

TEST_F(JournalTest, APrefixIsWrittenOncePerFile) {
  auto journal = open();
  add(*journal, 1, "a");
  add(*journal, 2, "b");
  journal = open();
  add(*journal, 3, "c");
  const std::string text = *base::read_file(file());
  EXPECT_EQ(text.find("\"prompt\":"), text.rfind("\"prompt\":"));
}

TEST_F(JournalTest, CutsATornTailAtEveryByteAndGoesOn) {
  auto journal = open();
  add(*journal, 1, "first");
  const std::uint64_t safe = std::filesystem::file_size(file());
  add(*journal, 2, "second");
  journal.reset();
  const std::string whole = *base::read_file(file());
  for (std::uint64_t size = safe; size < whole.size(); ++size) {
    ASSERT_TRUE(base::replace_file(file(), std::string_view(whole).substr(0, size)));
    journal = open();
    ASSERT_TRUE(journal) << error_;
    EXPECT_EQ(journal->stored(), 1U);
    EXPECT_EQ(notes_.empty(), size == safe);
    add(*journal, 2, "second again");
    journal = open();
    ASSERT_TRUE(journal) << error_;
    EXPECT_EQ(journal->stored(), 2U);
  }
}

TEST_F(JournalTest, RefusesDamageBeforeTheLastSyncWithItsOffset) {
  auto journal = open();
  add(*journal, 1, "first");
  const std::uint64_t offset = std::filesystem::file_size(file());
  add(*journal, 2, "second");
  ASSERT_TRUE(journal->sync());
  journal.reset();
  std::string whole = *base::read_file(file());
  whole[offset + 20] ^= 1;
  ASSERT_TRUE(base::replace_file(file(), whole));
  EXPECT_FALSE(open());
  EXPECT_NE(error_.find("damaged at byte " + std::to_string(offset)), std::string::npos) << error_;
  EXPECT_EQ(*base::read_file(file()), whole);  // nothing was changed
}

TEST_F(JournalTest, RefusesForeignNewerAndOtherJobsFiles) {
  ASSERT_TRUE(base::make_directories(directory_));
  const struct {
    std::string first_line;
    std::string message;
  } cases[] = {
      {base::seal_record("{\"journal\":2,\"job\":\"job\"}"),
       "written by a newer slotmill (journal version 2, this one reads 1)"},
      {base::seal_record("{\"journal\":1,\"job\":\"other\"}"), "belongs to the job other, not to job"},
      {base::seal_record("{\"rows\":1}"), "not a journal of slotmill"},
  };
  for (const auto& one : cases) {
    ASSERT_TRUE(base::replace_file(file(), one.first_line + "\n"));
    EXPECT_FALSE(open());
    EXPECT_NE(error_.find(one.message), std::string::npos) << error_;
    EXPECT_NE(error_.find("run.jsonl"), std::string::npos) << error_;
  }
}

TEST_F(JournalTest, SkipsUnknownEvents) {
  auto journal = open();
  add(*journal, 1, "first");
  journal.reset();
  const std::string text = *base::read_file(file());
  ASSERT_TRUE(base::replace_file(file(), text + base::seal_record("{\"weather\":{\"rain\":true}}") + "\n"));
  journal = open();
  ASSERT_TRUE(journal) << error_;
  EXPECT_EQ(journal->stored(), 1U);
}

TEST_F(JournalTest, ReadsAllFilesAndTheFirstOutcomeOfAKeyWins) {
  ASSERT_TRUE(base::make_directories(directory_));
  std::vector<std::string> notes;
  auto other = Journal::open(directory_, "job", "a", notes);
  ASSERT_TRUE(other);
  add(**other, 1, "from a");
  other->reset();
  auto journal = open();
  ASSERT_TRUE(journal);
  add(*journal, 1, "from run");
  add(*journal, 2, "from run");
  journal = open();
  StoredAt at;
  model::Outcome outcome;
  ASSERT_TRUE(journal->find({0, 1}, at));
  ASSERT_TRUE(journal->read(at, outcome));
  EXPECT_EQ(outcome.body, "from a");
  ASSERT_TRUE(journal->find({0, 2}, at));
  ASSERT_TRUE(journal->read(at, outcome));
  EXPECT_EQ(outcome.body, "from run");
}

TEST_F(JournalTest, AFullDiskLeavesNothingHalfWritten) {
  // A stand-in for a full disk that needs no privilege: the process may write no larger file.
  auto journal = open();
  add(*journal, 1, "first");
  const std::uint64_t size = std::filesystem::file_size(file());
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{size + 60, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  ReplyContext context;
  context.key = {0, 2};
  model::Outcome outcome;
  outcome.kind = model::Outcome::Kind::reply;
  outcome.body = std::string(1000, 'x');
  journal->add(context, outcome);
  const base::Status status = journal->flush();
  setrlimit(RLIMIT_FSIZE, &before);
  ASSERT_FALSE(status);
  EXPECT_NE(status.error().message.find("make room and run the same command again"), std::string::npos);
  EXPECT_EQ(std::filesystem::file_size(file()), size);
  StoredAt at;
  EXPECT_FALSE(journal->find({0, 2}, at));
}

TEST_F(JournalTest, KeepsCachedAndReasoningTokens) {
  auto journal = open();
  ASSERT_TRUE(journal);
  ReplyContext context;
  context.key = {0, 1};
  context.model = "qwen";
  model::Outcome outcome;
  outcome.kind = model::Outcome::Kind::reply;
  outcome.usage = {11, 7, 5, 3};
  journal->add(context, outcome);
  ASSERT_TRUE(journal->flush());
  journal = open();
  ASSERT_TRUE(journal);
  StoredAt at;
  ASSERT_TRUE(journal->find({0, 1}, at));
  ASSERT_TRUE(journal->read(at, outcome));
  EXPECT_EQ(outcome.usage.cached_tokens, 5);
  EXPECT_EQ(outcome.usage.reasoning_tokens, 3);
  EXPECT_EQ(journal->totals().at("qwen").usage.cached_tokens, 5);
  EXPECT_EQ(journal->totals().at("qwen").usage.reasoning_tokens, 3);
}

// What is on its way when a run dies may be billed.
TEST_F(JournalTest, WhatADeadRunHadSetAsideIsLostOnce) {
  auto journal = open();
  ASSERT_TRUE(journal);
  ASSERT_TRUE(journal->set_aside(0.25));
  ASSERT_TRUE(journal->add_lost(0.5));
  ASSERT_TRUE(journal->set_aside(0.75));
  EXPECT_DOUBLE_EQ(journal->lost(), 0.5);
  for (int opened = 0; opened < 2; ++opened) {
    journal = open();
    ASSERT_TRUE(journal) << error_;
    EXPECT_DOUBLE_EQ(journal->lost(), 1.25);
    EXPECT_EQ(notes_.size(), opened == 0 ? 1U : 0U);
  }
  ASSERT_TRUE(journal->set_aside(3));
  ASSERT_TRUE(journal->set_aside(0));
  journal = open();
  ASSERT_TRUE(journal);
  EXPECT_DOUBLE_EQ(journal->lost(), 1.25);
}

}  // namespace
}  // namespace pipeline
