// What waits for the threads of a model in this process, between submit() and the thread that takes it; and
// the word to stop. Any thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "model/model.h"

namespace local_model {

struct Waiting {
  model::Ticket ticket = 0;
  const model::Request* request = nullptr;
  model::OutcomeSink* sink = nullptr;
  base::Milliseconds since{};
};

class LlamaQueue {
 public:
  void add(const Waiting& waiting);
  /// Nothing begins any more.
  void drain();
  /// Nor does anything go on.
  void abort();
  /// The model can't be used any more.
  void break_down(const std::string& why);
  /// The threads end when everything has its outcome.
  void quit();

  /// What a thread is to do next.
  struct Turn {
    std::vector<Waiting> begin;
    bool refuse = false;  // what hasn't begun, `refused` and what the thread keeps prepared
    std::vector<Waiting> refused;
    std::string broken;  // why it is refused; empty: the run ends
    bool abort = false;  // gives up what is under way, too
    bool end = false;
  };
  /// Waits until there is something to do for a thread that is busy with `busy` requests, of which `prepared`
  /// haven't begun, and has room for `places` in all.
  Turn next(std::size_t busy, std::size_t prepared, std::size_t places);

  /// Set by abort(): a step under way ends at once.
  const std::atomic<bool>& aborting() const { return aborting_; }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Waiting> queue_;
  bool draining_ = false;
  std::atomic<bool> aborting_ = false;
  bool quitting_ = false;
  std::string broken_;
};

}  // namespace local_model
