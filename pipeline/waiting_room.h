// Attempts whose replies are checked and that wait for the answers to questions about them (follow_ups.h),
// and the questions that wait for a credit of their model. An attempt in here holds no credit: the model that
// wrote the reply goes on. Back-pressure is the graph's: it hands out no new attempt while too many are in
// here, and questions before attempts. Nothing in here waits for a lane, so it always empties.
//
// A question that is asked already, about the same texts, waits for that one's outcome. One thread (the lanes
// node owns it).
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/hash.h"
#include "pipeline/item.h"

namespace pipeline {

class WaitingRoom {
 public:
  struct Asked {
    Item* attempt = nullptr;
    std::size_t question = 0;
  };

  explicit WaitingRoom(std::size_t models) : queues_(models) {}

  std::size_t size() const { return size_; }
  /// `attempt` has questions that aren't answered.
  void enter(Item* attempt);
  /// The next question for the model; it is on its way from now on.
  std::optional<Asked> take(std::size_t model);
  /// A taken question is back, answered or not. Returns its attempt if that was the last one.
  Item* back(const Asked& asked, bool answered);
  /// Nothing more is taken: what waits for a credit goes without an answer. Returns the attempts that have
  /// nothing on its way.
  std::vector<Item*> close();

 private:
  Item* leave(const Asked& asked, bool answered);

  std::vector<std::deque<Asked>> queues_;  // by model
  std::unordered_map<base::Hash128, std::vector<Asked>, base::Hash128Hasher>
      under_way_;  // who waits for it too
  std::size_t size_ = 0;
};

}  // namespace pipeline
