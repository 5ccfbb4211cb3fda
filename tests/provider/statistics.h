// What the provider counts, for tests that ask "was anything paid for twice?".
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>

#include "base/hash.h"

namespace provider {

class Statistics {
 public:
  /// A chat request arrived; `body` names it.
  void asked(const base::Hash128& body);
  /// Its response was chosen.
  void responded(int status) { ++statuses_[status]; }
  /// A whole reply with status 200 was handed to the kernel.
  void answered(const base::Hash128& body) { ++bodies_[body].answered; }
  /// A request that was asked is over, answered or not.
  void finished() { --in_flight_; }

  std::uint64_t requests() const { return requests_; }
  /// {"requests":…, "in_flight":…, "max_in_flight":…, "statuses":{"200":…}, "distinct":…,
  ///  "asked":{"1":…,"2":…}, "answered":{"0":…,"1":…}, "cpu_ms":…}: `asked` says how many distinct
  /// bodies were asked once, twice …
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
  double cpu_ms_before_ = 0;
  std::map<int, std::uint64_t> statuses_;
  std::unordered_map<base::Hash128, Counts, base::Hash128Hasher> bodies_;
};

}  // namespace provider
