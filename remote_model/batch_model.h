// A model that is asked in batches: files of requests, which the provider answers within 24 hours at half the
// price. One BatchModel per model of the job with `mode: batch`; it uses the Transport that all share.
//
// Requests are collected until none has come for a second, or a file is full (while other batches are under
// way, for five minutes: the few that follow from each commit shall not be a batch each). batch_runner.h says
// how a file becomes a batch and why nothing is ever submitted twice. A request that a known batch holds is
// not submitted, it waits for that batch: so an interrupted run finds its requests again.
//
// What the results say: a reply; 400, 413, 422 fail a request for good; what else went wrong, a batch that
// expired, a line that is missing: the request goes into another batch, three in all. 401, 404 and the like,
// and a batch that the provider refuses or somebody cancels, make the model unusable, with one message.
//
// Stopping (drain or abort) leaves batches running at the provider and delivers everything as owed at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "model/model.h"
#include "remote_model/batch_store.h"
#include "remote_model/remote_model.h"

namespace remote_model {

struct BatchSpec {
  RemoteSpec remote;  // `in_flight`: requests in batches at once
  double pace = 1;    // every wait is multiplied by it; for tests
};

/// For a person who waits.
struct BatchProgress {
  std::size_t batches = 0;
  std::size_t requests = 0;  // in them, without an outcome
  std::size_t done = 0;      // of these, as the provider says
};

class BatchModel final : public model::Model {
 public:
  /// Refuses what RemoteModel::make refuses, and providers without a batch API. Sends nothing.
  static base::Result<std::unique_ptr<BatchModel>> make(BatchSpec spec, Transport& transport);
  ~BatchModel() override;

  /// Before the first submit(). `note`: something a person should know, from any thread.
  void begin(BatchStore& store, std::function<void(const std::string&)> note);
  /// After the last outcome: the store is not used any more.
  void end();

  /// Instead of a run: asks the provider to cancel every unfinished batch and waits for its answers. From
  /// then on nothing is submitted; what the batches had finished is still fetched, all else is owed.
  /// `interrupted` is asked some times a second whether to wait no longer. An error: the provider can't be
  /// asked.
  base::Status cancel_all(const std::function<bool()>& interrupted);

  /// Any thread.
  BatchProgress progress() const;

  const model::ModelIdentity& identity() const override;
  model::Capabilities capabilities() const override;
  std::string describe() const override;
  std::size_t credits() const override;
  void note_earlier_answers() override;
  void submit(model::Ticket ticket, const model::Request& request, model::OutcomeSink& sink) override;
  void drain() override;
  void abort() override;

 private:
  struct Impl;
  explicit BatchModel(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;  // shared with the callbacks that the transport still holds
};

}  // namespace remote_model
