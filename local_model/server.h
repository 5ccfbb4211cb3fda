// A server of models that a run starts when it first has something to ask, watches, starts again when it
// dies, and ends. One thread per server does it all: it looks whether the port is free, starts the program
// (process_tree.h), polls the health address, says what the server lists, and waits for its death.
//
// A server that dies before it was ever ready is gone: starting it again would end the same way. Later
// it is started again after a pause that doubles, with nothing of its old processes left; after kMostDeaths
// deaths in a row, none of them after a steady minute of service, it is gone, too. While it is coming back
// requests wait (model/availability.h); they are neither lost nor failed.
//
// What program and server say stands in the log, behind a line per start; messages quote its end.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/file.h"
#include "model/availability.h"

namespace local_model {

constexpr int kMostDeaths = 5;

/// A model of the job that the server answers for.
struct ServedModel {
  std::string id;
  std::string name;  // as the server knows it
  std::string base_url;
};

struct ServerSpec {
  std::vector<std::string> command;
  std::map<std::string, std::string> environment;  // added to this process's own
  std::string health;                              // empty: base_url/models of the first model
  std::vector<ServedModel> models;                 // at least one
  double timeout_seconds = 600;                    // until it is ready, each time
  base::Path log;
  base::Milliseconds pause{1000};     // before it is started again; doubles with each death in a row
  base::Milliseconds steady{60'000};  // so long ready, and deaths count from one again
};

class Server final : public model::Availability {
 public:
  explicit Server(ServerSpec spec);
  /// Ends it, if that isn't done yet.
  ~Server() override;

  /// Before need(): `note` is told what a person should know, from the server's thread.
  void on_note(std::function<void(const std::string&)> note);
  void need() override;
  State state() const override;
  std::string why() const override;
  /// Any thread: begins to end it, for good. One that isn't ready yet is killed at once.
  void stop();
  /// Behind stop(): waits until no process of the server is left, for 15 seconds at most.
  void wait();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace local_model
