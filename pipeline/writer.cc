#include "pipeline/writer.h"

#include <pthread.h>

#include <utility>

#include "pipeline/item.h"

namespace pipeline {

Writer::Writer(Journal& journal, std::function<ReplyContext(const Item&)> describe,
               std::function<void(Item*, const base::Status&)> written)
    : journal_(journal),
      describe_(std::move(describe)),
      written_(std::move(written)),
      thread_([this] { loop(); }) {}

Writer::~Writer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void Writer::push(Item* item) {
  // Under the lock: with the last item the run may end, and this writer, before we get any further.
  const std::lock_guard lock(mutex_);
  waiting_.push_back(item);
  if (waiting_.size() == 1) wake_.notify_one();
}

void Writer::loop() {
  pthread_setname_np(pthread_self(), "slotmill-writer");
  using Clock = std::chrono::steady_clock;
  std::vector<Item*> batch;
  bool unsynced = false;
  Clock::time_point sync_at;
  for (;;) {
    bool stop = false;
    {
      std::unique_lock lock(mutex_);
      const auto ready = [this] { return !waiting_.empty() || stopping_; };
      if (unsynced) {
        wake_.wait_until(lock, sync_at, ready);
      } else {
        wake_.wait(lock, ready);
      }
      batch.swap(waiting_);
      stop = stopping_ && batch.empty();
    }
    for (const Item* item : batch) journal_.add(describe_(*item), item->outcome);
    if (!batch.empty()) {
      const base::Status status = journal_.flush();
      if (!unsynced) sync_at = Clock::now() + kSyncInterval;
      unsynced = true;
      for (Item* item : batch) written_(item, status);
      batch.clear();
    }
    if (unsynced && (stop || Clock::now() >= sync_at)) {
      // A failing disk shows itself at the next write; there is nothing better to do about it here.
      static_cast<void>(journal_.sync());
      unsynced = false;
    }
    if (stop) return;
  }
}

}  // namespace pipeline
