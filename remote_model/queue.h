// The requests of one model that have no outcome yet. Each is in one of three places: ready to be sent,
// waiting for its next try, or flying. Not thread-safe: the owner's lock guards it. Every step costs O(1),
// waiting O(log n).
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "model/model.h"
#include "remote_model/gate.h"

namespace remote_model {

struct Item {
  model::Ticket ticket = 0;
  const model::Request* request = nullptr;
  model::OutcomeSink* sink = nullptr;
  std::string body;  // empty: to be made again
  base::Milliseconds first_sent{-1};
  Sending sending;
  base::Milliseconds excused{0};         // time since first_sent that isn't held against it
  base::Milliseconds excused_since{-1};  // while it waits: from then on
  base::Milliseconds due{0};             // while waiting
  int failures = 0;
  int unreadable = 0;
  std::size_t documents = 0;  // to be ranked
  std::size_t place = 0;      // among the flying
  bool delivered = false;     // by abort(), while it was on its way
};

using ItemPtr = std::unique_ptr<Item>;

class Queue {
 public:
  bool has_ready() const { return !ready_.empty(); }
  bool idle() const { return ready_.empty() && waiting_.empty(); }
  const std::vector<ItemPtr>& flying() const { return flying_; }

  void add(ItemPtr item) { ready_.push_back(std::move(item)); }
  /// Until its `due`.
  void wait(ItemPtr item);
  /// Makes ready what is due, before what was never sent.
  void wake(base::Milliseconds now);
  /// Makes ready all that waits, as if never sent.
  void wake_anew();
  /// Takes off the first that is ready.
  Item& launch();
  /// Brings it back, out of the queue.
  ItemPtr land(const Item& item);
  /// What isn't flying, out of the queue.
  std::vector<ItemPtr> take_all();

 private:
  std::deque<ItemPtr> ready_;
  std::vector<ItemPtr> waiting_;  // a heap, the earliest on top
  std::vector<ItemPtr> flying_;
};

}  // namespace remote_model
