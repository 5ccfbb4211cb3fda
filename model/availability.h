// Whether what answers requests is there: a server that a run starts, and starts again when it dies. Whoever
// sends requests asks before sending, and judges a broken connection by it.
#pragma once

#include <string>

namespace model {

class Availability {
 public:
  enum class State {
    up,      // send
    coming,  // being started: what is sent now is lost; wait
    gone,    // for good; why() says it
  };
  virtual ~Availability() = default;
  /// Any thread, cheap, any number of times: there is something to send. Until then nothing is started.
  virtual void need() = 0;
  /// Any thread, cheap.
  virtual State state() const = 0;
  /// Any thread. gone: what happened and the way out, for a person.
  virtual std::string why() const = 0;
};

}  // namespace model
