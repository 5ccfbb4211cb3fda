// The seam between the pipeline and whatever answers requests. Three kinds of model implement it:
// patterns (local_model), LLM APIs (remote_model), a model in this process (local_model).
#pragma once

#include <cstddef>
#include <cstdint>

#include "model/request.h"

namespace model {

/// Names one submitted request to its sink; chosen by the submitter, unique while in flight.
using Ticket = std::uint64_t;

/// Takes outcomes. deliver() is called exactly once per submitted request, from any thread, perhaps
/// before submit() returns. It must not block for long and must not throw.
class OutcomeSink {
 public:
  virtual ~OutcomeSink() = default;
  virtual void deliver(Ticket ticket, Outcome outcome) = 0;
  /// A try of the request brought nothing and may be billed all the same: whether there may be another
  /// one. If not, its outcome is `owed`. As deliver(), but never from within submit().
  virtual bool may_try_again(Ticket) { return true; }
};

/// What the pipeline may count on.
struct Capabilities {
  bool reads_prompt = true;    // false: prefix and tail are not needed, nor rendered
  bool follows_style = true;   // false: rows don't claim the planned style
  bool reuses_prefix = false;  // requests with the same prefix are best made one after the other
  bool embeds = false;         // true: answers Purpose::embed, and nothing else
  bool ranks = false;          // true: answers Purpose::rank, and nothing else
};

class Model {
 public:
  virtual ~Model() = default;
  virtual const ModelIdentity& identity() const = 0;
  virtual Capabilities capabilities() const = 0;
  /// In a few words, for a person: what it is, how large, where.
  virtual std::string describe() const = 0;
  /// How many requests it can usefully hold at once, at least 1.
  virtual std::size_t credits() const = 0;
  /// Before the first submit(): an earlier run had replies from it, so that a single refused request is
  /// that request's fault.
  virtual void note_earlier_answers() {}
  /// Any thread. `request` stays valid and unchanged until its outcome is delivered.
  virtual void submit(Ticket ticket, const Request& request, OutcomeSink& sink) = 0;
  /// Any thread, any number of times: nothing more is begun. What waits for its turn, and what is
  /// submitted from now on, is delivered soon as `owed`; what is in flight arrives.
  virtual void drain() = 0;
  /// Any thread, any number of times: everything in flight, and everything submitted from now on, is
  /// delivered soon, as `owed` where there is no reply.
  virtual void abort() = 0;
};

}  // namespace model
