// A job that makes everything happen at once, and a model for it whose replies are a pure function of
// the request: 15 % faulty candidates, many duplicates, texts that two intents share, a lane that can't
// be filled, attempts that fail, cells filled by their siblings, two catalogues that the models fill, a
// fallback, a judge that is asked in two ways and fails now and then. Outcomes come back from a thread of the
// model's own, in an order shuffled by a seed.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/file.h"
#include "model/model.h"
#include "pipeline/run.h"

namespace pipeline::testing {

/// The job's YAML; the run directory is `directory`/out/hard.
prompts::Job load_hard_job(const base::Path& directory);

class ShuffledModel final : public model::Model {
 public:
  ShuffledModel(std::string name, std::size_t credits, std::uint64_t shuffle_seed);
  ~ShuffledModel() override;

  const model::ModelIdentity& identity() const override { return identity_; }
  model::Capabilities capabilities() const override { return {}; }
  std::string describe() const override { return "a test"; }
  std::size_t credits() const override { return credits_; }
  void submit(model::Ticket ticket, const model::Request& request, model::OutcomeSink& sink) override;
  void drain() override {}
  void abort() override {}

  /// How often each key was asked for.
  std::map<std::string, int> asked() const;

 private:
  struct Waiting {
    model::Ticket ticket;
    const model::Request* request;
    model::OutcomeSink* sink;
  };
  void loop();

  model::ModelIdentity identity_;
  const std::size_t credits_;
  std::uint64_t random_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Waiting> waiting_;
  std::map<std::string, int> asked_;
  bool stopping_ = false;
  std::thread thread_;
};

struct HardRun {
  RunReport report;
  std::map<std::string, int> asked;          // by key, all models
  std::map<std::string, std::string> files;  // rows, rejects, catalogues and release, by name: contents
};

/// Runs the hard job in `directory` to its end.
HardRun run_hard_job(const base::Path& directory, std::size_t threads, std::size_t window,
                     std::uint64_t shuffle_seed, std::size_t most_waiting = 0);

}  // namespace pipeline::testing
