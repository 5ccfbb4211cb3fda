// What must not be forgotten about batches, so that no request is ever submitted twice: kept by whoever owns
// the run directory, used by BatchModel. A batch is known before the provider hears of it, by a reference of
// our own that its metadata carries; then by the provider's id.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/hash.h"
#include "base/result.h"

namespace remote_model {

struct StoredBatch {
  std::string reference;
  std::string id;            // the provider's; empty: it may not exist there
  std::size_t requests = 0;  // with which it was submitted
};

class BatchStore {
 public:
  virtual ~BatchStore() = default;

  // Any thread. What is recorded is safe on disk when the call returns.

  /// The last batch that holds the request, whichever model of the job submitted it; false if there is none.
  virtual bool find(const base::Hash128& key, StoredBatch& batch) const = 0;
  /// The batches of a model (its id in the job) that still hold a request without an outcome.
  virtual std::vector<StoredBatch> unfinished(const std::string& model) const = 0;
  /// These requests are about to be submitted.
  virtual base::Status intend(const std::string& reference, const std::string& model,
                              const std::vector<base::Hash128>& keys) = 0;
  virtual base::Status created(const std::string& reference, const std::string& id) = 0;
  /// The provider doesn't have it, or not any more: its requests are in no batch.
  virtual base::Status gone(const std::string& reference) = 0;
};

}  // namespace remote_model
