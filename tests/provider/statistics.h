// What the provider counts, for tests that ask "was anything paid for twice?".
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "base/hash.h"

namespace provider {

class Statistics {
 public:
  void connected() { ++connections_; }
  /// A chat request arrived; `body` names it.
  void asked(const base::Hash128& body);
  /// It holds the reply to a form in a way that the API knows.
  void constrained() { ++constrained_; }
  /// Its response was chosen; 0: none.
  void responded(int status) { ++statuses_[status]; }
  /// A whole reply that a client takes was handed to the kernel.
  void answered(const base::Hash128& body) { ++bodies_[body].answered; }
  /// A request that was asked is over, answered or not.
  void finished() { --in_flight_; }

  void uploaded() { ++files_; }
  void batch_submitted() { ++batches_; }
  /// One line of a batch that was taken.
  void line_submitted(const base::Hash128& body);

  /// {"requests":…, "in_flight":…, "max_in_flight":…, "statuses":{"200":…}, "distinct":…,
  ///  "asked":{"1":…,"2":…}, "answered":{"0":…,"1":…}, "asked_after_answer":…, "constrained":…,
  ///  "connections":…, "batches":{"files":…,"submitted":…,"lines":…,"lines_again":…}, "cpu_ms":…}:
  /// `asked` says how many distinct bodies were asked once, twice …
  std::string json() const;
  /// Forgets all but what is in flight.
  void reset();

 private:
  struct Counts {
    std::uint32_t asked = 0;
    std::uint32_t answered = 0;
  };
  std::uint64_t requests_ = 0;
  std::uint64_t in_flight_ = 0;
  std::uint64_t max_in_flight_ = 0;
  std::uint64_t asked_after_answer_ = 0;
  std::uint64_t constrained_ = 0;
  std::uint64_t connections_ = 0;
  std::uint64_t files_ = 0;
  std::uint64_t batches_ = 0;
  std::uint64_t lines_ = 0;
  double cpu_ms_before_ = 0;
  std::map<int, std::uint64_t> statuses_;
  std::unordered_map<base::Hash128, Counts, base::Hash128Hasher> bodies_;
  std::unordered_set<base::Hash128, base::Hash128Hasher> distinct_lines_;
};

}  // namespace provider
