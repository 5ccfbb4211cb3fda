#include "pipeline/waiting_room.h"

namespace pipeline {

void WaitingRoom::enter(Item* attempt) {
  attempt->missing = 0;
  attempt->owes = false;
  for (std::size_t i = 0; i < attempt->questions.size(); ++i) {
    if (attempt->questions[i].answered) continue;
    queues_[attempt->questions[i].model].push_back({attempt, i});
    ++attempt->missing;
  }
  ++size_;
}

std::optional<WaitingRoom::Asked> WaitingRoom::take(std::size_t model) {
  auto& queue = queues_[model];
  while (!queue.empty()) {
    const Asked asked = queue.front();
    queue.pop_front();
    const auto [found, is_new] = under_way_.try_emplace(asked.attempt->questions[asked.question].key);
    if (is_new) return asked;
    found->second.push_back(asked);
  }
  return std::nullopt;
}

Item* WaitingRoom::back(const Asked& asked, bool answered) {
  const Question& question = asked.attempt->questions[asked.question];
  if (auto others = under_way_.extract(question.key); !others.empty())
    for (const Asked& other : others.mapped()) queues_[question.model].push_front(other);
  return leave(asked, answered);
}

Item* WaitingRoom::leave(const Asked& asked, bool answered) {
  Item& attempt = *asked.attempt;
  if (!answered) attempt.owes = true;
  if (--attempt.missing > 0) return nullptr;
  --size_;
  return &attempt;
}

std::vector<Item*> WaitingRoom::close() {
  std::vector<Item*> done;
  for (auto& queue : queues_) {
    for (const Asked& asked : queue)
      if (Item* attempt = leave(asked, false)) done.push_back(attempt);
    queue.clear();
  }
  return done;
}

}  // namespace pipeline
