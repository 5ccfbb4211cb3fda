// The thread that writes the journal. Outcomes are handed over as they arrive; the thread takes all
// that are waiting, writes their records with one write(2), and only then lets each of them go on to
// be checked. So an outcome that counts is on disk: kill -9 loses none. At most kSyncInterval later it
// is safe against the loss of power too.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "base/result.h"
#include "pipeline/journal.h"

namespace pipeline {

constexpr std::chrono::milliseconds kSyncInterval{100};

struct Item;

class Writer {
 public:
  /// `describe` says what an item's record holds; `written` sends it on, with the error if its record
  /// could not be written. Both run on the writer's thread.
  Writer(Journal& journal, std::function<ReplyContext(const Item&)> describe,
         std::function<void(Item*, const base::Status&)> written);
  /// Writes what is waiting, syncs, and joins.
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  /// Any thread.
  void push(Item* item);

 private:
  void loop();

  Journal& journal_;
  const std::function<ReplyContext(const Item&)> describe_;
  const std::function<void(Item*, const base::Status&)> written_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Item*> waiting_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace pipeline
