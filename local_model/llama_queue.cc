#include "local_model/llama_queue.h"

namespace local_model {

void LlamaQueue::add(const Waiting& waiting) {
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back(waiting);
  }
  changed_.notify_one();
}

void LlamaQueue::drain() {
  {
    const std::lock_guard lock(mutex_);
    draining_ = true;
  }
  changed_.notify_all();
}

void LlamaQueue::abort() {
  {
    const std::lock_guard lock(mutex_);
    draining_ = true;
    aborting_ = true;
  }
  changed_.notify_all();
}

void LlamaQueue::break_down(const std::string& why) {
  {
    const std::lock_guard lock(mutex_);
    if (broken_.empty()) broken_ = why;
  }
  changed_.notify_all();
}

void LlamaQueue::quit() {
  {
    const std::lock_guard lock(mutex_);
    quitting_ = true;
  }
  changed_.notify_all();
}

LlamaQueue::Turn LlamaQueue::next(std::size_t busy, std::size_t prepared, std::size_t places) {
  Turn turn;
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return quitting_ || !queue_.empty() || busy > 0; });
  turn.abort = aborting_;
  turn.refuse = draining_ || !broken_.empty();
  if (turn.refuse) {
    turn.broken = broken_;
    turn.refused.assign(queue_.begin(), queue_.end());
    queue_.clear();
    busy -= prepared;
  } else {
    while (!queue_.empty() && busy + turn.begin.size() < places) {
      turn.begin.push_back(queue_.front());
      queue_.pop_front();
    }
  }
  turn.end = quitting_ && queue_.empty() && turn.begin.empty() && (busy == 0 || turn.abort);
  return turn;
}

}  // namespace local_model
