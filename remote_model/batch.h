// One batch on its way: the requests that wait for it, the stage it is at, the HTTP request of that stage,
// and what a line of its results means. And BatchCollector, which decides when a file is closed. Plain data
// and pure functions without threads; BatchRunner and BatchModel move them.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/hash.h"
#include "model/model.h"
#include "remote_model/access.h"
#include "remote_model/batch_protocol.h"
#include "remote_model/dialect.h"
#include "remote_model/retry_policy.h"
#include "remote_model/transport.h"

namespace remote_model {

struct BatchItem {
  model::Ticket ticket = 0;
  const model::Request* request = nullptr;
  model::OutcomeSink* sink = nullptr;
  int tries = 0;  // batches of this call that left it without an answer
};

using BatchItems = std::unordered_map<base::Hash128, BatchItem, base::Hash128Hasher>;

struct Batch {
  enum class Stage {
    intend,  // to be recorded
    upload,
    create,
    search,  // in the provider's list, for its reference
    look,    // at its state
    output,  // fetch the file of answers
    errors,  // fetch the file of errors
    cancel,
  };
  // Of BatchRunner, on the io thread.
  std::string reference;
  std::string id;  // the provider's; empty: not known
  Stage stage = Stage::intend;
  std::vector<base::Hash128> keys;  // until it is intended
  std::vector<std::string> lines;   // until they are uploaded
  std::string file;                 // the uploaded one; empty: of an earlier call, or not yet
  std::string after;                // where the search goes on
  bool cancelling = false;          // its only purpose; no request waits for it
  bool watched = false;             // it was under way in this call: a bad end is news
  BatchState state;
  std::vector<BatchLine> results;
  std::size_t size = 0;  // requests
  int looks = 0;
  int searches = 0;
  int failures = 0;  // of the stage, in a row
  base::Milliseconds failing_since{0};
  // For who asks how far it is.
  std::atomic<bool> submitted{false};
  std::atomic<std::int64_t> done{0};

  BatchItems items;  // wait for its results; BatchModel's, under its lock

  std::uint64_t seed() const { return base::hash64(reference); }
};

using BatchPtr = std::shared_ptr<Batch>;

/// What the batch's stage asks of the provider. Uploads and results have time by their size.
HttpRequest batch_request(const Batch& batch, const BatchRules& rules, const Access& access,
                          double timeout_seconds);

/// The answer that a line stands for, as if it had come by itself.
HttpResponse line_response(const BatchLine& line);
Verdict line_verdict(const BatchLine& line, const Dialect& dialect);
/// The outcome of a line that is a reply; secrets in it are masked.
model::Outcome line_reply(ChatAnswer answer, const Dialect& dialect, const std::vector<std::string>& secrets);

/// Requests that become the next file. A file is closed when it is full, when no request has come for kQuiet,
/// or, while other batches are under way, kQuietWhileWaiting after its first: what trickles in shall not be a
/// batch each.
class BatchCollector {
 public:
  static constexpr base::Milliseconds kQuiet{1000};
  static constexpr base::Milliseconds kQuietWhileWaiting{5 * 60 * 1000};

  /// Waits are multiplied by `pace`.
  BatchCollector(std::size_t most_requests, std::size_t most_bytes, double pace)
      : most_requests_(most_requests), most_bytes_(most_bytes), pace_(pace) {}

  bool empty() const { return items_.empty(); }
  /// Whether a line of `bytes` needs a new file; close() this one first.
  bool needs_new_file(std::size_t bytes) const { return bytes_ + bytes > most_bytes_; }
  bool is_full() const { return items_.size() >= most_requests_; }
  void add(BatchItem item, std::string line, base::Milliseconds now);
  bool is_due(base::Milliseconds now, bool others_under_way) const;
  /// The next batch, under a new reference.
  BatchPtr close();
  std::vector<BatchItem> take_all();

 private:
  const std::size_t most_requests_;
  const std::size_t most_bytes_;
  const double pace_;
  std::vector<BatchItem> items_;
  std::vector<std::string> lines_;
  std::size_t bytes_ = 0;
  base::Milliseconds first_{0};
  base::Milliseconds last_{0};
};

}  // namespace remote_model
