// Takes one batch after the other through its life at the provider, each stage retried as long as that makes
// sense:
//
//   intend (on disk) -> upload -> create -> id (on disk) -> look … look -> fetch the results
//
// Where it isn't known whether a batch was created (killed, or no answer, in between), the provider's list is
// searched for the reference in the batch's metadata, twice, before it is created again. That, and the two
// records on disk, is why nothing is submitted twice. What waits for the batch, and what its results mean, is
// BatchModel's business, which derives from this.
//
// Everything runs on the transport's io thread, except where it says otherwise. Memory: the lines of a file,
// twice while it is uploaded; the whole file of results while it is read.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "remote_model/access.h"
#include "remote_model/batch.h"
#include "remote_model/batch_protocol.h"
#include "remote_model/batch_store.h"
#include "remote_model/dialect.h"
#include "remote_model/remote_model.h"
#include "remote_model/transport.h"

namespace remote_model {

class BatchRunner : public std::enable_shared_from_this<BatchRunner> {
 public:
  using Note = std::function<void(const std::string&)>;

  /// `pace`: every wait is multiplied by it.
  BatchRunner(RemoteSpec spec, const BatchRules& rules, Access access, Transport& transport, double pace);
  virtual ~BatchRunner() = default;

  /// Any thread, before the first batch.
  void begin(BatchStore& store, Note note);
  /// Any thread: nothing more is done, and the store is not used any more. True the first time.
  bool end();

  /// Any thread. Goes on with the batch's stage after `delay`.
  void advance_after(base::Milliseconds delay, const BatchPtr& batch);

 protected:
  /// The batch is over, and `state` and `results` hold; or it was to be cancelled, and the provider has
  /// answered.
  virtual void over(const BatchPtr& batch) = 0;
  /// An earlier call meant to submit it, and the provider never got it.
  virtual void missing(const BatchPtr& batch) = 0;
  /// The provider can't be used any more; end() was called.
  virtual void unusable(const std::string& message) = 0;
  /// The transport stops.
  virtual void transport_stops() = 0;

  std::string name() const;  // of the model, for messages
  void say(const std::string& text) const;
  base::Milliseconds paced(base::Milliseconds wait) const;
  /// The last batch of a key, from the store; false after end().
  bool find_stored(const base::Hash128& key, StoredBatch& batch) const;
  std::vector<StoredBatch> unfinished() const;
  void give_up(const std::string& message);

  const RemoteSpec spec_;
  const BatchRules& rules_;
  const Access access_;
  const Dialect& dialect_;
  Transport& transport_;

 private:
  void advance(const BatchPtr& batch);
  void on_answer(const BatchPtr& batch, HttpResponse response);
  bool take(const BatchPtr& batch, const std::string& body);
  void trouble(const BatchPtr& batch, const HttpResponse& response);
  void became(const BatchPtr& batch, const std::string& id);
  void search_on(const BatchPtr& batch, const BatchPage& page);
  void not_found(const BatchPtr& batch);
  void looked(const BatchPtr& batch, BatchState state);
  void fetch(const BatchPtr& batch, Batch::Stage stage);
  bool ended() const;
  /// Under the lock that end() takes; does nothing after it.
  base::Status record(const std::function<base::Status(BatchStore&)>& write);

  const double pace_;
  Note note_;
  bool reached_ = false;      // the provider has answered something
  mutable std::mutex mutex_;  // guards store_ and ended_
  BatchStore* store_ = nullptr;
  bool ended_ = false;
};

}  // namespace remote_model
