#include "pipeline/writer.h"

#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "pipeline/item.h"
#include "tests/support/scratch.h"

namespace pipeline {
namespace {

class WriterTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::vector<std::string> notes;
    auto journal = Journal::open(scratch_.path(), "job", "run", notes);
    ASSERT_TRUE(journal) << journal.error().message;
    journal_ = std::move(*journal);
  }

  static Item reply(std::uint64_t key) {
    Item item;
    item.request.key = {0, key};
    item.outcome.kind = model::Outcome::Kind::reply;
    item.outcome.body = "body";
    return item;
  }

  static ReplyContext describe(const Item& item) {
    ReplyContext context;
    context.key = item.request.key;
    return context;
  }

  const testing_support::Scratch scratch_;
  std::unique_ptr<Journal> journal_;
};

TEST_F(WriterTest, AnItemGoesOnOnceItsRecordCanBeRead) {
  constexpr std::uint64_t kItems = 200;
  std::vector<Item> items;
  for (std::uint64_t i = 0; i < kItems; ++i) items.push_back(reply(i));
  std::uint64_t readable = 0;  // of the writer's thread
  {
    Writer writer(*journal_, describe, [&](Item* item, const base::Status& status) {
      StoredAt at;
      model::Outcome outcome;
      if (status && journal_->find(item->request.key, at) && journal_->read(at, outcome) &&
          outcome.body == "body")
        ++readable;
    });
    std::thread other([&] {
      for (std::uint64_t i = 0; i < kItems / 2; ++i) writer.push(&items[i]);
    });
    for (std::uint64_t i = kItems / 2; i < kItems; ++i) writer.push(&items[i]);
    other.join();
  }
  EXPECT_EQ(readable, kItems) << "the destructor writes what is waiting";
}

// The last item ends the run on another thread, while push() of it may not have returned: what the
// thread sanitizer and AddressSanitizer watch.
TEST_F(WriterTest, MayEndAsSoonAsTheLastItemWentOn) {
  for (std::uint64_t round = 0; round < 500; ++round) {
    Item item = reply(round);
    std::promise<void> gone_on;
    auto writer = std::make_unique<Writer>(*journal_, describe,
                                           [&](Item*, const base::Status&) { gone_on.set_value(); });
    std::thread model([&item, writer = writer.get()] { writer->push(&item); });
    gone_on.get_future().wait();
    writer.reset();
    model.join();
  }
}

}  // namespace
}  // namespace pipeline
